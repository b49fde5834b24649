"""How a tensor lies over the output of a layer: each of its dimensions is a product of parts of the layer's axes.

A permutation, a reshape, a squeeze make no layer: they are other views of one output. So what a layer norm sees as
``(1, H, W, C)``, a linear layer as ``(1, HW, C)`` and a convolution as ``(1, C, H, W)`` is one map, and a shuffle of
channels is the map whose channels come in another order. The batch, which is 1, is an axis of nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from math import prod
from typing import NamedTuple

from archspec.op import Shape

AXES = "chw"
"""The axes of a map in the order in which torch lays them."""


class Part(NamedTuple):
    """A part of an axis: so many positions, ``step`` apart."""

    axis: str
    """``c``, ``h`` or ``w``."""
    size: int
    step: int = 1


Dim = tuple[Part, ...]
"""One dimension of a tensor, its parts from the slowest to the fastest; without parts it has one position."""
Dims = tuple[Dim, ...]


def dim(axis: str, size: int) -> Dim:
    """A whole axis as a dimension."""
    return (Part(axis, size),) if size > 1 else ()


def plain(shape: Shape) -> Dims:
    """How torch lays a map or a vector: ``(1, C, H, W)`` or ``(1, C)``."""
    channels = dim("c", shape.channels)
    if shape.height is None or shape.width is None:
        return ((), channels)
    return ((), channels, dim("h", shape.height), dim("w", shape.width))


def flat(shape: Shape) -> Dims:
    """A map as ``flatten`` reads it: ``(1, C*H*W)``."""
    return ((), tuple(chain.from_iterable(plain(shape))))


def sizes(dims: Dims) -> tuple[int, ...]:
    """The shape of the tensor."""
    return tuple(prod(part.size for part in each) for each in dims)


def reshaped(dims: Dims, shape: Sequence[int]) -> Dims | None:
    """The same elements in the same order under another shape; None where a dimension would cut a part unevenly."""
    left = list(reversed([part for each in dims for part in each]))
    found: list[Dim] = []
    for wanted in shape:
        taken: list[Part] = []
        while wanted > 1:
            if not left:
                return None
            part = left.pop()
            if wanted % part.size == 0:
                taken.append(part)
                wanted //= part.size
            elif part.size % wanted == 0:
                inner = part.size // wanted
                taken.append(Part(part.axis, wanted, part.step * inner))
                left.append(Part(part.axis, inner, part.step))
                wanted = 1
            else:
                return None
        found.append(_merged(taken))
    return None if left else tuple(found)


def permuted(dims: Dims, order: Sequence[int]) -> Dims:
    """The dimensions in another order."""
    return tuple(dims[i] for i in order)


def moves(shape: Shape, dims: Dims) -> tuple[list[int], list[int]]:
    """How a tensor that lies plainly comes to lie so: the shape that parts it, and the order of its parts."""
    here = [part for each in dims for part in each]
    apart = sorted(here, key=lambda part: (AXES.index(part.axis), -part.step))
    assert prod(part.size for part in here) == shape.size
    return [part.size for part in apart], [apart.index(part) for part in here]


def with_dim(dims: Dims, place: int, new: Dim) -> Dims:
    """The dims with another one in the place of one of them."""
    return (*dims[:place], new, *dims[place + 1 :])


def _merged(parts: Sequence[Part]) -> Dim:
    """Parts that continue one another as one."""
    found: list[Part] = []
    for part in parts:
        last = found[-1] if found else None
        if last is not None and last.axis == part.axis and last.step == part.step * part.size:
            found[-1] = Part(part.axis, last.size * part.size, part.step)
        else:
            found.append(part)
    return tuple(found)
