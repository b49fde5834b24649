"""Volumes in lines: which of them share a label, how far they are apart, and where a line ends."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple, TypeAlias

from archspec.figures.metrics import fitted, width_of
from archspec.figures.slabs import Scales, Slab, parts_of
from archspec.figures.volumes import Volume
from archspec.support.terminal import printable

SIZE = 7.0
"""Of type, in points."""
LONGEST_NAME = 70.0
CLOSE, TURN = 2.2, 14.0
"""Between slabs of a row, and beside a line that goes on in the next."""


class Manner(NamedTuple):
    """How a figure is set: how much smaller than usual, and how far the rows of the table are apart."""

    shrunk: float
    airy: bool = True
    """Whether what each layer sees of the one before is drawn, which takes room."""

    @property
    def between(self) -> float:
        """Between what two rows of the table are drawn as, in points."""
        return 11 if self.airy else 4


PLANS = [
    *((Manner(shrunk), 1) for shrunk in (1, 0.9, 0.8, 0.7)),
    *((Manner(shrunk, airy=False), 1) for shrunk in (0.85, 0.7)),
    *((Manner(shrunk), 2) for shrunk in (1, 0.85)),
    *((Manner(0.85, airy=False), lines) for lines in (2, 3)),
    (Manner(0.7, airy=False), 1000),
]
"""How a figure may be set, with the most lines for each, best first."""


class Unit(NamedTuple):
    """The slabs of a row of the table that are of one shape and share their labels."""

    name: str
    slabs: tuple[Slab, ...]
    labels: tuple[str, ...]
    size: str
    """H x W of its maps; empty of a vector."""

    @property
    def body(self) -> float:
        """The width of its slabs with what is between them."""
        return sum(slab.wide for slab in self.slabs) + CLOSE * (len(self.slabs) - 1) + self.slabs[-1].deep

    @property
    def width(self) -> float:
        """That of its slabs and its labels."""
        return max(self.body, *(width_of(label, SIZE) for label in self.labels))


Cluster: TypeAlias = tuple[Unit, ...]
"""Units of one H x W, which is said once."""


def arranged(volumes: Sequence[Volume], room: float) -> tuple[Manner, list[list[Cluster]]]:
    """The first plan by which the figure fits into the room, with its lines."""
    for manner, most in PLANS:
        lines = _lines(_clusters(volumes, manner), manner, room)
        if len(lines) <= most:
            break
    return manner, lines


def _clusters(volumes: Sequence[Volume], manner: Manner) -> list[Cluster]:
    sides = [side for volume in volumes if volume.shape.is_map for side in volume.shape.extent]
    vectors = [volume.shape.channels for volume in volumes if not volume.shape.is_map]
    scales = Scales(max(sides, default=1), max(vectors, default=1), manner.shrunk)
    units, row = [], 0
    keys = [(row := row + volume.first, volume.shape, volume.kind) for volume in volumes]
    for _, group in groupby(zip(keys, volumes, strict=True), lambda pair: pair[0]):
        units.append(_unit([volume for _, volume in group], scales, manner))
    return [tuple(group) for _, group in groupby(units, lambda unit: unit.size or id(unit))]


def _unit(volumes: Sequence[Volume], scales: Scales, manner: Manner) -> Unit:
    first = volumes[0]
    slabs = tuple(map(scales.slab, volumes))
    name = fitted(printable(first.name if first.first else ""), SIZE, LONGEST_NAME)
    parts, channels = parts_of(first), first.shape.channels
    made = f"{parts}×{channels // parts}" if parts > 1 else f"{channels}"
    seen = {volume.window for volume in volumes}
    window = _window_text(first) if manner.airy and len(seen) == 1 else ""
    size = "×".join(map(str, first.shape.extent)) if first.shape.is_map else ""
    return Unit(first.name, slabs, (name, window, made), size)


def _window_text(volume: Volume) -> str:
    """``3×3, /2``: what one position sees, and the stride; empty where that says nothing."""
    if volume.window is None or not volume.shape.is_map:
        return ""
    (height, width), (down, across) = volume.window.extent, volume.window.stride
    stride = "" if (down, across) == (1, 1) else f", /{down}" if down == across else f", /{down}×{across}"
    return f"{height}×{width}{stride}"


def width_of_line(line: Sequence[Cluster], manner: Manner) -> float:
    """The width of a line, in points."""
    return sum(width_of_cluster(cluster, manner) for cluster in line) + manner.between * (len(line) - 1)


def width_of_cluster(cluster: Cluster, manner: Manner) -> float:
    """The width of units that stand over their size, in points."""
    units = sum(unit.width for unit in cluster) + manner.between * (len(cluster) - 1)
    return max(units, width_of(cluster[0].size, SIZE))


def _lines(clusters: Sequence[Cluster], manner: Manner, room: float) -> list[list[Cluster]]:
    """The clusters in as few lines as the room allows, about as long as each other."""
    found = _filled(clusters, manner, room)
    if len(found) == 1:
        return found
    found = _filled(clusters, manner, room - 2 * TURN)
    low, high = 0.0, room - 2 * TURN
    for _ in range(8):
        middle = (low + high) / 2
        tried = _filled(clusters, manner, middle)
        if len(tried) > len(found) or max(width_of_line(line, manner) for line in tried) > room - 2 * TURN:
            low = middle
        else:
            high, found = middle, tried
    return found


def _filled(clusters: Sequence[Cluster], manner: Manner, room: float) -> list[list[Cluster]]:
    """Lines that are filled one after the other; a cluster that is longer than one is broken."""
    lines: list[list[Cluster]] = [[]]
    for cluster in clusters:
        pieces = [cluster] if width_of_cluster(cluster, manner) <= room else [(unit,) for unit in cluster]
        for piece in pieces:
            line = lines[-1]
            joins = bool(line) and len(pieces) > 1 and line[-1][0].size == piece[0].size != ""
            grown = [*line[:-1], (*line[-1], *piece)] if joins else [*line, piece]
            if line and width_of_line(grown, manner) > room:
                lines.append([piece])
            else:
                lines[-1] = grown
    return lines
