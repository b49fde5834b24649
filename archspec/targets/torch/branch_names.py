"""Names for branches that have none: ``residual``, ``squeeze``, ``pool_proj``, ``conv3x3``, by what they do.

The language calls them ``branch1``, ``branch2`` by their places, which tells a reader of code nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import Any, NamedTuple

from archspec.op import Call, Join, Op, Weighted
from archspec.targets.torch.functions import lifted
from archspec.targets.torch.items import Fork, Item, Leaf, Made, Ruled, every_item

TWICE = "double_"
"""As BN-Inception's table calls two convolutions in a row: `double #3x3`."""


class _Layer(NamedTuple):
    """A layer with the torch module that it ends in, or a block, which has a name alone."""

    op: Op | None
    kernel: tuple[int, int] | None
    """H x W, where these are numbers in the code."""
    block: str = ""

    @property
    def learns(self) -> bool:
        """Whether it has weights of its own, as far as that is seen."""
        return self.op is None or isinstance(self.op, Weighted)

    @property
    def spelled(self) -> str:
        return self.op.spelled() if self.op else self.block


def with_names(items: Sequence[Item]) -> list[Item]:
    """The items of a class, its branches under names."""
    return [_named(item) if isinstance(item, Fork) else item for item in items]


def titles(items: Sequence[Item]) -> frozenset[tuple[int, str]]:
    """The names of the branches that are left, by their places."""
    branches = [branch for item in with_names(items) if isinstance(item, Fork) for branch in item.branches]
    return frozenset((branch.place, branch.title) for branch in branches if True in branch.left)


def _named(fork: Fork) -> Fork:
    bare = [i for i, branch in enumerate(fork.branches) if branch.name == f"branch{branch.place}"]
    taken = {branch.name for i, branch in enumerate(fork.branches) if i not in bare}
    layers = [[*_layers(lifted(branch.items)[1] or branch.items)] for branch in fork.branches]
    residual = _residual(fork.join, layers)
    found = list(fork.branches)
    for i in bare:
        name = _of_sum(i, residual, layers) if residual is not None else _name(fork.join, layers[i])
        found[i] = found[i]._replace(called=_free(name, taken))
    return fork._replace(branches=found)


def _free(name: str, taken: set[str]) -> str:
    """The name, with a number where another branch has it."""
    free = next(each for each in (name, *(f"{name}_{n}" for n in range(2, len(taken) + 3))) if each not in taken)
    taken.add(free)
    return free


def _residual(join: Join, layers: Sequence[Sequence[_Layer]]) -> int | None:
    """Which branch of a sum is the residual one: of two, that with more layers that learn."""
    weights = [sum(layer.learns for layer in each) for each in layers]
    return weights.index(max(weights)) if join.sums and len(set(weights)) == len(weights) == 2 else None


def _of_sum(i: int, residual: int, layers: Sequence[Sequence[_Layer]]) -> str:
    return "residual" if i == residual else "shortcut"


def _name(join: Join, layers: Sequence[_Layer]) -> str:
    """What a branch does, in the words of papers."""
    learning = [layer for layer in layers if layer.learns]
    first = next((layer for layer in layers if layer.op is None or not layer.op.passes_on), None)
    if first is None:
        return "identity"
    if first.op is not None and first.op.drawn_as == "pool":
        gates = first.op.pools_all and not join.sums and join.computes
        return "squeeze" if gates else "pool_proj" if learning else "pool"
    return _main(learning) if learning else first.spelled


def _main(learning: Sequence[_Layer]) -> str:
    """Its block, or its convolution with all that it sees: ``conv3x3``; ``double_conv3x3`` for two."""
    if learning[-1].op is None:
        return learning[-1].spelled
    windows = [layer.kernel for layer in learning if layer.kernel is not None]
    if not windows:
        return learning[-1].spelled
    largest = max(learning, key=lambda layer: prod(layer.kernel or (0,)))
    height, width = (max(sides) for sides in zip(*windows, strict=True))
    times = max(sum(window[axis] == (height, width)[axis] for window in windows) for axis in (0, 1))
    twice = TWICE if times == 2 and (height, width) != (1, 1) else ""
    return f"{twice}{largest.spelled}{height}x{width}"


def _layers(items: Iterable[Item]) -> Iterator[_Layer]:
    """The layers and blocks in items; of the modules of one layer the last, which the others prepare."""
    pending: tuple[Op, Call] | None = None
    for item in every_item(items):
        for op, call in _calls(item):
            if pending is not None and pending[0] is not op:
                yield _Layer(pending[0], _kernel(pending[1]))
            pending = op, call
        if isinstance(item, Made):
            if pending is not None:
                yield _Layer(pending[0], _kernel(pending[1]))
            pending = None
            yield _Layer(None, None, item.of.block.name)
    if pending is not None:
        yield _Layer(pending[0], _kernel(pending[1]))


def _calls(item: Item) -> Iterator[tuple[Op, Call]]:
    if isinstance(item, Leaf):
        yield item.op, item.call
    elif isinstance(item, Ruled):
        yield from zip(item.ops, item.use, strict=True)


def _kernel(call: Call) -> tuple[int, int] | None:
    size: Any = call.args.get("kernel_size")
    if type(size) is int:
        return size, size
    return size if isinstance(size, tuple) and all(type(side) is int for side in size) else None
