"""What gives the same elements under another shape, which is no layer unless channels or positions change places."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from archspec.importing.torch import axes
from archspec.importing.torch.axes import Dims, Part, dim
from archspec.importing.torch.building import Building, shown
from archspec.importing.torch.rules.registry import rule
from archspec.importing.torch.values import Unsaid, Value


@rule("view", "reshape", "_unsafe_view")
def reshape(at: Building, x: Value, size: Sequence[int] = (), shape: Sequence[int] = ()) -> Value:
    """The same elements in the same order."""
    return _reshaped(at, x, _whole(x, size or shape))


@rule("reshape_as", "view_as")
def reshape_as(at: Building, x: Value, other: Value) -> Value:
    """The same elements under the shape of another tensor."""
    return _reshaped(at, x, other.shape)


@rule("flatten")
def flatten(at: Building, x: Value, start_dim: int = 0, end_dim: int = -1) -> Value:
    """Several dimensions as one."""
    first, last = start_dim % len(x.dims), end_dim % len(x.dims)
    shape = x.shape
    return _reshaped(at, x, (*shape[:first], _product(shape[first : last + 1]), *shape[last + 1 :]))


@rule("unflatten")
def unflatten(at: Building, x: Value, dim: int, sizes: Sequence[int]) -> Value:
    """One dimension as several."""
    place, shape = dim % len(x.dims), x.shape
    parts = [shape[place] // -_product(sizes) if n == -1 else n for n in sizes]
    return _reshaped(at, x, (*shape[:place], *parts, *shape[place + 1 :]))


@rule("permute")
def permute(at: Building, x: Value, dims: Sequence[int]) -> Value:
    """The dimensions in another order."""
    return settled(at, x._replace(dims=axes.permuted(x.dims, [i % len(x.dims) for i in dims])))


@rule("swapaxes")
def swapaxes(at: Building, x: Value, axis0: int, axis1: int) -> Value:
    """As ``transpose``."""
    return transpose(at, x, axis0, axis1)


@rule("transpose", "swapdims")
def transpose(at: Building, x: Value, dim0: int, dim1: int) -> Value:
    """Two dimensions change places."""
    order = list(range(len(x.dims)))
    order[dim0], order[dim1] = order[dim1], order[dim0]
    return permute(at, x, order)


@rule("movedim")
def movedim(at: Building, x: Value, source: int | Sequence[int], destination: int | Sequence[int]) -> Value:
    """Dimensions go to other places."""
    moved = {b % len(x.dims): a % len(x.dims) for a, b in zip(_listed(source), _listed(destination), strict=True)}
    rest = iter(i for i in range(len(x.dims)) if i not in moved.values())
    return permute(at, x, [moved[i] if i in moved else next(rest) for i in range(len(x.dims))])


@rule("squeeze")
def squeeze(at: Building, x: Value, dim: int | Sequence[int] | None = None) -> Value:
    """Without dimensions of one position."""
    places = range(len(x.dims)) if dim is None else [i % len(x.dims) for i in _listed(dim)]
    return settled(at, x._replace(dims=tuple(each for i, each in enumerate(x.dims) if i not in places or each)))


@rule("unsqueeze")
def unsqueeze(at: Building, x: Value, dim: int) -> Value:
    """With one more dimension of one position."""
    place = dim % (len(x.dims) + 1)
    return settled(at, x._replace(dims=(*x.dims[:place], (), *x.dims[place:])))


@rule("expand", "broadcast_to")
def expand(at: Building, x: Value, size: Sequence[int], implicit: bool = False) -> Value:
    """Stretched over positions, as the joins do by themselves."""
    lengths = [*[1] * (len(size) - len(x.dims)), *x.shape]
    dims = (*[()] * (len(size) - len(x.dims)), *x.dims)
    return Value(x.source, dims, x.spread or any(n not in (-1, m) for n, m in zip(size, lengths, strict=True)))


@rule("expand_as")
def expand_as(at: Building, x: Value, other: Value) -> Value:
    """Stretched over the positions of another tensor."""
    return expand(at, x, other.shape)


@rule("channel_shuffle", "native_channel_shuffle")
def channel_shuffle(at: Building, x: Value, groups: int) -> Value:
    """``channel-shuffle``."""
    return at.value("channel-shuffle", x, {"groups": groups})


@rule("pixel_shuffle")
def pixel_shuffle(at: Building, x: Value, upscale_factor: int) -> Value:
    """``pixel-shuffle``."""
    return at.value("pixel-shuffle", x, {"factor": upscale_factor})


@rule("pixel_unshuffle")
def pixel_unshuffle(at: Building, x: Value, downscale_factor: int) -> Value:
    """``pixel-unshuffle``."""
    return at.value("pixel-unshuffle", x, {"factor": downscale_factor})


def settled(at: Building, x: Value) -> Value:
    """A view that a layer gives as a map as it lies, where there is such a layer; else the view."""
    shape = at.shape(x.source)
    if len(x.dims) != 4 or x.dims[0] or x.spread or not shape.is_map or at.is_plain(x):
        return x
    for (first, back), found in product(ORDERS, (_shuffled, _woven, _gathered)):
        source = x.source
        for name, args in found(axes.permuted(x.dims, first), shape.channels, *shape.extent):
            source = at.add(name, [source], args)
        if source != x.source:
            return Value(source, axes.permuted(axes.plain(at.shape(source)), back))
    return x


ORDERS = (((0, 1, 2, 3), (0, 1, 2, 3)), ((0, 3, 1, 2), (0, 2, 3, 1)))
"""Maps with the channels first, and last: how they come to lie plainly, and how they go back."""


Layers = Sequence[tuple[str, dict[str, int]]]


def _shuffled(dims: Dims, channels: int, height: int, width: int) -> Layers:
    """The channels as a table that is read column by column."""
    if dims[2:] != (dim("h", height), dim("w", width)) or len(dims[1]) != 2:
        return ()
    column, row = dims[1]
    fits = (column, row) == (Part("c", column.size, 1), Part("c", row.size, column.size))
    return [("channel-shuffle", {"groups": row.size})] if fits and column.size * row.size == channels else ()


def _woven(dims: Dims, channels: int, height: int, width: int) -> Layers:
    """Squares of positions from channels."""
    if not all(len(each) == 2 for each in dims[2:]):
        return ()
    factor = dims[2][-1].size
    rows = (*dim("h", height), Part("c", factor, factor))
    columns = (*dim("w", width), Part("c", factor, 1))
    rest = channels // factor**2
    fits = dims[1:] == ((Part("c", rest, factor**2),) if rest > 1 else (), rows, columns)
    return [("pixel-shuffle", {"factor": factor})] if fits else ()


def _gathered(dims: Dims, channels: int, height: int, width: int) -> Layers:
    """Channels from squares of positions, in the order of torch or in that of TensorFlow."""
    if any(len(each) != 1 for each in dims[2:]) or len(dims[1]) not in (2, 3):
        return ()
    factor = dims[2][0].step
    square = (Part("h", factor, 1), Part("w", factor, 1))
    if factor == 1 or dims[2:] != ((Part("h", height // factor, factor),), (Part("w", width // factor, factor),)):
        return ()
    gathered = [("pixel-unshuffle", {"factor": factor})]
    if dims[1] == (*dim("c", channels), *square):
        return gathered
    turned = dims[1] == (*square, *dim("c", channels))
    return [*gathered, ("channel-shuffle", {"groups": channels})] if turned else ()


def _reshaped(at: Building, x: Value, shape: Sequence[int]) -> Value:
    if x.spread:
        raise Unsaid("a reshape of a tensor that is stretched")
    dims = axes.reshaped(x.dims, shape)
    if dims is None:
        raise Unsaid(f"a reshape of {shown(x.shape)} to {shown(shape)}")
    return settled(at, x._replace(dims=dims))


def _whole(x: Value, shape: Sequence[int]) -> list[int]:
    known = _product([n for n in shape if n != -1])
    return [_product(x.shape) // known if n == -1 else n for n in shape]


def _product(numbers: Sequence[int]) -> int:
    found = 1
    for n in numbers:
        found *= n
    return found


def _listed(value: int | Sequence[int]) -> list[int]:
    return [value] if isinstance(value, int) else list(value)
