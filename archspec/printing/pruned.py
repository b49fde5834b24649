"""A network without blocks that nothing uses, or that are others, and without parameters that nothing in them needs."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.ir.network import Apply, Block, Instance, Network, Step, names_of
from archspec.ir.rewriting import Rewriting
from archspec.ir.walking import args_of, every_step
from archspec.printing.names import used_blocks


def pruned(network: Network) -> Network:
    """The network as the language would have it without a warning."""
    needed: dict[str, frozenset[str]] = {}
    for key in used_blocks(network):
        needed[key] = _needed(network.blocks[key], needed)
    pruning = _Pruning(needed)
    for key in needed:
        pruning.add(key, network.blocks[key])
    return network.replaced(
        blocks=pruning.blocks,
        rows=pruning.each(network.rows, pruning.row),
        heads=pruning.each(network.heads, pruning.head),
        misprints=pruning.each(network.misprints, pruning.misprint),
    )


def _needed(block: Block, inner: dict[str, frozenset[str]]) -> frozenset[str]:
    """The parameters that the layers of a block depend on, or the defaults of those that do."""
    found = {*_named(block.steps, inner)}
    for name, default in reversed(block.parameters.items()):
        if name in found and default is not None:
            found |= default.names
    return frozenset(found & block.parameters.keys())


def _named(steps: Iterable[Step], inner: dict[str, frozenset[str]]) -> Iterable[str]:
    for step in every_step(steps):
        args = args_of(step)
        if isinstance(step, Instance):
            args = {name: arg for name, arg in args.items() if name in inner[step.block]}
        yield from names_of(args)


class _Pruning(Rewriting):
    """Takes arguments away that no layer needs."""

    def __init__(self, needed: dict[str, frozenset[str]]) -> None:
        self._needed = needed
        self._keys: dict[str, str] = {}
        """The block that each is, of those that read the same the first."""
        self._first: dict[str, str] = {}
        self.blocks: dict[str, Block] = {}

    def add(self, key: str, block: Block) -> None:
        """Keep a block with the parameters that it needs, after those that it uses."""
        parameters = {name: default for name, default in block.parameters.items() if name in self._needed[key]}
        made = self.block(block if len(parameters) == len(block.parameters) else block.replaced(parameters=parameters))
        first = self._first.setdefault(repr((made.name, made.parameters, made.steps)), key)
        self._keys[key] = first
        also = self.blocks.setdefault(first, made)
        if also.fixed != made.fixed:
            alike = {name: value for name, value in also.fixed.items() if made.fixed.get(name) == value}
            self.blocks[first] = also.replaced(fixed=alike)

    def layer(self, step: Apply | Instance) -> Apply | Instance:
        if isinstance(step, Apply):
            return step
        needed, key = self._needed[step.block], self._keys[step.block]
        if key == step.block and step.args.keys() <= needed:
            return step
        return step.replaced(block=key, args={name: arg for name, arg in step.args.items() if name in needed})
