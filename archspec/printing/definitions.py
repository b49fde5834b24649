"""The blocks of a text: one for all that a name has become where they are one with parameters, else one for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from archspec.ir.aligned import Differ
from archspec.ir.network import Arg, Block, Group, Instance, Network
from archspec.ir.walking import every_step, steps_of
from archspec.printing.called import Called, Uses
from archspec.printing.generic import Kinds
from archspec.printing.names import described, named, used_blocks

MOST_TOGETHER = 50
"""Blocks of one name that are compared: papers have some ten."""


class Formal(NamedTuple):
    """A parameter of a block, and its default."""

    name: str
    default: Arg | None = None


class Written(NamedTuple):
    """One block of a text: its name, its parameters and its steps, and the block of the network that it is."""

    name: str
    of: str
    formals: Sequence[Formal]
    steps: Sequence[Any]

    @property
    def switches(self) -> list[str]:
        """The parameters that are yes or no."""
        return [f.name for f in self.formals if f.default is not None and isinstance(f.default.value, bool)]


class Definitions(Uses):
    """The blocks of a network as a text defines them; ``together`` where blocks of one name may be one block."""

    def __init__(self, network: Network, together: bool = True) -> None:
        self._blocks = {key: network.blocks[key] for key in used_blocks(network)}
        self._ruled, self._is_whole = _targets(network), together
        groups: dict[str, list[str]] = {}
        for key, block in self._blocks.items():
            groups.setdefault(block.name if together else key, []).append(key)
        self._of: dict[str, Written] = {}
        taken = [*network.parameters]
        for group in _in_order(groups, self._blocks):
            for written, keys in self._made(group, taken):
                taken.append(written.name)
                self._of |= dict.fromkeys(keys, written)
        self.written = [*{id(self._of[key]): self._of[key] for key in self._blocks}.values()]
        """The blocks in the order in which they are first used, those inside others first."""

    def of(self, step: Instance) -> Called:
        written, block = self._of[step.block], self._blocks[step.block]
        formals = {formal.name: formal.default for formal in written.formals}
        fixed = {name: Arg(value=value) for name, value in block.fixed.items() if name in formals}
        said = {name: arg for name, arg in fixed.items() if not _same(formals[name], arg)}
        return Called(written.name, {**step.args, **said}, block.name, [*formals], written.switches)

    def whole(self, step: Instance) -> Called:
        """A use with all that is fixed in its block."""
        if step.block not in self._of:
            raise Differ  # a block that uses another of its own name
        written, block = self._of[step.block], self._blocks[step.block]
        formals = [formal.name for formal in written.formals]
        fixed = {name: Arg(value=value) for name, value in block.fixed.items() if name in formals}
        return Called(written.name, {**step.args, **fixed}, block.name, formals, written.switches)

    def _made(self, keys: Sequence[str], taken: Sequence[str]) -> list[tuple[Written, Sequence[str]]]:
        """The one block of a name, or one for each of its keys."""
        blocks = [self._blocks[key] for key in keys]
        several = not self._is_whole and sum(b.name == blocks[0].name for b in self._blocks.values()) > 1
        wanted = described(blocks[0].name, blocks[0].fixed) if several else blocks[0].name
        try:
            name = named({keys[0]: wanted}, taken)[keys[0]]
            return [(self._together(name, blocks), keys)]
        except Differ:
            names = named({key: described(b.name, b.fixed) for key, b in zip(keys, blocks, strict=True)}, taken)
        return [(_alone(names[key], block), [key]) for key, block in zip(keys, blocks, strict=True)]

    def _together(self, name: str, blocks: Sequence[Block]) -> Written:
        if len(blocks) > MOST_TOGETHER:
            raise Differ
        kinds = Kinds(blocks, self._ruled.__contains__, self.whole)
        steps = kinds.steps()
        open_ = dict.fromkeys(name for block in blocks for name in block.parameters)
        formals = [Formal(each, kinds.default(each)) for each in open_]
        fixed = dict.fromkeys(name for block in blocks for name in block.fixed if name in kinds.needed)
        formals += [Formal(each, _usual(each, blocks)) for each in fixed if each not in open_]
        return Written(name, blocks[0].name, formals, steps)


def _alone(name: str, block: Block) -> Written:
    """A block by itself, with the values that are fixed in it."""
    return Written(name, block.name, [Formal(each, default) for each, default in block.parameters.items()], block.steps)


def _usual(name: str, blocks: Sequence[Block]) -> Arg:
    """The default of a parameter that is fixed in all: no, or what it is in most."""
    values = [block.fixed[name] for block in blocks if name in block.fixed]
    if len(values) < len(blocks):
        raise Differ
    if all(isinstance(value, bool) for value in values):
        return Arg(value=False)
    return Arg(value=Counter(values).most_common(1)[0][0])


def _same(default: Arg | None, arg: Arg) -> bool:
    return default is not None and type(default.value) is type(arg.value) and default == arg


def _targets(network: Network) -> set[str]:
    """The layers and blocks that have a rule: a parameter that stood for one would have it too."""
    return {step.rule for step in steps_of(network) if isinstance(step, Group)}


def _in_order(groups: Mapping[str, Sequence[str]], blocks: Mapping[str, Block]) -> list[Sequence[str]]:
    """The groups, each behind those that its blocks use, as far as they do not use one another."""
    of = {key: name for name, keys in groups.items() for key in keys}
    found: dict[str, Sequence[str]] = {}
    begun: set[str] = set()

    def add(name: str) -> None:
        begun.add(name)
        for key in groups[name]:
            for step in every_step(blocks[key].steps):
                if isinstance(step, Instance) and of[step.block] not in begun:
                    add(of[step.block])
        found[name] = groups[name]

    for name in groups:
        if name not in begun:
            add(name)
    return [*found.values()]
