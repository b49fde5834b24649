"""The output of a part that no layer says: what of its tensor are channels, and what positions."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.importing.torch.axes import Dims, dim, plain
from archspec.importing.torch.building import Building, shown
from archspec.importing.torch.values import Unsaid, Value
from archspec.op import Shape


def laid_out(at: Building, x: Value, shape: Sequence[int]) -> tuple[Shape, Dims]:
    """The output of a part as a map or a vector, and how its tensor lies over it, by that of its input.

    Channels are where they were. Tokens, ``(1, N, C)``, are a map of N rows. Raises Unsaid where that is not known.
    """
    enters = at.shape(x.source)
    if tuple(shape) == x.shape and not x.spread:
        return enters, x.dims
    if not shape or shape[0] != 1 or x.spread:
        raise Unsaid(f"a part whose output is {shown(shape)}")
    if len(shape) == 2:
        return (made := Shape(shape[1])), plain(made)
    places = [i for i in range(1, len(x.dims)) if at.axis(x, i) == "c"]
    if len(shape) == len(x.dims) and len(places) == 1:
        return _around(shape, places[0])
    if len(shape) == 4:
        return _around(shape, 1)
    raise Unsaid(f"a part whose input is {shown(x.shape)} and whose output is {shown(shape)}")


def _around(shape: Sequence[int], channels: int) -> tuple[Shape, Dims]:
    """A map whose channels are one dimension of a tensor and whose positions are the others."""
    sides = [n for i, n in enumerate(shape) if i not in (0, channels)]
    if len(sides) > 2:
        raise Unsaid(f"a part whose output is {shown(shape)}")
    height, width = (*sides, 1)[:2]
    named = iter((dim("h", height), dim("w", width)))
    dims = tuple(() if i == 0 else dim("c", n) if i == channels else next(named) for i, n in enumerate(shape))
    return Shape(shape[channels], height, width), dims
