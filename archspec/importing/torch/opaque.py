"""The output of a part that no layer says: what of its tensor are channels, and what positions."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.importing.torch.axes import Dims, dim, plain
from archspec.importing.torch.building import Building, shown
from archspec.importing.torch.values import Unsaid, Value
from archspec.op import Shape


def laid_out(at: Building, x: Value, shape: Sequence[int], taken: int | None) -> tuple[Shape, Dims]:
    """The output of a part as a map or a vector, and how its tensor lies over it.

    The channels are the dimension ``taken``, which what comes behind takes for them, or else where they are in the
    part's input. Tokens, ``(1, N, C)``, are a map of N rows, or that of the input where it has N positions. Raises
    Unsaid where that is not known.
    """
    enters = at.shape(x.source)
    places = at.channels(x)
    if tuple(shape) == x.shape and not x.spread and (places or taken is None):
        return enters, x.dims
    if not shape or shape[0] != 1 or x.spread:
        raise Unsaid(f"a part whose output is {shown(shape)}")
    if len(shape) == 2:
        return (made := Shape(shape[1])), plain(made)
    if taken is not None:
        return _around(shape, taken, enters)
    if len(shape) == len(x.dims) and len(places) == 1:
        return _around(shape, places[0], enters)
    if len(shape) in (3, 4):  # tokens, whose channels are last, and maps
        return _around(shape, 2 if len(shape) == 3 else 1, enters)
    raise Unsaid(f"a part whose input is {shown(x.shape)} and whose output is {shown(shape)}")


def _around(shape: Sequence[int], channels: int, enters: Shape) -> tuple[Shape, Dims]:
    """A map whose channels are one dimension of a tensor and whose positions are the others."""
    sides = [n for i, n in enumerate(shape) if i not in (0, channels)]
    if len(sides) > 2:
        raise Unsaid(f"a part whose output is {shown(shape)}")
    height, width = (*sides, 1)[:2]
    positions = [dim("h", height), dim("w", width)]
    if len(sides) == 1 and enters.is_map and sides[0] == enters.extent[0] * enters.extent[1]:
        height, width = enters.extent
        positions = [(*dim("h", height), *dim("w", width))]
    named = iter(positions)
    dims = tuple(() if i == 0 else dim("c", n) if i == channels else next(named) for i, n in enumerate(shape))
    return Shape(shape[channels], height, width), dims
