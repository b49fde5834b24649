"""Where frames stand: at the right of the rows and below them, always where the most room is left above."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archspec.figures.insets import BETWEEN, Inset, framed_inset
from archspec.figures.scene import Item

STRETCH = 1.6
"""How much wider than it needs a frame may be, so that it ends where others do."""


class Room(NamedTuple):
    """What frames may take: all of the width below the rows, and at their right what is left, if anything."""

    width: float
    beside: float
    high: float
    """Where the rows end."""


class Packed(NamedTuple):
    """Frames, each with the place of its top left corner and its width, and where the lowest ends."""

    frames: tuple[tuple[Inset, float, float, float], ...]
    height: float

    def items(self) -> Iterator[Item]:
        """The frames as items."""
        return (framed_inset(inset, x, y, wide, inset.tall(wide)) for inset, x, y, wide in self.frames)


class _Ledge(NamedTuple):
    """A piece of the line below which room is left; what is between frames is part of it, at its right."""

    left: float
    right: float
    y: float


def packed(frames: Sequence[Inset], room: Room) -> Packed | None:
    """The frames as near to their order as they stand close together; None where one of them is too wide.

    Each stands on the highest ledge: the first frame that fits there, or none any more, and then the ledge is let down
    to its neighbour. A frame beside which none fits is as wide as its ledge.
    """
    if any(frame.natural > room.width for frame in frames):
        return None
    below = room.high + BETWEEN if room.high else 0.0
    ledges = [_Ledge(0, room.width + BETWEEN, below)]
    if room.beside:
        left = room.width - room.beside
        ledges = [_Ledge(0, left, below), _Ledge(left, room.width + BETWEEN, 0.0)]
    waiting, found = [*frames], list[tuple[Inset, float, float, float]]()
    while waiting:
        at = min(range(len(ledges)), key=lambda i: (ledges[i].y, ledges[i].left))
        ledge = ledges[at]
        own = ledge.right - ledge.left - BETWEEN
        inset = next((each for each in waiting if each.natural <= own), None)
        if inset is None:
            _let_down(ledges, at)
            continue
        waiting.remove(inset)
        left = own - inset.natural - BETWEEN
        alone = left < min((each.natural for each in waiting), default=own)
        wide = min(own, STRETCH * inset.natural) if alone else inset.natural
        found.append((inset, ledge.left, ledge.y, wide))
        end = ledge.left + wide + BETWEEN
        ledges[at : at + 1] = [
            _Ledge(ledge.left, end, ledge.y + inset.tall(wide) + BETWEEN),
            *([ledge._replace(left=end)] if ledge.right - end > BETWEEN else []),
        ]
    high = max((y + inset.tall(wide) for inset, _, y, wide in found), default=0.0)
    return Packed(tuple(found), max(high, room.high))


def _let_down(ledges: list[_Ledge], at: int) -> None:
    """A ledge on which nothing fits goes down to the higher of its neighbours, and is one with it."""
    near = [i for i in (at - 1, at + 1) if 0 <= i < len(ledges)]
    other = min(near, key=lambda i: ledges[i].y)
    first, last = sorted((at, other))
    ledges[first : last + 1] = [_Ledge(ledges[first].left, ledges[last].right, ledges[other].y)]
