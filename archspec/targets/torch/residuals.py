"""Which branch of a block is the residual one, that a norm ends: recipes start the scale of that norm at zero."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archspec.ir.network import Block, Branches, Instance, Network, Step, When
from archspec.ir.walking import applied, every_step
from archspec.op import Call, Op, Weighted
from archspec.recipe.facts import Residual
from archspec.targets.torch.assemble import Assembly
from archspec.targets.torch.block_class import BlockClass
from archspec.targets.torch.functions import lifted
from archspec.targets.torch.items import Again, Fork, Item, Leaf, Made, Maybe, Ruled, settled


def residuals(of: BlockClass, network: Network, assembly: Assembly) -> Iterator[Residual]:
    """The residual branches of a class that adds branches, as far as a norm with a scale may end them.

    A shortcut that projects ends with a norm as well; the residual branches are those with the most weight layers, and
    another is left in every use, so that something enters what follows the sum.
    """
    fork = next(iter(settled(of.items)), None)
    if not (isinstance(fork, Fork) and fork.join.sums):
        return
    depths = _depths(of.block, network)
    deepest = {name for name, depth in depths.items() if depth == max(depths.values())}
    if all(branch.name in deepest or False in branch.left for branch in fork.branches):
        return
    for branch, name in assembly.branches(fork):
        _, items, after = lifted(settled(branch.items))
        end = _End()
        if branch.name in deepest and all(leaf.op.passes_zero for leaf in after):
            bare = end.is_left_by(items)
            if end.normed:
                yield Residual(of.name, name, tuple(dict.fromkeys(end.passed)), bare, end.varies)


class _End:
    """The end of a branch, read from its last layer on, behind those that pass zeros on."""

    def __init__(self) -> None:
        self.normed = False
        """Whether it may be a norm with a scale."""
        self.varies = False
        """Whether its arguments decide what that norm is, or whether it has a scale."""
        self.passed: list[str] = []
        """The classes of the layers behind which it is looked for."""

    def is_left_by(self, items: Sequence[Item]) -> bool:
        """Whether items may be none but those that pass zeros on, so that the end is before them."""
        return all(self._passes(item) for item in reversed(settled(items)))

    def _passes(self, item: Item) -> bool:
        match item:
            case Leaf():
                return self._passes_layer(item.op, item.call, bool(item.called))
            case Ruled():
                return all(self._passes_layer(*each) for each in reversed([*zip(item.ops, item.use, strict=True)]))
            case Again():
                return self.is_left_by(item.items)
            case Maybe():
                self.is_left_by(item.items or [])
                return True
            case Made():
                return self._passes_block(item)
        return False

    def _passes_layer(self, op: Op, call: Call, given: bool = False) -> bool:
        if op.passes_zero and not given:
            self.passed.append(call.target)
            return True
        varies = given or (op.normalises and not all(isinstance(v, bool | int | float) for v in call.spoken.values()))
        self.varies |= varies
        self.normed |= varies or op.scales
        return False

    def _passes_block(self, made: Made) -> bool:
        """A gate, which multiplies what enters, passes zeros on; a block that is a chain ends as its layers do."""
        items = settled(made.of.items)
        first = items[0] if items else None
        if not isinstance(first, Fork):
            return self.is_left_by(items)
        gates = len(items) == 1 and first.join.multiplies_inputs and any(_is_input(b.items) for b in first.branches)
        self.passed += [made.of.name] * gates
        return gates


def _is_input(items: Sequence[Item]) -> bool:
    return all(isinstance(item, Leaf) and item.op.passes_on for item in settled(items))


def _depths(block: Block, network: Network) -> dict[str, int]:
    """How many weight layers each branch of a block has; a projection that only some uses have is none of them."""
    first = block.steps[0] if block.steps else None
    if not isinstance(first, Branches):
        return {}
    known: dict[str, int] = {}
    return {
        branch.name: _weights([s for s in branch.steps if not (isinstance(s, When) and s.bypass)], network, known)
        for branch in first.branches
    }


def _weights(steps: Sequence[Step], network: Network, known: dict[str, int]) -> int:
    """How many weight layers are written in steps, and in the blocks that they use."""
    found = sum(issubclass(step.kind_of_layer, Weighted) for step in applied(steps))
    for step in every_step(steps):
        if isinstance(step, Instance):
            if step.block not in known:
                known[step.block] = _weights(network.blocks[step.block].steps, network, known)
            found += known[step.block]
    return found
