"""How wide each text of a figure may be: a document's font may be wider than the one that it was laid out in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from math import inf

from archspec.budget import spend
from archspec.figures.scene import Bounds, Box, Line, Scene, Text, leaves
from archspec.support.limits import MATCHED, WALKED

BAND = 8.0
"""The height of the bands that things are sorted into, in points: those of other bands cannot be met."""
MARGIN = 1.0
"""What stays free on both sides of a text, in points."""


def rooms(scene: Scene) -> list[float]:
    """The width that each text of a scene has, in the order of its leaves, in points.

    It ends at the edges of the boxes around the text, and at what stands beside it; it is never less than the text's
    own width.
    """
    texts = [item for item in leaves(scene.items) if isinstance(item, Text)]
    bands = _bands(scene)
    return [_room(text, scene.bounds, bands) for text in texts]


def _bands(scene: Scene) -> dict[int, list[Bounds]]:
    found: dict[int, list[Bounds]] = defaultdict(list)
    for item in leaves(scene.items):
        for bounds in _obstacles(item):
            for band in _crossed(bounds, scene):
                spend(WALKED)
                found[band].append(bounds)
    return found


def _obstacles(item: Box | Line | Text) -> Iterator[Bounds]:
    if isinstance(item, Line):
        for start, end in zip(item.points, item.points[1:], strict=False):
            yield Line((start, end), item.look).bounds
    else:
        yield item.bounds


def _crossed(bounds: Bounds, scene: Scene) -> range:
    top, bottom = max(bounds.top, 0), min(bounds.bottom, scene.height)
    return range(int(top // BAND), int(bottom // BAND) + 1)


def _room(text: Text, page: Bounds, bands: dict[int, list[Bounds]]) -> float:
    own = text.bounds
    if text.upward:
        return own.bottom - own.top
    left, right = own.left - page.left, page.right - own.right
    for band in range(int(own.top // BAND), int(own.bottom // BAND) + 1):
        spend(MATCHED * len(bands[band]))
        for other in bands[band]:
            if own.top < other.bottom and other.top < own.bottom and other != own:
                before, after = _gaps(own, other)
                left, right = min(left, before), min(right, after)
    free = {"start": right, "end": left, "middle": 2 * min(left, right)}[text.anchor]
    sides = 2 if text.anchor == "middle" else 1
    return own.right - own.left + max(free - sides * MARGIN, 0)


def _gaps(own: Bounds, other: Bounds) -> tuple[float, float]:
    """How far it is from a text to the edges of something, before the text and behind it."""
    edges = (other.left, other.right)
    before = min([own.left - edge for edge in edges if edge <= own.left], default=inf)
    after = min([edge - own.right for edge in edges if edge >= own.right], default=inf)
    return before, after
