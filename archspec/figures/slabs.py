"""Volumes as slabs in cabinet projection: what is deep goes up to the right at half its length.

Heights and depths stand for the sides of a map and thicknesses for channels, each on a scale of logarithms, as sides
and channels of one network differ by factors of hundreds.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log2
from typing import NamedTuple

from archspec.figures.scene import Box, Item, Line, Point
from archspec.figures.strokes import HEAD
from archspec.figures.volumes import Volume

OBLIQUE = 0.354
"""How far a unit of depth goes to the right and up: half of it, at 45 degrees."""
LOWEST, HIGHEST = 7.0, 62.0
"""The height of one row of positions and of the largest map of a network, in points."""
SLIT = 1.3
"""Between the parts that channels are made in."""
SMALLEST = 0.13
"""The share of a side that a window has at least, to be seen."""
THICKEST = 20.0
COLUMN = 4.5
"""How thick a vector is."""


class Slab(NamedTuple):
    """A volume with its size on the page, in points."""

    volume: Volume
    wide: float
    """Its thickness."""
    tall: float
    deep: float
    """How far its depth goes to the right, and up."""

    @property
    def width(self) -> float:
        """From the left of its face to the right of its side."""
        return self.wide + self.deep

    @property
    def height(self) -> float:
        """From the foot of its face to the top of its side."""
        return self.tall + self.deep


class Scales(NamedTuple):
    """The largest side and the longest vector of a network, and how much smaller all is than usual."""

    side: int
    vector: int
    shrunk: float = 1.0

    def slab(self, volume: Volume) -> Slab:
        """A volume as a slab."""
        shape = volume.shape
        if not shape.is_map:
            return Slab(volume, COLUMN * self.shrunk, self._long(shape.channels, self.vector, 0.85), 3 * self.shrunk)
        height, width = shape.extent
        thick = min(1.8 + 1.3 * log2(shape.channels + 1), THICKEST) * self.shrunk + SLIT * (parts_of(volume) - 1)
        return Slab(volume, thick, self._long(height, self.side), OBLIQUE * self._long(width, self.side))

    def _long(self, number: int, largest: int, share: float = 1.0) -> float:
        return (LOWEST + (share * HIGHEST - LOWEST) * log2(number + 1) / log2(largest + 1)) * self.shrunk


def parts_of(volume: Volume) -> int:
    """The parts that are drawn: of many groups, as of a depthwise convolution, no one tells which is which."""
    return volume.groups if volume.groups in (2, 3, 4) else 1


def drawn(slab: Slab, x: float, middle: float) -> Iterator[Item]:
    """A slab with the left of its face at ``x``, around the height ``middle``."""
    top, parts = face_top(slab, middle), parts_of(slab.volume)
    thick = (slab.wide - SLIT * (parts - 1)) / parts
    for part in range(parts):
        yield from _cuboid(slab._replace(wide=thick), x + part * (thick + SLIT), top)


def face_top(slab: Slab, middle: float) -> float:
    """The height of the upper edge of its face."""
    return middle - slab.height / 2 + slab.deep


def _cuboid(slab: Slab, x: float, top: float) -> Iterator[Item]:
    kind, right, deep = slab.volume.kind, x + slab.wide, slab.deep
    foot = top + slab.tall
    roof = ((x, top), (x + deep, top - deep), (right + deep, top - deep), (right, top))
    side = ((right, top), (right + deep, top - deep), (right + deep, foot - deep), (right, foot))
    yield Line(roof, f"roof.{kind}", closed=True)
    yield Line(side, f"side.{kind}", closed=True)
    yield Box(x, top, slab.wide, slab.tall, f"face.{kind}")


def sight(slab: Slab, x: float, after: Slab, to: float, middle: float) -> Iterator[Item]:
    """What one position of the slab ``after`` sees of a slab: a window in its side, and the lines that meet there.

    Of a vector that is everything; of what is not looked into nothing is known, and an arrow leads there.
    """
    right, top = x + slab.wide, face_top(slab, middle)
    seen = after.volume.window
    there = (to, face_top(after, middle) + after.tall / 2)
    if seen is None or (after.volume.shape.is_map and not slab.volume.shape.is_map):
        start = right + slab.deep + 1
        if to - start > HEAD + 1:
            yield Line(((start, there[1]), (to - 0.5, there[1])), "line.flow", arrow=True)
    elif not after.volume.shape.is_map:
        ends = face_top(after, middle), face_top(after, middle) + after.tall
        yield Line(((right + slab.deep, top - slab.deep), (to, ends[0])), "line.sight")
        yield Line(((right, top + slab.tall), (to, ends[1])), "line.sight")
    else:
        corners = _window(slab, right, top, seen.extent)
        yield Line(corners, "window", closed=True)
        yield from (Line((corner, there), "line.sight") for corner in corners)


def _window(slab: Slab, right: float, top: float, extent: tuple[int, int]) -> tuple[Point, ...]:
    """The corners of a window in the middle of the side of a slab."""
    across, down = (
        min(max(long / side, SMALLEST), 1.0) / 2
        for long, side in zip(reversed(extent), reversed(slab.volume.shape.extent), strict=True)
    )

    def at(u: float, v: float) -> Point:
        return right + u * slab.deep, top + v * slab.tall - u * slab.deep

    left, far, high, low = 0.5 - across, 0.5 + across, 0.5 - down, 0.5 + down
    return at(left, high), at(far, high), at(far, low), at(left, low)
