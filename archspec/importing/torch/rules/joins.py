"""Joins, and products with a constant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archspec.importing.torch.axes import Dims, plain, with_dim
from archspec.importing.torch.axes import dim as axis
from archspec.importing.torch.building import Building, shown
from archspec.importing.torch.rules.convolutions import starting, unviewed
from archspec.importing.torch.rules.convolutions import tensors as tensors_of
from archspec.importing.torch.rules.registry import rule
from archspec.importing.torch.values import Constant, Unsaid, Value, constant


@rule("add")
def add(at: Building, x: Any, other: Any, alpha: float = 1) -> Value:
    """``add``."""
    if (other if isinstance(x, Value) else x) == 0:  # where Python's own sum starts
        return x if isinstance(x, Value) else other
    scaled = _scaled(at, other, alpha) if isinstance(other, Value) else other
    if alpha != 1 and scaled is other:
        raise Unsaid("a sum in which a number or a learned tensor is scaled")
    return _joined(at, "add", x, scaled)


@rule("sub", "subtract")
def sub(at: Building, x: Any, other: Any, alpha: float = 1) -> Value:
    """``add`` of what ``scale`` turns the sign of."""
    return add(at, x, other, -alpha)


@rule("neg")
def neg(at: Building, x: Value) -> Value:
    """``scale -1``."""
    return _scaled(at, x, -1)


@rule("mul", "multiply")
def mul(at: Building, x: Any, other: Any) -> Value:
    """``multiply``; by a number, ``scale``."""
    factor, rest = (x, other) if isinstance(x, int | float) else (other, x)
    if isinstance(factor, int | float) and isinstance(rest, Value):
        return _scaled(at, rest, factor)
    for gains, rest in ((x, other), (other, x)):
        if constant(gains) and isinstance(rest, Value):
            return _gained(at, rest, gains)
    return _joined(at, "multiply", x, other)


@rule("div", "divide")
def div(at: Building, x: Any, other: Any, rounding_mode: Any = None) -> Value:
    """``scale`` by one over a number."""
    if not isinstance(x, Value) or not isinstance(other, int | float) or rounding_mode is not None:
        raise Unsaid("a division by something other than a number")
    if other == 0:
        raise Unsaid("a division by 0")
    return _scaled(at, x, 1 / other)


@rule("cat", "concat", "concatenate")
def cat(at: Building, tensors: Sequence[Any], dim: int = 0) -> Value:
    """``concat`` of channels."""
    if not all(isinstance(each, Value) for each in tensors):
        raise Unsaid("a concatenation with a tensor that is learned")
    xs: list[Value] = list(tensors)
    if len(xs) == 1:
        return xs[0]
    maps = {at.shape(x.source).is_map for x in xs}
    if maps == {True, False}:  # a map of one position beside a vector
        xs = [x if not at.shape(x.source).is_map else _as_vector(at, x) for x in xs]
    place = dim % len(xs[0].dims)
    return Value(at.add("concat", [x.source for x in xs]), _side_by_side(at, xs, place))


def _side_by_side(at: Building, xs: Sequence[Value], place: int) -> Dims:
    """How the concatenation lies; raises Unsaid where the inputs do not lie alike but for their channels."""
    rest = {with_dim(x.dims, place, ()) for x in xs}
    if len(rest) > 1 or any(x.spread or at.axis(x, place) != "c" for x in xs):
        raise Unsaid("a concatenation of something other than channels")
    channels = sum(at.shape(x.source).channels for x in xs)
    return with_dim(xs[0].dims, place, axis("c", channels))


def _as_vector(at: Building, x: Value) -> Value:
    source = at.vector(x)
    return Value(source, plain(at.shape(source)))


def _scaled(at: Building, x: Value, factor: float) -> Value:
    return x if factor == 1 else at.elementwise("scale", x, {"factor": float(factor)})


def _gained(at: Building, x: Value, gains: Constant) -> Value:
    """``layer-scale``, where a tensor that is learned has one number for each channel."""
    aligned = (*[1] * (len(x.dims) - len(gains.shape)), *gains.shape)
    places = [i for i, n in enumerate(aligned) if n > 1]
    weight = unviewed(gains)
    if len(places) != 1 or len(aligned) > len(x.dims) or at.axis(x, places[0]) != "c" or x.spread:
        raise Unsaid("a product with a tensor that is learned or stored")
    return at.elementwise("layer-scale", x, starting(weight), tensors_of(weight=weight))


def _joined(at: Building, op: str, *xs: Any) -> Value:
    """Two tensors element by element, of which one may be spread over the positions of the other."""
    if any(constant(x) for x in xs):
        raise Unsaid(f"`{op}` with a tensor that is learned or stored")
    if not all(isinstance(x, Value) for x in xs):
        raise Unsaid(f"`{op}` with a number")
    dims = _stretched([x.dims for x in xs])
    if dims is None:
        raise Unsaid(f"`{op}` of {' and '.join(shown(x.shape) for x in xs)}, which lie differently")
    source = at.add(op, [x.source for x in xs])
    largest = max((at.shape(x.source) for x in xs), key=lambda shape: shape.size)
    if at.shape(source).size != largest.size:
        raise Unsaid(f"`{op}` of tensors that stretch each other")
    return Value(source, dims)


def _stretched(views: Sequence[Dims]) -> Dims | None:
    """The common view, in which a dimension of one position is stretched."""
    longest = max(map(len, views))
    filled = [(*[()] * (longest - len(view)), *view) for view in views]
    found: Dims = ()
    for column in zip(*filled, strict=True):
        kinds = {each for each in column if each}
        if len(kinds) > 1:
            return None
        found += (kinds.pop() if kinds else (),)
    return found
