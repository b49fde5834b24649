"""What every figure has to be, by arithmetic on its scene: nothing lies on anything else, and all of it can be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

from archspec.figures.scene import Bounds, Box, Group, Item, Line, Scene, Text, leaves

LEAST = 7
"""Points of the smallest type."""


def faults(scene: Scene) -> list[str]:
    """What is wrong with a figure."""
    parts = [*leaves(scene.items)]
    boxes, texts = parts_of(parts, Box), parts_of(parts, Text)
    page = Bounds(0, 0, scene.width, scene.height)
    return [
        *(f"{shown(part)} is not on the page" for part in parts if not page.holds(part.bounds, 0.02)),
        *(f"{text.text!r} has {text.size} points" for text in texts if text.size < LEAST),
        *(f"{shown(one)} lies on {shown(other)}" for one, other in meeting(boxes) if not nested(one, other)),
        *(f"{shown(one)} lies on {shown(other)}" for one, other in meeting(texts)),
        *(f"{shown(text)} lies across {shown(box)}" for text, box in across(texts, boxes)),
        *(f"a way runs through {shown(text)}" for text in struck(texts, parts_of(parts, Line))),
    ]


T = TypeVar("T")
P = TypeVar("P", Box, Text)


def parts_of(parts: Sequence[object], kind: type[T]) -> list[T]:
    return [part for part in parts if isinstance(part, kind)]


def shown(part: Box | Line | Text) -> str:
    where = ", ".join(f"{number:.1f}" for number in part.bounds)
    return f"{part.text!r} ({where})" if isinstance(part, Text) else f"{type(part).__name__} {part.look} ({where})"


def meeting(parts: Sequence[P]) -> Iterator[tuple[P, P]]:
    """Pairs whose rectangles overlap, found from the top down."""
    open: list[P] = []
    for part in sorted(parts, key=lambda part: part.bounds.top):
        open = [other for other in open if other.bounds.bottom > part.bounds.top]
        yield from ((other, part) for other in open if other.bounds.meets(part.bounds, 0.05))
        open.append(part)


def nested(one: Box, other: Box) -> bool:
    return one.bounds.holds(other.bounds, 0.05) or other.bounds.holds(one.bounds, 0.05)


def across(texts: Sequence[Text], boxes: Sequence[Box]) -> Iterator[tuple[Text, Box]]:
    """Texts that stand half in a box."""
    for text in texts:
        for box in boxes:
            # A line's height reaches from the top of tall letters to the bottom of deep ones; a box may touch that.
            if box.bounds.meets(text.bounds, 0.9) and not box.bounds.holds(text.bounds, 0.9):
                yield text, box


def struck(texts: Sequence[Text], lines: Sequence[Line]) -> Iterator[Text]:
    """Texts through which a line runs."""
    pieces = [piece for line in lines for piece in pairwise(line.points)]
    for text in texts:
        left, top, right, bottom = text.bounds
        inner = Bounds(left + 0.5, top + 1, right - 0.5, bottom - 1)
        if any(touches(inner, a, b) for a, b in pieces):
            yield text


def touches(inner: Bounds, a: tuple[float, float], b: tuple[float, float]) -> bool:
    """Whether an upright or level line runs through a rectangle."""
    across = min(a[0], b[0]) < inner.right and max(a[0], b[0]) > inner.left
    return across and min(a[1], b[1]) < inner.bottom and max(a[1], b[1]) > inner.top


def named(items: Sequence[Item], role: str) -> list[str]:
    """The names of the groups of a role, in order."""
    found: list[str] = []
    for item in items:
        if isinstance(item, Group):
            found += [item.name] * (item.role == role)
            found += named(item.items, role)
    return found
