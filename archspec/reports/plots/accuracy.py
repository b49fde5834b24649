"""Errors that papers report against what the networks cost by counting."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from archspec.analysis.checked import Checked
from archspec.compiled import Compiled
from archspec.counting.quantities import MULT_ADDS, PARAMS, readable
from archspec.diagnostics import ArchError
from archspec.ir.network import UNPRINTED
from archspec.render.formats import value_text
from archspec.reports.plots import MOST, Asked, Spec, label_of
from archspec.reports.plots._canvas import COLOURS, DARK, LINES, MARKERS, Canvas, counts_on, literal
from archspec.reports.plots._labels import place
from archspec.reports.plots._messages import nothing_reported, too_many

HEIGHT = 0.72
"""The height of the figure as a part of its width."""
AXES = {MULT_ADDS.name: "mult-adds for one image", PARAMS.name: "parameters"}
ERROR = re.compile(r"(?P<of>.*?)\s*(?P<kind>error|accuracy)")


class Point(NamedTuple):
    """One network under one setting, with what it costs and its error in percent."""

    label: str
    cost: int
    error: float


class Series(NamedTuple):
    """What one source reports of the networks of a spec."""

    title: str
    source: str
    points: tuple[Point, ...]


class Data(NamedTuple):
    """What is drawn."""

    quantity: str
    against: str
    series: tuple[Series, ...]
    rules: tuple[str, ...]
    without: tuple[str, ...]
    """The specs of which nothing is reported."""


def of(specs: Sequence[Spec], asked: Asked) -> Data:
    """What is reported, each with the cost of the network under the parameters that its claim sets.

    The quantity is the one that is asked for, or that most networks have. Of each spec it is the source with the most
    networks among those of its own paper, or each source that is asked for. An accuracy is an error less from 100.
    """
    found = [(spec, [*_reported(spec, asked)]) for spec in specs]
    quantity = asked.quantity or _usual([claim for _, claims in found for _, claim in claims])
    wanted = _error_of(quantity) if quantity else None
    series = [each for spec, claims in found for each in _series(spec, claims, wanted, asked)]
    if not series:
        known = dict.fromkeys(_error_of(claim.quantity) for _, claims in found for _, claim in claims)
        raise ArchError([nothing_reported(asked.quantity, asked.sources, [*known])])
    if (number := sum(len(each.points) for each in series)) > MOST:
        raise ArchError([too_many("errors", number, MOST)])
    rules = dict.fromkeys(each.convention for spec in specs for each in spec.networks)
    shown = {each.title for each in series}
    without = tuple(spec.title for spec in specs if spec.title not in shown)
    return Data(wanted or "", asked.against, tuple(series), tuple(rules), without)


def _reported(spec: Spec, asked: Asked) -> Iterator[tuple[Compiled, Checked]]:
    """The errors and accuracies that are plainly printed, and not marked as wrong."""
    for compiled in spec.networks:
        for claim in compiled.claims:
            plain = claim.verdict == "reported" and not claim.figure and not claim.marked
            plain = plain and readable(claim.quantity, claim.printed)
            if plain and claim.taken_from not in UNPRINTED and _is_wanted(compiled, claim, asked):
                yield compiled, claim


def _is_wanted(compiled: Compiled, claim: Checked, asked: Asked) -> bool:
    if asked.sources:
        return claim.source.startswith(asked.sources)
    return compiled.network.quoting(claim.source) is None


def _usual(claims: Sequence[Checked]) -> str:
    """The error that is reported most often; the first of several."""
    errors = [_error_of(claim.quantity) for claim in claims]
    return max(errors, key=errors.count) if errors else ""


def _error_of(quantity: str) -> str:
    """``top-1 error`` for ``top-1 accuracy`` too."""
    match = ERROR.fullmatch(quantity.strip())
    return f"{match['of']} error".strip() if match else quantity


def _series(spec: Spec, claims: Sequence[tuple[Compiled, Checked]], quantity: str | None, asked: Asked) -> list[Series]:
    """The sources of a spec, or the one that says most."""
    by_source: dict[str, list[tuple[Compiled, Checked]]] = {}
    for compiled, claim in claims:
        if _error_of(claim.quantity) == quantity:
            by_source.setdefault(claim.source, []).append((compiled, claim))
    every = [Series(spec.title, source, tuple(_points(group, asked))) for source, group in by_source.items()]
    return every if asked.sources or not every else [max(every, key=lambda each: len(each.points))]


def _points(claims: Sequence[tuple[Compiled, Checked]], asked: Asked) -> dict[Point, None]:
    """What one source reports, each point once; a point goes by its network and by what sets it apart from others."""
    settings = [claim.parameters for _, claim in claims]
    names = dict.fromkeys(name for each in settings for name in each)
    varied = [name for name in names if len({str(each.get(name)) for each in settings}) > 1]
    return dict.fromkeys(_point(compiled, claim, varied, asked) for compiled, claim in claims)


def _point(compiled: Compiled, claim: Checked, varied: Sequence[str], asked: Asked) -> Point:
    others = {name: value for name, value in claim.parameters.items() if compiled.network.parameters[name] != value}
    net = compiled.setting(others) if others else compiled
    printed = float(claim.printed.rstrip("% "))
    error = round(100 - printed, 6) if claim.quantity.endswith("accuracy") else printed
    said = [f"{name}={value_text(net.network.parameters[name])}" for name in varied]
    label = ", ".join([*[compiled.network.variant or ""] * bool(compiled.network.variant), *said])
    return Point(label or label_of(net), net.params if asked.against == PARAMS.name else net.mult_adds, error)


def notes(data: Data) -> list[str]:
    """The specs of which nothing is reported."""
    return [f"{title} is not shown: no {data.quantity} of it is reported there" for title in data.without]


def draw(canvas: Canvas, data: Data) -> None:
    """A line for what each source reports."""
    [axes] = canvas.axes(HEIGHT * canvas.width)
    counts_on(axes.xaxis, [point.cost for series in data.series for point in series.points])
    axes.margins(0.12)
    for i, series in enumerate(data.series):
        _draw(axes, series, i)
    axes.set_xlabel(f"{AXES[data.against]} (counting rule: {', '.join(data.rules)})")
    axes.set_ylabel(f"{literal(data.quantity)} in %, as reported")
    axes.grid(True, linewidth=0.3, color="#dddddd")
    axes.set_axisbelow(True)
    canvas.legend(axes)
    named = [
        (point.cost, point.error, literal(point.label), DARK[i % len(DARK)])
        for i, series in enumerate(data.series)
        for point in series.points
    ]
    place(axes, named, [], [[(p.cost, p.error) for p in _in_order(series)] for series in data.series])


def _in_order(series: Series) -> list[Point]:
    return sorted(series.points, key=lambda point: (point.cost, point.error))


def _draw(axes: Any, series: Series, i: int) -> None:
    points = _in_order(series)
    axes.plot(
        [point.cost for point in points],
        [point.error for point in points],
        marker=MARKERS[i % len(MARKERS)],
        linestyle=LINES[i % len(LINES)],
        color=COLOURS[i % len(COLOURS)],
        linewidth=0.8,
        markersize=4,
        label=literal(f"{series.title} ({series.source})"),
    )
