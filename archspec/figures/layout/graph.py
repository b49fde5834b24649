"""A small directed graph in layers, each of which takes from those above: after Sugiyama, Tagawa and Toda (1981).

Every node stands one layer below the lowest of its sources. A way that passes layers has a place of its own in each,
which all that go on from the same node share. Order and places are found by sweeps down and up, so many for any graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from archspec.budget import spend
from archspec.diagnostics import ArchError
from archspec.figures.layout.piece import BEND, CLOSE, FLOW, GAP, Piece, wire
from archspec.figures.layout.places import Place, ordered, spread
from archspec.figures.messages import too_large
from archspec.figures.scene import Item, Line, Point
from archspec.support.limits import DRAWN, MOST_DRAWN

ENTRY = "in"
TRACK = 3.5
"""Between two ways that run side by side, in points."""
PASSING = 6.0
"""How wide the place of a way is in a layer that it passes."""


class Named(NamedTuple):
    """A row: its name, what it looks like, and the rows that it takes; none where it takes the one above."""

    name: str
    piece: Piece
    sources: tuple[str, ...]


def graph(rows: Sequence[Named], gap: float, span: Any = None) -> Piece:
    """Rows as a piece; raises ArchError where too many ways pass too many layers."""
    layers = _layers(rows, span)
    ordered(layers)
    spread(layers, gap)
    items = _stacked(layers)
    left = min(place.x for places in layers for place in places)
    right = max(place.x + place.piece.width for places in layers for place in places)
    entry, end = layers[0][0], layers[-1][-1]
    deep = max(place.y + place.piece.height for places in layers for place in places)
    if end.y + end.piece.height < deep - CLOSE:
        items.append(Line(((end.leave, end.y + end.piece.height), (end.leave, deep)), FLOW))
    shifted = Piece(right - left, deep, tuple(items), entry.enter, end.leave, pointed=False)
    return shifted._replace(items=tuple(shifted.at(-left, 0)), enter=entry.enter - left, leave=end.leave - left)


def _layers(rows: Sequence[Named], span: Any) -> list[list[Place]]:
    """The nodes in their layers, with the places of ways that pass; the last row stands alone in the last layer."""
    known, before = {ENTRY: (entry := Place(wire(PASSING), 0, passes=True))}, entry
    layers: list[list[Place]] = [[entry]]
    passing: dict[tuple[int, int], Place] = {}

    def at(layer: int) -> list[Place]:
        layers.extend([] for _ in range(layer + 1 - len(layers)))
        return layers[layer]

    for i, row in enumerate(rows):
        sources = list(dict.fromkeys(map(id, taken := [known[name] for name in row.sources] or [before])))
        found = [place for place in taken if id(place) in sources]
        last = i == len(rows) - 1
        layer = 1 + (len(layers) - 1 if last else max(place.layer for place in found))
        node = Place(row.piece, layer)
        at(layer).append(node)
        for source in dict.fromkeys(map(id, found)):
            place = next(each for each in found if id(each) == source)
            for passed in range(place.layer + 1, layer):
                key = source, passed
                if key not in passing:
                    spend(DRAWN, span)
                    if len(passing) >= MOST_DRAWN:
                        raise ArchError([too_large(span, "ways", MOST_DRAWN, "write what is alike as a block")])
                    passing[key] = _after(Place(wire(PASSING), passed, passes=True), place)
                    at(passed).append(passing[key])
                place = passing[key]
            _after(node, place)
        known[row.name] = before = node
    return layers


def _after(node: Place, source: Place) -> Place:
    node.above.append(source)
    source.below.append(node)
    return node


def _stacked(layers: Sequence[Sequence[Place]]) -> list[Item]:
    """The layers below one another, with the ways between them; sets the heights of all places."""
    items: list[Item] = []
    y = 0.0
    for above, here in zip([[], *layers], layers, strict=False):
        ways = _ways(here)
        tracks = _tracks(ways)
        room = (GAP + TRACK * max(tracks, default=0)) if above else 0.0
        for place in here:
            place.y = y + room
            items += place.piece.at(place.x, place.y)
        tall = max(place.piece.height for place in here)
        for place in here:
            if place.passes and tall:
                items.append(Line(((place.enter, place.y), (place.enter, place.y + tall)), FLOW))
        for (source, node, port), track in zip(ways, tracks, strict=True):
            items.append(_way(source, node, port, y, TRACK * track))
        y += room + tall
    return [*joined(items)]


def joined(items: Sequence[Item]) -> Iterator[Item]:
    """Items, of which ways that go on where another ends are one with it."""
    ends: dict[tuple[float, float], int] = {}
    found: list[Item | None] = []
    for item in items:
        if not isinstance(item, Line):
            found.append(item)
            continue
        before = ends.pop(item.points[0], None)
        if before is not None:
            way = found[before]
            assert isinstance(way, Line)
            item = item._replace(points=_straight((*way.points, *item.points[1:])))
            found[before] = None
        if not item.arrow:
            ends[item.points[-1]] = len(found)
        found.append(item)
    return (item for item in found if item is not None)


def _straight(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Points without those between two others right above and below."""
    kept = [
        here
        for before, here, after in zip(points, points[1:], points[2:], strict=False)
        if not before[0] == here[0] == after[0]
    ]
    return points[0], *kept, points[-1]


def _ways(here: Sequence[Place]) -> list[tuple[Place, Place, float]]:
    """The ways into a layer, with the place at which each enters its node: side by side where there are several."""
    found = []
    for node in here:
        sources = sorted(node.above, key=lambda place: place.leave)
        step = min(5.0, node.piece.width / (len(sources) + 1))
        for i, source in enumerate(sources):
            found.append((source, node, node.enter + step * (i - (len(sources) - 1) / 2)))
    return found


def _tracks(ways: Sequence[tuple[Place, Place, float]]) -> list[int]:
    """For each way the number of its track, from 1, or 0 where it is straight; ways of one source share theirs."""
    free: list[list[tuple[float, float, int]]] = []
    found = []
    for source, _, port in ways:
        low, high = sorted((source.leave, port))
        if high - low < CLOSE:
            found.append(0)
            continue
        track = next((i for i, taken in enumerate(free) if _clear(taken, low, high, id(source))), len(free))
        if track == len(free):
            free.append([])
        free[track].append((low, high, id(source)))
        found.append(track + 1)
    return found


def _clear(taken: Sequence[tuple[float, float, int]], low: float, high: float, source: int) -> bool:
    return all(owner == source or high < start - TRACK or end + TRACK < low for start, end, owner in taken)


def _way(source: Place, node: Place, port: float, top: float, down: float) -> Line:
    """From below a node, by its track, to the top of another."""
    start: Point = (source.leave, source.y + source.piece.height)
    end: Point = (port, node.y)
    arrow = node.piece.pointed
    if abs(start[0] - port) < CLOSE:
        return Line((start, end), FLOW, arrow=arrow)
    level = top + down
    return Line((start, (start[0], level), (port, level), end), FLOW, BEND, arrow=arrow)
