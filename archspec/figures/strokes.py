"""How lines run: where an arrow's shaft ends, its head, and where corners bend; every format draws them alike."""

from __future__ import annotations

from math import hypot
from typing import NamedTuple

from archspec.figures.scene import Line, Point

HEAD = 4.2
"""The length of an arrow's head, in points."""


class Piece(NamedTuple):
    """A straight piece to ``end``; then, where a corner is rounded, a bend about ``corner`` that ends at ``bent``."""

    end: Point
    corner: Point | None = None
    bent: Point | None = None


def shaft(line: Line) -> tuple[Point, ...]:
    """The points of a line; that of an arrow ends inside its head, so that the tip stays sharp."""
    if not line.arrow:
        return line.points
    return (*line.points[:-1], towards(line.points[-1], line.points[-2], HEAD * 0.8))


def head(line: Line) -> tuple[Point, Point, Point]:
    """The triangle of an arrow's head at the end of a line: its tip first."""
    start, end = line.points[-2:]
    (x, y), long = end, far(start, end) or 1
    across, down = (end[0] - start[0]) / long, (end[1] - start[1]) / long
    back, side = HEAD, HEAD * 0.38
    foot = (x - back * across, y - back * down)
    return end, (foot[0] - side * down, foot[1] + side * across), (foot[0] + side * down, foot[1] - side * across)


def pieces(points: tuple[Point, ...], radius: float) -> list[Piece]:
    """The pieces of a line behind its first point."""
    found = []
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        bend = min(radius, far(before, corner) / 2, far(corner, after) / 2)
        if bend > 0:
            found.append(Piece(towards(corner, before, bend), corner, towards(corner, after, bend)))
        else:
            found.append(Piece(corner))
    return [*found, Piece(points[-1])]


def towards(start: Point, end: Point, long: float) -> Point:
    """The point that lies so far from ``start`` on the way to ``end``."""
    share = long / (far(start, end) or 1)
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def far(one: Point, other: Point) -> float:
    """How far two points are apart."""
    return hypot(other[0] - one[0], other[1] - one[1])
