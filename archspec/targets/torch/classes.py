"""Blocks to classes: the uses of a block that read the same in Python share one class, whatever their numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from archspec.analysis.inferred import Inferred, Key
from archspec.expressions import Expression
from archspec.expressions.polynomial import TooLong
from archspec.expressions.symbols import Ledger, Symbol, variable
from archspec.ir.aligned import Differ
from archspec.ir.network import Network
from archspec.ir.node import IN, Value
from archspec.targets.torch.bindings import Decides
from archspec.targets.torch.block_class import BlockClass, Body
from archspec.targets.torch.branch_names import with_names
from archspec.targets.torch.influence import NOTHING, Given, Reach, reaching
from archspec.targets.torch.items import Item, Made, Placed, calls_in, every_item
from archspec.targets.torch.names import USED, Names
from archspec.targets.torch.parameters import words_of
from archspec.targets.torch.places import Place
from archspec.targets.torch.walk import Walk

CHANNELS = "in_channels"
MOST_KINDS = 12
"""Classes of one block that are laid side by side, each with each: no block of a paper has more."""


class Program(NamedTuple):
    """A network of the file, as its classes need it."""

    network: Network
    inferred: Inferred
    kept: Mapping[str, Symbol]
    """Its parameters that are arguments."""
    reach: Mapping[Key, Reach]
    """What depends on arguments: such conditions are kept in the code."""
    closed: frozenset[str]
    """The arguments that only ever have the values of known networks."""


class Classes:
    """All classes of the blocks of one network, or of several, in the order in which they need each other."""

    def __init__(
        self, programs: Sequence[Program], taken: frozenset[str], names: Names, copied: frozenset[str]
    ) -> None:
        self._programs, self._taken, self._names = programs, taken, names
        self._copied = copied
        """The classes that ops bring along."""
        self.uses: list[dict[Key | None, Mapping[Key, Given]]] = [{} for _ in programs]
        """The uses of blocks in each use of a block, for each network."""
        self.called: list[dict[Key, dict[str, str]]] = [{} for _ in programs]
        """What the parameters of each use of a block are called in its class, for each network."""
        self._words = words_of([program.network for program in programs])
        self._keys: dict[str, list[Placed]] = {}
        for i, program in enumerate(programs):
            for key in program.inferred.inside:
                self._keys.setdefault(program.network.blocks[key.block].name, []).append((i, key))
        self.made: list[BlockClass] = []
        self._of: dict[Placed, BlockClass] = {}
        self._reading: dict[tuple[object, ...], BlockClass] = {}

    def walk_of(
        self,
        i: int,
        values: Mapping[str, Any],
        ledger: Ledger,
        fixed: bool,
        reach: Reach = {},
        hidden: Mapping[str, frozenset[str]] = {},
        outer: Mapping[str, Any] | None = None,
        asked: frozenset[Expression] = frozenset(),
    ) -> Walk:
        """What walks steps of a network of the file, whose blocks have their classes here."""
        return Walk(
            self._programs[i].network,
            values,
            ledger,
            self._taken,
            self._find,
            i,
            fixed=fixed,
            reach=reach,
            hidden=hidden,
            closed=self._programs[i].closed,
            outer=outer,
            asked=asked,
        )

    def _find(self, use: Placed) -> BlockClass:
        """The class of one use."""
        if use not in self._of:
            i, key = use
            self._make(self._programs[i].network.blocks[key.block].name)
        return self._of[use]

    def _make(self, name: str) -> None:
        """The classes of the block of that name, for all its uses.

        Where one use asks a condition on which widths hang, all are written so, once it is known.
        """
        uses, asked = self._keys[name], frozenset[Expression]()
        few = len({self._kind(use) for use in uses}) <= MOST_KINDS
        while True:
            found: dict[tuple[object, ...], list[BlockClass]] = {}
            chosen = []
            for use in uses:
                body = self._walked(*use, asked)
                self._join(found, use, body, few)
                chosen.append(body.chosen)
            if all(each == chosen[0] for each in chosen):
                break
            asked = asked.union(*chosen)
        one = _as_few([*dict.fromkeys(self._of[use] for use in uses)])
        for use in uses:
            self._of[use] = one[self._of[use]]
        for of in dict.fromkeys(self._of[use] for use in uses):
            of.settle()
            same = self._kept(of)
            if same is not of:
                self._of |= {use: same for use in uses if self._of[use] is of}

    def _join(self, found: dict[tuple[object, ...], list[BlockClass]], use: Placed, body: Body, few: bool) -> None:
        """Put a use to those of the block that read like it; of few kinds, those alone that are fixed alike."""
        i, key = use
        block = self._programs[i].network.blocks[key.block]
        words = {name: value for name, value in self._words[i].items() if name not in block.parameters}
        alike = found.setdefault((*body.skeleton, self._kind(use) if few else None), [])
        of = next((c for c in alike if c.joins(use, block, body, words)), None)
        if of is None:
            of = BlockClass(block, use, body, words)
            alike.append(of)
        self._of[use] = of

    def _kind(self, use: Placed) -> tuple[Value, ...]:
        """What is fixed in a use of a block, and in its network."""
        i, key = use
        return key.block, *self._words[i].values()

    def _kept(self, of: BlockClass) -> BlockClass:
        """The class, or one that is there and like it, such as that of another word that nothing asks for."""
        same = self._reading.setdefault(of.reading, of)
        if same is of:
            self.made.append(of)
        else:
            same.absorb(of)
        return same

    def finish(self, items: Sequence[Item]) -> None:
        """Leave the classes that these items use, and name them."""
        used = set(used_by(items))
        self.made = [of for of in self.made if of in used]
        for of in self.made:
            of.items = with_names(of.items)
            self._names.reserve(of.names)
        calls = calls_in(item for of in self.made for item in of.items)
        of_torch = {call.target.removeprefix("nn.") for call in calls if call.target.startswith("nn.")}
        counts = Counter[str]()
        for of in self.made:
            counts[of.block.name] += 1
            title = of.block.name
            if Names().class_name(title) in of_torch:  # MobileNetV3's table has a block `conv2d`
                title += "_block"
            of.name = self._names.class_name(_lettered(title, counts[of.block.name]), "Block")

    def _walked(self, i: int, key: Key, asked: frozenset[Expression] = frozenset()) -> Body:
        """The body of a block over symbols of its parameters; over numbers where those grow too long."""
        ledger = Ledger()
        try:
            return self._over(i, key, self._symbols(i, key, ledger), ledger, asked)
        except Decides:
            raise
        except TooLong:
            if kept := self._programs[i].kept:  # which would not reach the numbers
                raise TooLong(frozenset[str]().union(*(value.names for value in kept.values()))) from None
            return self._over(i, key, {}, Ledger(), asked)

    def _symbols(self, i: int, key: Key, ledger: Ledger) -> dict[str, Any]:
        """Symbols for what the constructor may take: the channels that enter, and parameters."""
        names = Names(USED | {CHANNELS} | self._copied)
        formals: dict[str, Any] = {IN: variable(CHANNELS, key.x.channels, ledger)}
        for name, value in key.args:
            formals[name] = variable(names.identifier(name, "parameter"), value, ledger)
        for name, symbol in self._programs[i].kept.items():
            if name not in formals:
                formals[name] = variable(names.identifier(name, "parameter"), symbol.value, ledger)
        return formals

    def _over(self, i: int, key: Key, formals: dict[str, Any], ledger: Ledger, asked: frozenset[Expression]) -> Body:
        network, _, kept, reached, _ = self._programs[i]
        values = {**network.parameters, **dict(key.args), **formals}
        reach = reached.get(key, {})
        hidden = {name: symbol.names for name, symbol in kept.items() if name in dict(key.args)}
        outer = network.parameters | {name: formals[name] for name in kept.keys() - dict(key.args).keys()}
        walk = self.walk_of(i, values, ledger, fixed=False, reach=reach, hidden=hidden, outer=outer, asked=asked)
        channels = formals.get(IN, key.x.channels)
        items, end = walk.steps(network.blocks[key.block].steps, Place(key.x._replace(channels=channels)))
        self.uses[i][key] = walk.uses
        self.called[i][key] = {name: str(symbol.text) for name, symbol in formals.items()}
        deciding = NOTHING.union(*(reaching(comparison, reach) for comparison in ledger.decided))
        if deciding:
            raise Decides(deciding)  # for other arguments the values may decide otherwise
        return Body(formals, items, end, ledger.decided, walk.chosen)


def _as_few(classes: Sequence[BlockClass]) -> dict[BlockClass, BlockClass]:
    """Each class of a block with the one that stands for it and for others, which differ in what is fixed in them."""
    groups: list[list[BlockClass]] = []
    made: list[BlockClass] = []
    for of in classes if len(classes) <= MOST_KINDS else ():
        for at, group in enumerate(groups):
            try:
                made[at] = BlockClass.of_all([*group, of])
            except Differ:
                continue
            group.append(of)
            break
        else:
            groups.append([of])
            made.append(of)
    return {of: of for of in classes} | {of: one for group, one in zip(groups, made, strict=True) for of in group}


def _lettered(name: str, count: int) -> str:
    """The name of a block as that of a class: ``Inception``, and ``InceptionB`` for one of other layers."""
    title = name.upper() if len(name) == 2 else name  # the abbreviation `se` in capitals
    return title + (chr(ord("A") + count - 1) if 1 < count <= 26 else "")


def used_by(items: Sequence[Item]) -> list[BlockClass]:
    """The classes that items use, each behind those that it uses itself."""
    found: dict[BlockClass, None] = {}
    _note_used(items, found)
    return list(found)


def _note_used(items: Sequence[Item], found: dict[BlockClass, None]) -> None:
    for item in every_item(items):
        if isinstance(item, Made) and item.of not in found:
            assert isinstance(item.of, BlockClass)
            _note_used(item.of.items, found)
            found[item.of] = None
