"""Blocks to classes: the uses of a block that read the same in Python share one class, whatever their numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from archspec.analysis.inferred import Inferred, Key
from archspec.expressions.polynomial import TooLong
from archspec.expressions.symbols import Ledger, variable
from archspec.ir.network import Network
from archspec.ir.node import IN
from archspec.targets.torch.bindings import Decides
from archspec.targets.torch.block_class import BlockClass, Body
from archspec.targets.torch.influence import NOTHING, Given, Reach, reaching
from archspec.targets.torch.items import (
    Item,
    Made,
    Place,
    every_item,
)
from archspec.targets.torch.names import USED, Names
from archspec.targets.torch.walk import Walk

CHANNELS = "in_channels"


class Classes:
    """All classes of a network's blocks, in the order in which they need each other."""

    def __init__(
        self,
        network: Network,
        inferred: Inferred,
        kept: Mapping[str, Any],
        taken: frozenset[str],
        names: Names,
        copied: frozenset[str],
        reach: Mapping[Key, Reach],
    ) -> None:
        self._network, self._kept, self._taken, self._names = network, kept, taken, names
        self._copied, self._reach = copied, reach
        """The classes that ops bring along, and what depends on arguments: such conditions are kept in the code."""
        self.uses: dict[Key | None, Mapping[Key, Given]] = {}
        """The uses of blocks in each use of a block."""
        self.called: dict[Key, dict[str, str]] = {}
        """What the parameters of each use of a block are called in its class."""
        self._keys: dict[str, list[Key]] = {}
        for key in inferred.inside:
            self._keys.setdefault(key.block, []).append(key)
        self.made: list[BlockClass] = []
        self._of: dict[Key, BlockClass] = {}
        self._reading: dict[tuple[object, ...], BlockClass] = {}

    def find(self, key: Key) -> BlockClass:
        """The class of one use."""
        if key not in self._of:
            self._make(key.block)
        return self._of[key]

    def _make(self, name: str) -> None:
        """The classes of one block, for all its uses."""
        block = self._network.blocks[name]
        found: dict[tuple[object, ...], list[BlockClass]] = {}
        for key in self._keys[name]:
            body = self._walked(key)
            alike = found.setdefault(body.skeleton, [])
            of = next((c for c in alike if c.joins(key, body)), None)
            if of is None:
                of = BlockClass(block, key, body)
                alike.append(of)
            self._of[key] = of
        for of in dict.fromkeys(self._of[key] for key in self._keys[name]):
            of.settle()
            self._keep(of)

    def _keep(self, of: BlockClass) -> None:
        """Keep a class, unless there is one like it, such as that of another word that nothing asks for."""
        same = self._reading.setdefault(of.reading, of)
        if same is of:
            self.made.append(of)
            return
        same.absorb(of)
        self._of |= dict.fromkeys(of.uses, same)

    def finish(self, items: Sequence[Item]) -> None:
        """Leave the classes that these items use, and name them."""
        used = set[int]()
        _note_used(items, used)
        self.made = [of for of in self.made if id(of) in used]
        for of in self.made:
            self._names.reserve(of.names)
        counts = Counter[str]()
        for of in self.made:
            counts[of.block.name] += 1
            of.name = self._names.class_name(_lettered(of.block.name, counts[of.block.name]), "Block")

    def _walked(self, key: Key) -> Body:
        """The body of a block over symbols of its parameters; over numbers where those grow too long."""
        ledger = Ledger()
        try:
            return self._over(key, self._symbols(key, ledger), ledger)
        except Decides:
            raise
        except TooLong:
            if self._kept:  # which would not reach the numbers
                raise TooLong(self._kept_names) from None
            return self._over(key, {}, Ledger())

    @property
    def _kept_names(self) -> frozenset[str]:
        return frozenset[str]().union(*(value.names for value in self._kept.values()))

    def _symbols(self, key: Key, ledger: Ledger) -> dict[str, Any]:
        """Symbols for what the constructor may take: the channels that enter, and parameters."""
        names = Names(USED | {CHANNELS} | self._copied)
        formals: dict[str, Any] = {IN: variable(CHANNELS, key.x.channels, ledger)}
        for name, value in key.args:
            formals[name] = variable(names.identifier(name, "parameter"), value, ledger)
        for name, symbol in self._kept.items():
            if name not in formals:
                formals[name] = variable(names.identifier(name, "parameter"), symbol.value, ledger)
        return formals

    def _over(self, key: Key, formals: dict[str, Any], ledger: Ledger) -> Body:
        block = self._network.blocks[key.block]
        values = {**self._network.parameters, **dict(key.args), **formals}
        reach = self._reach.get(key, {})
        hidden = {name: symbol.names for name, symbol in self._kept.items() if name in dict(key.args)}
        walk = Walk(self._network, values, ledger, self._taken, self.find, fixed=False, reach=reach, hidden=hidden)
        channels = formals.get(IN, key.x.channels)
        items, end = walk.steps(block.steps, Place(key.x._replace(channels=channels)))
        self.uses[key], self.called[key] = walk.uses, {name: str(symbol.text) for name, symbol in formals.items()}
        deciding = NOTHING.union(*(reaching(comparison, reach) for comparison in ledger.decided))
        if deciding:
            raise Decides(deciding)  # for other arguments the values may decide otherwise
        return Body(formals, items, end, ledger.decided)


def _lettered(name: str, count: int) -> str:
    """The name of a block as that of a class: ``Inception``, and ``InceptionB`` for one of other layers."""
    title = name.upper() if len(name) == 2 else name  # the abbreviation `se` in capitals
    return title + (chr(ord("A") + count - 1) if 1 < count <= 26 else "")


def _note_used(items: Sequence[Item], used: set[int]) -> None:
    """Note the classes that items use, and those that these use."""
    for item in every_item(items):
        if isinstance(item, Made) and id(item.of) not in used:
            used.add(id(item.of))
            _note_used(item.of.items, used)
