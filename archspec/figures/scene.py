"""A figure as data: boxes, lines and texts at their places, in points from the top left corner.

Styles make scenes and formats write them; neither knows the other. What an item looks like is said by its ``look``, the
name of an entry of ``palette.LOOKS``: ``box.conv``, ``line.shortcut``, ``text.cell``. A format turns it into colours,
or into a macro or class that a reader of the file can restyle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, TypeAlias

from archspec.figures.metrics import height_of, width_of

Anchor: TypeAlias = Literal["start", "middle", "end"]
Point: TypeAlias = tuple[float, float]


class Bounds(NamedTuple):
    """A rectangle, in points: its left, top, right and bottom."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Bounds, slack: float = 0.01) -> bool:
        """Whether two rectangles overlap by more than ``slack``."""
        return (
            self.left < other.right - slack
            and other.left < self.right - slack
            and self.top < other.bottom - slack
            and other.top < self.bottom - slack
        )

    def holds(self, other: Bounds, slack: float = 0.01) -> bool:
        """Whether the other lies inside."""
        return (
            self.left <= other.left + slack
            and self.top <= other.top + slack
            and self.right >= other.right - slack
            and self.bottom >= other.bottom - slack
        )


class Box(NamedTuple):
    """A rectangle with its top left corner at (x, y)."""

    x: float
    y: float
    width: float
    height: float
    look: str
    radius: float = 0

    @property
    def bounds(self) -> Bounds:
        return Bounds(self.x, self.y, self.x + self.width, self.y + self.height)


class Line(NamedTuple):
    """Straight pieces from point to point, with rounded corners, an arrow's head at the end, or closed to an area."""

    points: tuple[Point, ...]
    look: str
    radius: float = 0
    arrow: bool = False
    closed: bool = False

    @property
    def bounds(self) -> Bounds:
        across, down = [x for x, _ in self.points], [y for _, y in self.points]
        return Bounds(min(across), min(down), max(across), max(down))


class Text(NamedTuple):
    """One line of text whose baseline starts, is centred or ends at (x, y); ``look`` says its font, size its points."""

    x: float
    y: float
    text: str
    look: str
    size: float = 8
    anchor: Anchor = "start"
    bold: bool = False
    upward: bool = False
    """Whether it is turned a quarter to the left, to be read from below."""

    @property
    def bounds(self) -> Bounds:
        wide = width_of(self.text, self.size, self.bold)
        up, down = height_of(self.size)
        before = {"start": 0.0, "middle": wide / 2, "end": wide}[self.anchor]
        if self.upward:
            return Bounds(self.x - up, self.y + before - wide, self.x + down, self.y + before)
        return Bounds(self.x - before, self.y - up, self.x - before + wide, self.y + down)


class Group(NamedTuple):
    """Items that belong together: a row of the table, a block, a plate."""

    items: tuple[Item, ...]
    role: str
    """``row``, ``block``, ``use``, ``layer``; a page finds its parts by it."""
    name: str
    """What the table calls it."""
    tip: str = ""
    """What is shown where a reader points at it."""


Item: TypeAlias = Box | Line | Text | Group


class Scene(NamedTuple):
    """A figure: its size in points, its items from the back to the front, and what it says in words."""

    width: float
    height: float
    items: tuple[Item, ...]
    title: str
    description: str = ""
    """For those who cannot see it."""

    @property
    def bounds(self) -> Bounds:
        return Bounds(0, 0, self.width, self.height)


def leaves(items: Iterable[Item]) -> Iterator[Box | Line | Text]:
    """All items but groups, from the back to the front."""
    for item in items:
        if isinstance(item, Group):
            yield from leaves(item.items)
        else:
            yield item


def moved(item: Item, across: float, down: float) -> Item:
    """An item at another place."""
    if isinstance(item, Group):
        return item._replace(items=tuple(moved(each, across, down) for each in item.items))
    if isinstance(item, Line):
        return item._replace(points=tuple((x + across, y + down) for x, y in item.points))
    return item._replace(x=item.x + across, y=item.y + down)
