"""Slabs as in the figures of LeNet, AlexNet and VGG: for networks that are a chain of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archspec.analysis.result import Result
from archspec.diagnostics import ArchError
from archspec.figures.frame import MEANINGS, PAGE, legend
from archspec.figures.messages import nothing_to_draw, too_large
from archspec.figures.scene import Box, Group, Item, Line, Scene, Text, leaves, moved
from archspec.figures.shelves import CLOSE, SIZE, TURN, Cluster, Manner, Unit, arranged, width_of_cluster, width_of_line
from archspec.figures.slabs import Slab, drawn, sight
from archspec.figures.volumes import Volume, joined, volumes_of
from archspec.figures.words import title_text
from archspec.support.terminal import printable

MOST = 150
"""Volumes of a figure: more are not told apart. The longest network of the corpus that is a chain has 50."""
OTHERWISE = "draw it by `--style blocks`"
LEADING, MARGIN = 8.6, 4.0
NARROWEST = 170.0
SEEN = 3.0
"""What is between two slabs at least, so that it is drawn what one sees of the other."""
FACES = {name.replace("box.", "face."): meaning for name, meaning in MEANINGS.items() if name.startswith("box.")}


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
    manner, lines = arranged(volumes, (width or PAGE) - 2 * MARGIN)
    beside = MARGIN + TURN * (len(lines) > 1)
    whole = width or max(NARROWEST, 2 * beside + max(width_of_line(line, manner) for line in lines))
    items: list[Item] = []
    y = MARGIN
    for i, line in enumerate(lines):
        drawn_line, y = _line(line, manner, whole, y, (i > 0, i < len(lines) - 1))
        items += drawn_line
    below, y = _legend(items, whole, y)
    items += below
    page = Box(0, 0, whole, y + MARGIN, "page")
    return Scene(whole, y + MARGIN, (page, *items), title_text(result.network), _description(volumes))


def _line(
    line: Sequence[Cluster], manner: Manner, whole: float, top: float, turns: tuple[bool, bool]
) -> tuple[list[Item], float]:
    """A line of the figure around the middle of the page, and where what follows it begins."""
    tallest = max(slab.height for cluster in line for unit in cluster for slab in unit.slabs)
    middle, x = top + tallest / 2, (whole - width_of_line(line, manner)) / 2
    items: list[Item] = []
    before: Standing | None = None
    if turns[0]:
        items.append(Line(((x - TURN, middle), (x - 2, middle)), "line.flow", arrow=True))
    foot = top + tallest + LEADING
    used = _used(line)
    for cluster in line:
        cell = width_of_cluster(cluster, manner)
        inner = sum(unit.width for unit in cluster) + manner.between * (len(cluster) - 1)
        at = x + (cell - inner) / 2
        for unit in cluster:
            between, group, before = _placed(unit, at, middle, before, manner.airy)
            items += [*between, group, *_labels(unit, at + unit.width / 2, foot, used)]
            at += unit.width + manner.between
        items += _size(cluster[0].size, x, x + cell, foot + LEADING * len(used))
        x += cell + manner.between
    if turns[1]:
        items.append(
            Line(((x - manner.between + 2, middle), (x - manner.between + TURN, middle)), "line.flow", arrow=True)
        )
    return items, foot + LEADING * len(used) + (LEADING + 5 if any(cluster[0].size for cluster in line) else 0)


def _placed(
    unit: Unit, left: float, middle: float, before: Standing | None, airy: bool
) -> tuple[list[Item], Group, Standing]:
    """What leads to a unit, its slabs, and the last of these."""
    x = left + (unit.width - unit.body) / 2
    lead: list[Item] = []
    told = airy or unit.slabs[0].volume.window is not None  # arrows here and there would say nothing
    if before is not None and told and x - before.x - before.slab.width > SEEN:
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


def _legend(items: Sequence[Item], whole: float, top: float) -> tuple[list[Item], float]:
    """What the colours mean, in the middle of the page, and where that ends."""
    found, foot = legend(items, whole - 2 * MARGIN, top, FACES)
    right = max((item.bounds.right for item in leaves(found)), default=0.0)
    return [moved(item, (whole - right) / 2, 0) for item in found], foot


def _description(volumes: Sequence[Volume]) -> str:
    """The volumes in words, for those who cannot see them."""
    return "; ".join(f"{volume.name} {volume.shape}" for volume in volumes)
