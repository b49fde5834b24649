"""Pieces of a figure with a way in at their top and a way out at their bottom, put together to larger ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archspec.figures.scene import Item, Line, Point, moved

FLOW, SHORTCUT = "line.flow", "line.shortcut"
GAP, SPLIT, BEND = 6.5, 7.0, 2.5
"""Between two pieces, where one way becomes several, and how round corners are; in points."""
CLOSE = 0.01


class Piece(NamedTuple):
    """Items from (0, 0) on, with the places where what flows enters above and leaves below."""

    width: float
    height: float
    items: tuple[Item, ...]
    enter: float
    leave: float
    pointed: bool = True
    """Whether an arrow points to its top: it begins with a box."""
    passes: bool = False
    """Whether nothing stands on the way, or a projection alone: a shortcut."""

    def at(self, x: float, y: float) -> Iterator[Item]:
        """Its items with the top left corner at (x, y)."""
        return (moved(item, x, y) for item in self.items)


def chain(pieces: Sequence[Piece], gap: float = GAP) -> Piece:
    """Pieces one below the other, from each an arrow to the next."""
    first, *others = pieces
    if not others:
        return first
    left, offsets = _aligned(pieces)
    items, y = [*first.at(left, 0)], first.height
    for before, piece, x0, x in zip(pieces, others, offsets, offsets[1:], strict=False):
        way = path((left + x0 + before.leave, y), (left + x + piece.enter, y + gap))
        items += [Line(way, FLOW, BEND, arrow=piece.pointed), *piece.at(left + x, y + gap)]
        y += gap + piece.height
    width = left + max(x + piece.width for x, piece in zip(offsets, pieces, strict=True))
    leave = left + offsets[-1] + pieces[-1].leave
    passes = all(piece.passes for piece in pieces)
    return Piece(width, y, tuple(items), left + first.enter, leave, first.pointed, passes)


def _aligned(pieces: Sequence[Piece]) -> tuple[float, list[float]]:
    """How far the first has to move to the right, and where each then stands so that ways are straight."""
    offsets, at = [], 0.0
    for piece, after in zip(pieces, [*pieces[1:], None], strict=True):
        offsets.append(at)
        if after is not None:
            at += piece.leave - after.enter
    return -min(0.0, *offsets), offsets


def path(start: Point, end: Point) -> tuple[Point, ...]:
    """A way down from one point to another, with a step to the side in its middle."""
    if abs(start[0] - end[0]) < CLOSE:
        return start, end
    middle = (start[1] + end[1]) / 2
    return start, (start[0], middle), (end[0], middle), end


def beside(pieces: Sequence[Piece], gap: float) -> tuple[float, list[float]]:
    """Where pieces stand side by side: how wide they are together, and the left of each."""
    places, x = [], 0.0
    for piece in pieces:
        places.append(x)
        x += piece.width + gap
    return x - gap, places


def wire(width: float = 8) -> Piece:
    """A way on which nothing stands."""
    return Piece(width, 0, (), width / 2, width / 2, pointed=False, passes=True)
