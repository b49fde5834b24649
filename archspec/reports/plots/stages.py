"""What each row of the table costs: its share of the parameters and of the mult-adds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from archspec.compiled import Compiled
from archspec.diagnostics import ArchError
from archspec.reports.plots import MOST, Asked, Spec, label_of
from archspec.reports.plots._canvas import COLOURS, Canvas, literal
from archspec.reports.plots._messages import too_many

ROW, REST = 0.64, 1.8
"""The height of a row, and of all else, in centimetres."""
TOGETHER = 6
"""Networks in one figure at most."""
LEAST = 6.0
"""Centimetres that a network takes beside others: names of rows, bars and shares."""
TITLE = 5
"""Characters of a title in a centimetre."""
BAR = 0.38
"""The height of a bar, where a row is 1."""


class Share(NamedTuple):
    """One row, with its parts of the totals in percent."""

    layer: str
    params: float
    mult_adds: float


class Stages(NamedTuple):
    """The rows of one network that cost something."""

    title: str
    rule: str
    rows: tuple[Share, ...]


def of(specs: Sequence[Spec], asked: Asked) -> list[Stages]:
    """The rows of each network that have parameters or mult-adds."""
    networks = [each for spec in specs for each in spec.networks]
    if len(networks) > TOGETHER:
        raise ArchError([too_many("networks", len(networks), TOGETHER)])
    found = [_stages(each) for each in networks]
    if (most := max(len(stages.rows) for stages in found)) > MOST:
        raise ArchError([too_many("rows", most, MOST)])
    return found


def _stages(compiled: Compiled) -> Stages:
    whole = max(compiled.params, 1), max(compiled.mult_adds, 1)
    rows = [
        Share(row.layer, 100 * row.params / whole[0], 100 * row.mult_adds / whole[1])
        for row in compiled.rows
        if row.params or row.mult_adds
    ]
    return Stages(label_of(compiled, compiled.network.display_name), compiled.convention, tuple(rows))


def notes(data: Sequence[Stages]) -> list[str]:
    """The networks that cost nothing."""
    return [f"{stages.title} has no row that costs anything" for stages in data if not stages.rows]


def draw(canvas: Canvas, data: Sequence[Stages]) -> None:
    """Two bars for each row, with their shares at the ends; networks stand beside one another where there is room."""
    most = max(len(stages.rows) for stages in data)
    longest = max([share for each in data for row in each.rows for share in row[1:]], default=100)
    columns = max(1, min(len(data), int(canvas.width / LEAST)))
    longest_title = int(TITLE * canvas.width / columns)
    every = canvas.axes(ROW * max(most, 2) + REST, len(data), columns)
    for axes, stages in zip(every, data, strict=True):
        _draw(axes, stages)
        axes.set_ylim(most - 0.4, -0.6)
        axes.set_xlim(0, 1.16 * longest)
        axes.set_title(literal(stages.title, longest_title), fontsize="medium")
    rules = ", ".join(dict.fromkeys(stages.rule for stages in data))
    canvas.figure.supxlabel(f"share of the total in % (counting rule: {rules})", fontsize="medium")
    canvas.legend(every[0])


def _draw(axes: Any, stages: Stages) -> None:
    places = range(len(stages.rows))
    for shift, name, colour, hatch, shares in (
        (-BAR / 2, "parameters", COLOURS[0], "", [row.params for row in stages.rows]),
        (BAR / 2, "mult-adds", COLOURS[4], "////", [row.mult_adds for row in stages.rows]),
    ):
        at = [place + shift for place in places]
        bars = axes.barh(at, shares, BAR, color=colour, hatch=hatch, edgecolor="white", linewidth=0, label=name)
        axes.bar_label(bars, [f"{share:.1f}" for share in shares], padding=1.5, fontsize="x-small")
    axes.set_yticks([*places], [literal(row.layer) for row in stages.rows])
    axes.tick_params(axis="y", length=0)
