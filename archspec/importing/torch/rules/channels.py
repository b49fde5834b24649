"""Parts of channels and of positions, and what is added around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archspec.importing.torch.axes import dim as axis
from archspec.importing.torch.axes import with_dim
from archspec.importing.torch.building import Building
from archspec.importing.torch.rules.registry import rule
from archspec.importing.torch.values import Unsaid, Value

MODES = {"constant": "zero", "reflect": "reflect", "replicate": "replicate"}


@rule("chunk")
def chunk(at: Building, x: Value, chunks: int, dim: int = 0) -> list[Value]:
    """``channel-split``."""
    length = x.shape[dim]
    return _parts(at, x, dim, -(-length // chunks))


@rule("split")
def split(at: Building, x: Value, split_size: Any, dim: int = 0) -> list[Value]:
    """``channel-split``, or ``channels`` where parts differ."""
    if not isinstance(split_size, int):
        return split_with_sizes(at, x, split_size, dim)
    return _parts(at, x, dim, split_size)


@rule("split_with_sizes")
def split_with_sizes(at: Building, x: Value, split_sizes: Sequence[int], dim: int = 0) -> list[Value]:
    """``channels``, or ``channel-split`` where parts are equal."""
    if len(set(split_sizes)) == 1:
        return _parts(at, x, dim, split_sizes[0])
    ends = [sum(split_sizes[: i + 1]) for i in range(len(split_sizes))]
    return [_range(at, x, dim, end - size, end) for size, end in zip(split_sizes, ends, strict=True)]


@rule("slice")
def sliced(at: Building, x: Value, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> Value:
    """``channels``; of positions ``crop``, or every so many of them by ``pad-channels``."""
    length = x.shape[dim]
    first, last, _ = slice(start, end).indices(length)
    if (first, last, step) == (0, length, 1):
        return x
    if at.axis(x, dim) == "c" and step == 1:
        return _range(at, x, dim, first, last)
    if at.is_plain(x) and at.shape(x.source).is_map and dim % 4 > 1:
        return _positions(at, x, dim % 4 - 2, first, last, step)
    raise Unsaid("a slice of something other than channels or the middle of a map")


@rule("narrow")
def narrow(at: Building, x: Value, dim: int, start: int, length: int) -> Value:
    """As ``slice``."""
    return sliced(at, x, dim, start, start + length)


@rule("pad", "constant_pad_nd")
def pad(at: Building, x: Value, pad: Sequence[int], mode: str = "constant", value: Any = None) -> Value:
    """``pad`` around a map; zeros behind the channels are ``pad-channels``."""
    if not any(pad):
        return x
    sides = [*pad, *[0] * (8 - len(pad))]
    left, right, top, bottom, before, after, *batch = sides
    shape = at.shape(at.plain(x))
    if mode not in MODES or value not in (None, 0) or any(batch) or before or min(sides) < 0 or not shape.is_map:
        raise Unsaid("padding that is not zeros around a map or behind its channels")
    if after and not any(sides[:4]) and mode == "constant":
        return at.value("pad-channels", x, {"channels": shape.channels + after})
    if after:
        raise Unsaid("padding of positions and channels at once")
    args: dict[str, Any] = {"by": (top, left), "mode": MODES[mode]}
    args |= {"after": (bottom, right)} if (bottom, right) != (top, left) else {}
    return at.value("pad", x, args)


def _parts(at: Building, x: Value, dim: int, size: int) -> list[Value]:
    """Parts of one size, the last perhaps smaller."""
    length = x.shape[dim]
    return [_range(at, x, dim, i, min(i + size, length)) for i in range(0, length, size)]


def _range(at: Building, x: Value, dim: int, first: int, last: int) -> Value:
    """The channels from ``first`` to before ``last``, counted from 0: one of equal parts where they are one."""
    length, size = x.shape[dim], last - first
    if size == length:
        return x
    if at.axis(x, dim) != "c" or x.spread or size < 1:
        raise Unsaid("parts of something other than the channels")
    if length % size or first % size:
        source = at.add("channels", [x.source], {"first": first + 1, "last": last})
    else:
        source = at.add("channel-split", [x.source], {"part": first // size + 1, "of": length // size})
    return Value(source, with_dim(x.dims, dim % len(x.dims), axis("c", size)))


def _positions(at: Building, x: Value, side: int, first: int, last: int, step: int) -> Value:
    """Part of the rows or of the columns of a map."""
    shape = at.shape(x.source)
    length = shape.extent[side]
    if (first, last) == (0, length):
        stride = (step, 1) if side == 0 else (1, step)
        return at.value("pad-channels", x, {"channels": shape.channels, "stride": stride})
    if step == 1 and first == length - last:
        return at.value("crop", x, {"by": (first, 0) if side == 0 else (0, first)})
    raise Unsaid("rows or columns that are not the middle of a map")
