"""Parameters against mult-adds of networks, with what their papers print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from archspec.compiled import Compiled
from archspec.counting.printed import value_of
from archspec.counting.quantities import MULT_ADDS, PARAMS, readable
from archspec.ir.network import UNPRINTED
from archspec.reports.plots import Asked, Spec, label_of
from archspec.reports.plots._canvas import COLOURS, DARK, LINES, MARKERS, Canvas, counts_on, literal
from archspec.reports.plots._labels import place

HEIGHT = 0.72
"""The height of the figure as a part of its width."""


class Point(NamedTuple):
    """One network, and what is printed of it: each print lacks what it does not say."""

    label: str
    params: int
    mult_adds: int
    printed: tuple[tuple[int | None, int | None], ...]


class Series(NamedTuple):
    """The networks of one spec."""

    title: str
    points: tuple[Point, ...]


class Data(NamedTuple):
    """What is drawn."""

    series: tuple[Series, ...]
    rules: tuple[str, ...]
    """The counting rules; one, as a rule."""


def of(specs: Sequence[Spec], asked: Asked) -> Data:
    """Each network by its counts, with the prints of papers that are counted by the same rule."""
    series = [Series(spec.title, tuple(_point(each, asked) for each in spec.networks)) for spec in specs]
    return Data(tuple(series), tuple(dict.fromkeys(each.convention for spec in specs for each in spec.networks)))


def _point(compiled: Compiled, asked: Asked) -> Point:
    return Point(label_of(compiled), compiled.params, compiled.mult_adds, tuple(_printed(compiled, asked)))


def _printed(compiled: Compiled, asked: Asked) -> Iterator[tuple[int | None, int | None]]:
    """The prints of each source, each pair once."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    set_to = compiled.network.parameters
    for claim in compiled.claims:
        plain = claim.quantity in (PARAMS.name, MULT_ADDS.name) and not claim.figure
        plain = plain and readable(claim.quantity, claim.printed)
        here = claim.counted == compiled.convention and claim.parameters.items() <= set_to.items()
        named = not asked.sources or claim.source.startswith(asked.sources)
        if plain and here and named and claim.taken_from not in UNPRINTED:
            found.setdefault((claim.source, claim.counted), {})[claim.quantity] = value_of(claim.printed, claim.units)
    yield from dict.fromkeys((each.get(PARAMS.name), each.get(MULT_ADDS.name)) for each in found.values())


def notes(data: Data) -> list[str]:
    """Every network is shown."""
    return []


def draw(canvas: Canvas, data: Data) -> None:
    """Filled marks are counted, open ones printed; a line joins the networks of a family."""
    [axes] = canvas.axes(HEIGHT * canvas.width)
    points = [point for series in data.series for point in series.points]
    prints = [_spot(point, pair) for point in points for pair in point.printed]
    counts_on(axes.xaxis, [*(point.mult_adds for point in points), *(x for x, _ in prints)])
    counts_on(axes.yaxis, [*(point.params for point in points), *(y for _, y in prints)])
    axes.margins(0.12)
    for i, series in enumerate(data.series):
        _draw(axes, series, i)
    if prints:
        axes.plot([], [], "o", color="#555555", fillstyle="none", markersize=6, markeredgewidth=0.7, label="as printed")
    axes.set_xlabel(f"mult-adds for one image (counting rule: {', '.join(data.rules)})")
    axes.set_ylabel("parameters")
    axes.grid(True, linewidth=0.3, color="#dddddd")
    axes.set_axisbelow(True)
    if prints or any(len(series.points) > 1 for series in data.series):
        canvas.legend(axes)
    named = [
        (point.mult_adds, point.params, literal(point.label), DARK[i % len(DARK)])
        for i, series in enumerate(data.series)
        for point in series.points
    ]
    place(axes, named, prints, [[(p.mult_adds, p.params) for p in series.points] for series in data.series])


def _draw(axes: Any, series: Series, i: int) -> None:
    colour, marker = COLOURS[i % len(COLOURS)], MARKERS[i % len(MARKERS)]
    xs, ys = [point.mult_adds for point in series.points], [point.params for point in series.points]
    name = literal(series.title) if len(series.points) > 1 else None
    line = LINES[i % len(LINES)] if len(series.points) > 1 else "none"
    axes.plot(xs, ys, marker=marker, linestyle=line, color=colour, linewidth=0.8, markersize=4, label=name)
    prints = [_spot(point, pair) for point in series.points for pair in point.printed]
    if prints:
        x, y = zip(*prints, strict=True)
        axes.plot(x, y, marker, color=colour, fillstyle="none", markersize=7, markeredgewidth=0.7)


def _spot(point: Point, printed: tuple[int | None, int | None]) -> tuple[int, int]:
    """Where a print stands: what it does not say is as counted."""
    params, mult_adds = printed
    return point.mult_adds if mult_adds is None else mult_adds, point.params if params is None else params
