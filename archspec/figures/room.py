"""How wide each text of a figure may be: a document's font may be wider than the one that it was laid out in."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from math import inf

from archspec.budget import spend
from archspec.figures.scene import Bounds, Box, Line, Scene, Text, leaves
from archspec.support.limits import WALKED

BAND = 4.0
"""The height of the bands that edges are sorted into, in points."""
INSET = 1.0
"""What of a text's height is left out above and below, so that lines above each other share no band."""
MARGIN = 1.0
"""What stays free on both sides of a text, in points."""
SAME = 0.01


def rooms(scene: Scene) -> list[float]:
    """The width that each text of a scene has, in the order of its leaves, in points.

    It ends at the edges of the boxes around the text, and at what stands beside it; it is never less than the text's
    own width.
    """
    bands = _edges(scene)
    return [_room(item, scene.bounds, bands) for item in leaves(scene.items) if isinstance(item, Text)]


def _edges(scene: Scene) -> dict[int, list[float]]:
    """The left and right edges of all that stands in each band, in order."""
    found: dict[int, list[float]] = defaultdict(list)
    for item in leaves(scene.items):
        for bounds in _obstacles(item):
            crossed = _crossed(bounds, scene)
            spend(WALKED * len(crossed))
            for band in crossed:
                found[band] += bounds.left, bounds.right
    for edges in found.values():
        edges.sort()
    return found


def _obstacles(item: Box | Line | Text) -> Iterator[Bounds]:
    if isinstance(item, Line):
        for start, end in zip(item.points, item.points[1:], strict=False):
            yield Line((start, end), item.look).bounds
    else:
        yield _core(item) if isinstance(item, Text) else item.bounds


def _core(text: Text) -> Bounds:
    bounds = text.bounds
    return bounds._replace(top=bounds.top + INSET, bottom=bounds.bottom - INSET)


def _crossed(bounds: Bounds, scene: Scene) -> range:
    top, bottom = max(bounds.top, 0), min(bounds.bottom, scene.height)
    return range(int(top // BAND), int(bottom // BAND) + 1)


def _room(text: Text, page: Bounds, bands: dict[int, list[float]]) -> float:
    own = _core(text)
    if text.upward:
        return text.bounds.bottom - text.bounds.top
    left, right = own.left - page.left, page.right - own.right
    for band in range(int(own.top // BAND), int(own.bottom // BAND) + 1):
        before, after = _gaps(own, bands[band])
        left, right = min(left, before), min(right, after)
    free = {"start": right, "end": left, "middle": 2 * min(left, right)}[text.anchor]
    sides = 2 if text.anchor == "middle" else 1
    return own.right - own.left + max(free - sides * MARGIN, 0)


def _gaps(own: Bounds, edges: list[float]) -> tuple[float, float]:
    """How far it is from a text to the next edges, before it and behind it."""
    first, behind = bisect_left(edges, own.left - SAME), bisect_right(edges, own.right + SAME)
    before = own.left - edges[first - 1] if first else inf
    after = edges[behind] - own.right if behind < len(edges) else inf
    return (0 if _shared(edges, own.left) else before), (0 if _shared(edges, own.right) else after)


def _shared(edges: list[float], own: float) -> bool:
    """Whether something else has an edge where a text has one, which is among them too."""
    return bisect_right(edges, own + SAME) - bisect_left(edges, own - SAME) > 1
