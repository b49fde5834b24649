"""Names beside points that cover neither points nor one another, as far as there is room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import cos, hypot, pi, sin
from typing import Any, NamedTuple

NEAR, FURTHER = 5.5, (8.0, 12.0, 18.0, 26.0, 36.0)
"""How far from its point a name stands, in typographic points: at once, and where that is taken."""
DIRECTIONS = (0, 4, 2, 6, 1, 3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15)
"""To the right, left, above, below, and between: eighths of a turn, then sixteenths."""
MARK, LINE, STEP = 4.6, 1.0, 3.0
"""Half the side of a marker and of a line, and how far apart the boxes of a line are, in typographic points."""


OVER_LINE, OUTSIDE, AWAY = 2.0, 4.0, 2.0
"""What a square point over a line, or outside of the axes, and what a point of distance weighs."""


class Box(NamedTuple):
    """A rectangle in typographic points."""

    left: float
    low: float
    right: float
    high: float

    def shared(self, other: Box) -> float:
        """The area that both cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.high, other.high) - max(self.low, other.low)
        return width * height if width > 0 and height > 0 else 0.0

    def outside(self, other: Box) -> float:
        """The area of it that another does not cover."""
        return (self.right - self.left) * (self.high - self.low) - self.shared(other)


def place(
    axes: Any,
    named: Sequence[tuple[float, float, str, str]],
    others: Sequence[tuple[float, float]],
    lines: Sequence[Sequence[tuple[float, float]]],
) -> None:
    """Write the names of points, each with its colour, where they cover least of all points and of the lines.

    ``others`` are points without names. A name that stands apart has a thin line to its point. The figure has its size
    and the axes their limits already.
    """
    figure = axes.figure
    figure.draw_without_rendering()
    scale = figure.dpi / 72

    def spot(point: tuple[float, float]) -> tuple[float, float]:
        x, y = axes.transData.transform(point)
        return float(x) / scale, float(y) / scale

    extents = [float(side) / scale for side in axes.get_window_extent().extents]
    points = [spot((x, y)) for x, y, *_ in named] + [spot(point) for point in others]
    drawn = [box for line in lines for box in _along([*map(spot, line)])]
    room = Room(Box(*extents), [_around(x, y, MARK) for x, y in points], drawn)
    for (x, y, name, colour), (left, low) in zip(named, points, strict=False):
        text = axes.annotate(name, (x, y), xytext=(0, 0), textcoords="offset points", color=colour, fontsize="small")
        text.set_in_layout(False)
        size = text.get_window_extent()
        near = room.near(left, low, FURTHER[-1] + size.width / scale)
        best = min(_offers(left, low, size.width / scale, size.height / scale), key=near.cost)
        text.set_position((best.box.left - left, best.box.low - low))
        text.set_verticalalignment("bottom")
        room.taken.append(best.box)
        if best.joined:
            room.lines.extend(best.joined)
            _join(axes, (x, y), (left, low), best.box, colour)


class Room(NamedTuple):
    """What is there already, in typographic points: the inside of the axes, marks and names, and lines."""

    inside: Box
    taken: list[Box]
    lines: list[Box]

    def near(self, x: float, y: float, far: float) -> Room:
        """What of it is not far from a point."""
        reach = _around(x, y, far)
        taken, lines = ([box for box in boxes if box.shared(reach)] for boxes in (self.taken, self.lines))
        return Room(self.inside, taken, lines)

    def cost(self, offer: Offer) -> tuple[float, int]:
        """What a place covers, in whole square points, so that no rounding decides; then how late it was thought of."""
        covered = sum(offer.box.shared(box) for box in self.taken)
        crossed = OVER_LINE * sum(offer.box.shared(box) for box in self.lines)
        crossed += sum(step.shared(box) for step in offer.joined for box in self.taken)
        apart = AWAY * offer.far + OUTSIDE * offer.box.outside(self.inside)
        return float(round(covered + crossed + apart)), offer.order


def _around(x: float, y: float, half: float) -> Box:
    return Box(x - half, y - half, x + half, y + half)


def _along(line: Sequence[tuple[float, float]]) -> Iterator[Box]:
    """Boxes along a line."""
    for (x, y), (to_x, to_y) in pairwise(line):
        steps = max(1, round(hypot(to_x - x, to_y - y) / STEP))
        for i in range(steps):
            yield _around(x + (to_x - x) * i / steps, y + (to_y - y) * i / steps, LINE)


class Offer(NamedTuple):
    """A place for a name: its box, how far off it is, and how late it was thought of."""

    box: Box
    far: float
    order: int
    joined: tuple[Box, ...]
    """The line to its point, where it stands apart."""


def _offers(x: float, y: float, width: float, height: float) -> Iterator[Offer]:
    order = 0
    for far in (NEAR, *FURTHER):
        for turn in DIRECTIONS:
            angle = turn * pi / 4 if turn < 8 else (2 * (turn - 8) + 1) * pi / 8
            dx, dy = cos(angle), sin(angle)
            left, low = x + dx * (far + width / 2) - width / 2, y + dy * (far + height / 2) - height / 2
            box = Box(left, low, left + width, low + height)
            line = [_nearest(box, x, y), (x, y)] if far > FURTHER[0] else []
            yield Offer(box, far, order, tuple(_along(line)))
            order += 1


def _nearest(box: Box, x: float, y: float) -> tuple[float, float]:
    """The point of a box that is nearest to a point."""
    return min(max(x, box.left), box.right), min(max(y, box.low), box.high)


def _join(axes: Any, point: tuple[float, float], at: tuple[float, float], box: Box, colour: str) -> None:
    """A thin line from the side of a name to its point."""
    x, y = _nearest(box, *at)
    line = axes.annotate(
        "",
        point,
        xytext=(x - at[0], y - at[1]),
        textcoords="offset points",
        arrowprops={"arrowstyle": "-", "lw": 0.4, "color": colour, "shrinkA": 0, "shrinkB": 2},
    )
    line.set_in_layout(False)
