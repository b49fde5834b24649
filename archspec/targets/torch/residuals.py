"""Which branch of a block is the residual one, that a norm ends: recipes start the scale of that norm at zero."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archspec.ir.network import Apply, Block, Branches, Instance, Network, Step
from archspec.ir.walking import applied, every_step
from archspec.op import Weighted
from archspec.targets.torch.assemble import Assembly
from archspec.targets.torch.block_class import BlockClass
from archspec.targets.torch.items import Fork, settled


def residuals(of: BlockClass, network: Network, assembly: Assembly) -> Iterator[str]:
    """The attributes of the residual branches of a class that adds branches.

    A shortcut that projects ends with a norm as well; the residual branch is the one with the most weight layers.
    """
    fork = next(iter(settled(of.items)), None)
    if isinstance(fork, Fork) and fork.join.sums:
        wanted = _residual(of.block, network)
        yield from (name for branch, name in assembly.branches(fork) if branch.name in wanted)


def _residual(block: Block, network: Network) -> frozenset[str]:
    """The names of the branches with the most weight layers, as far as a norm ends them."""
    first = block.steps[0] if block.steps else None
    if not isinstance(first, Branches):
        return frozenset()
    depths = {branch.name: _weights(branch.steps, network) for branch in first.branches}
    return frozenset(b.name for b in first.branches if depths[b.name] == max(depths.values()) and _normed(b.steps))


def _weights(steps: Sequence[Step], network: Network) -> int:
    """How many weight layers are written in steps, and in the blocks that they use."""
    own = sum(issubclass(step.kind_of_layer, Weighted) for step in applied(steps))
    used = (network.blocks[step.block] for step in every_step(steps) if isinstance(step, Instance))
    return own + sum(_weights(block.steps, network) for block in used)


def _normed(steps: Sequence[Step]) -> bool:
    """Whether a norm with a scale follows the last weight layer that is written in the steps themselves."""
    written = [*applied(steps)]
    norms = [place for place, step in enumerate(written) if step.kind_of_layer.normalises]
    layers = [place for place, step in enumerate(written) if issubclass(step.kind_of_layer, Weighted)]
    return bool(norms) and norms[-1] > max(layers, default=-1) and _scales(written[norms[-1]])


def _scales(norm: Apply) -> bool:
    """Whether a norm has a scale; one whose arguments a block decides is taken to have one."""
    op, _ = norm.own
    return op is None or op.scales
