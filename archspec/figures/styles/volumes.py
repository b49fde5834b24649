"""Slabs as in the figures of LeNet, AlexNet and VGG: for networks that are a chain of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple, TypeAlias

from archspec.analysis.result import Result
from archspec.diagnostics import ArchError
from archspec.figures.messages import nothing_to_draw, too_large
from archspec.figures.metrics import fitted, width_of
from archspec.figures.scene import Box, Group, Item, Line, Scene, Text
from archspec.figures.slabs import Scales, Slab, drawn, parts_of, sight
from archspec.figures.volumes import Volume, joined, volumes_of
from archspec.support.terminal import printable

MOST = 150
"""Volumes of a figure: more are not told apart. The longest network of the corpus that is a chain has 50."""
OTHERWISE = "draw it by `--style blocks`"
SIZE, LEADING = 7.0, 8.6
MARGIN = 4.0
USUAL = 484.0
"""A page of a paper, in points, which a figure fills at most where no width is asked for."""
LONGEST_NAME = 70.0
CLOSE, TURN, KEY_GAP = 2.2, 14.0, 10.0
"""Between slabs of a row, beside a line that goes on in the next, and between entries of the legend."""
NARROWEST = 170.0
SEEN = 3.0
"""What is between two slabs at least, so that it is drawn what one sees of the other."""
KINDS = {
    "conv": "convolution",
    "pool": "pooling",
    "fc": "fully connected",
    "block": "block",
    "attention": "attention",
    "other": "other",
}


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
    (Manner(0.7, airy=False), MOST),
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


class Standing(NamedTuple):
    """A slab in its line, with the left of its face."""

    slab: Slab
    x: float


def scene(result: Result, width: float | None) -> Scene:
    """The figure; raises ArchError where the network is no chain of rows, or too long."""
    row = joined(result.network.rows)
    if row is not None:
        why = f"`{printable(row.layer)}` takes what another row gives than the one above"
        raise ArchError([nothing_to_draw(row.place, "volumes", why, OTHERWISE)])
    volumes = list(volumes_of(result))
    if len(volumes) > MOST:
        raise ArchError([too_large(result.network.place, "volumes", MOST, OTHERWISE)])
    manner, lines = _set(volumes, (width or USUAL) - 2 * MARGIN)
    beside = MARGIN + TURN * (len(lines) > 1)
    whole = width or max(NARROWEST, 2 * beside + max(_width(line, manner) for line in lines))
    items: list[Item] = []
    y = MARGIN
    for i, line in enumerate(lines):
        drawn_line, y = _line(line, manner, whole, y, (i > 0, i < len(lines) - 1))
        items += drawn_line
    legend, y = _legend(volumes, whole, y)
    items += legend
    page = Box(0, 0, whole, y + MARGIN, "page")
    return Scene(whole, y + MARGIN, (page, *items), result.network.display_name, _description(volumes))


def _set(volumes: Sequence[Volume], room: float) -> tuple[Manner, list[list[Cluster]]]:
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


def _width(line: Sequence[Cluster], manner: Manner) -> float:
    return sum(_cell(cluster, manner) for cluster in line) + manner.between * (len(line) - 1)


def _cell(cluster: Cluster, manner: Manner) -> float:
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
        if len(tried) > len(found) or max(_width(line, manner) for line in tried) > room - 2 * TURN:
            low = middle
        else:
            high, found = middle, tried
    return found


def _filled(clusters: Sequence[Cluster], manner: Manner, room: float) -> list[list[Cluster]]:
    """Lines that are filled one after the other; a cluster that is longer than one is broken."""
    lines: list[list[Cluster]] = [[]]
    for cluster in clusters:
        pieces = [cluster] if _cell(cluster, manner) <= room else [(unit,) for unit in cluster]
        for piece in pieces:
            line = lines[-1]
            joins = bool(line) and len(pieces) > 1 and line[-1][0].size == piece[0].size != ""
            grown = [*line[:-1], (*line[-1], *piece)] if joins else [*line, piece]
            if line and _width(grown, manner) > room:
                lines.append([piece])
            else:
                lines[-1] = grown
    return lines


def _line(
    line: Sequence[Cluster], manner: Manner, whole: float, top: float, turns: tuple[bool, bool]
) -> tuple[list[Item], float]:
    """A line of the figure around the middle of the page, and where what follows it begins."""
    tallest = max(slab.height for cluster in line for unit in cluster for slab in unit.slabs)
    middle, x = top + tallest / 2, (whole - _width(line, manner)) / 2
    items: list[Item] = []
    before: Standing | None = None
    if turns[0]:
        items.append(Line(((x - TURN, middle), (x - 2, middle)), "line.flow", arrow=True))
    foot = top + tallest + LEADING
    used = _used(line)
    for cluster in line:
        cell = _cell(cluster, manner)
        inner = sum(unit.width for unit in cluster) + manner.between * (len(cluster) - 1)
        at = x + (cell - inner) / 2
        for unit in cluster:
            between, group, before = _placed(unit, at, middle, before)
            items += [*between, group, *_labels(unit, at + unit.width / 2, foot, used)]
            at += unit.width + manner.between
        items += _size(cluster[0].size, x, x + cell, foot + LEADING * len(used))
        x += cell + manner.between
    if turns[1]:
        items.append(
            Line(((x - manner.between + 2, middle), (x - manner.between + TURN, middle)), "line.flow", arrow=True)
        )
    return items, foot + LEADING * len(used) + (LEADING + 5 if any(cluster[0].size for cluster in line) else 0)


def _placed(unit: Unit, left: float, middle: float, before: Standing | None) -> tuple[list[Item], Group, Standing]:
    """What leads to a unit, its slabs, and the last of these."""
    x = left + (unit.width - unit.body) / 2
    lead: list[Item] = []
    if before is not None and x - before.x - before.slab.width > SEEN:
        lead += sight(before.slab, before.x, unit.slabs[0], x, middle)
    items: list[Item] = []
    for slab in unit.slabs:
        items += drawn(slab, x, middle)
        last = Standing(slab, x)
        x += slab.wide + CLOSE
    tip = f"{unit.name}: {unit.slabs[0].volume.shape}"
    return lead, Group(tuple(items), "row", unit.name, tip), last


def _used(line: Sequence[Cluster]) -> list[int]:
    """The labels of which any unit of a line has some text."""
    labels = [unit.labels for cluster in line for unit in cluster]
    return [i for i in range(len(labels[0])) if any(each[i] for each in labels)]


def _labels(unit: Unit, x: float, foot: float, used: Sequence[int]) -> Iterator[Item]:
    for row, i in enumerate(used):
        if unit.labels[i]:
            look = "text.soft" if i == 1 else "text"
            yield Text(x, foot + LEADING * row, unit.labels[i], look, SIZE, "middle")


def _size(size: str, left: float, right: float, foot: float) -> Iterator[Item]:
    """H x W under the units that have it, and a line over it as long as these."""
    if size:
        yield Line(((left, foot - LEADING + 4), (right, foot - LEADING + 4)), "line.thin")
        yield Text((left + right) / 2, foot + 3, size, "text", SIZE, "middle")


def _legend(volumes: Sequence[Volume], whole: float, top: float) -> tuple[list[Item], float]:
    """What the colours mean, in as many lines as it takes, and where they end."""
    kinds = [kind for kind in KINDS if any(volume.kind == kind for volume in volumes)]
    lines: list[list[str]] = [[]]
    for kind in kinds:
        if lines[-1] and _keys_width([*lines[-1], kind]) > whole - 2 * MARGIN:
            lines.append([])
        lines[-1].append(kind)
    items: list[Item] = []
    for row, line in enumerate(lines):
        x, foot = (whole - _keys_width(line)) / 2, top + LEADING * (row + 0.6)
        for kind in line:
            items += [Box(x, foot - 5.5, 6, 6, f"face.{kind}"), Text(x + 8.5, foot, KINDS[kind], "text.soft", SIZE)]
            x += _keys_width([kind]) + KEY_GAP
    return items, top + LEADING * (len(lines) - 0.4 + 0.25)


def _keys_width(kinds: Sequence[str]) -> float:
    return sum(8.5 + width_of(KINDS[kind], SIZE) for kind in kinds) + KEY_GAP * (len(kinds) - 1)


def _description(volumes: Sequence[Volume]) -> str:
    """The volumes in words, for those who cannot see them."""
    return "; ".join(f"{volume.name} {volume.shape}" for volume in volumes)
