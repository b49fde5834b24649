"""Places in a network that is emitted: what flows there, in symbols and in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archspec.expressions.symbols import alike, value_of
from archspec.op import Join, Shape


class Place(NamedTuple):
    """What flows at a place: its shape with symbols, and whether a layer made it that needs it no more.

    The next layer may then write over it.
    """

    shape: Shape
    fresh: bool = False


def joint(op: Join, ends: Sequence[Place]) -> Place:
    """What a join gives. One branch that is left is not joined: it may be the input itself, to be kept as it is."""
    if len(ends) == 1:
        return ends[0]
    return Place(plain(op.infer(*(end.shape for end in ends))), fresh=True)


def stretches(at: Place, sure: Place, end: Place) -> bool:
    """Whether a sum may be larger than what is surely among its inputs: a vector goes to every position of a map."""
    points = (1, None)
    small = sure.shape.height in points and sure.shape.width in points
    return bare(sure.shape) != bare(end.shape) or (small and at.shape.height not in points)


def bare(shape: Shape) -> Shape:
    """The shape at the use that is being emitted, in numbers alone."""
    return plain(shape)._replace(channels=value_of(shape.channels))


def plain(shape: Shape) -> Shape:
    """The shape with heights and widths as numbers: a class is for one size of map, and says so in its comments."""
    if shape.height is None or shape.width is None:
        return Shape(shape.channels)
    return Shape(shape.channels, value_of(shape.height), value_of(shape.width))


def same_place(a: Place, b: Place) -> bool:
    """Whether two places are equal and written the same."""
    return a.fresh == b.fresh and alike_shapes(a.shape, b.shape)


def alike_shapes(a: Shape, b: Shape) -> bool:
    """Whether two shapes are equal and written the same."""
    return bare(a) == bare(b) and alike(a.channels, b.channels)
