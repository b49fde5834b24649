"""The members of a sweep as points, one column against another, with the Pareto front."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archspec.family.sweeps.selection import best, joined, ranks
from archspec.reports.plots._canvas import COLOURS, Canvas, counts_on, settings
from archspec.reports.plots._plot import WIDTH, Plot, centimetres

HEIGHT = 0.72
MOST_POINTS = 5_000
"""Points that are drawn beside the front: of more every second, every fourth and so on."""


class Front:
    """Two columns of a sweep against each other, and those rows that none betters; ``-name`` is to be large.

    Rows are added by the part, so that memory holds what is drawn alone.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names, self._columns = names, [name.removeprefix("-") for name in names]
        self._points: dict[str, Any] = {}
        """Every second row, or every fourth and so on, as ``_step`` says."""
        self._front: dict[str, Any] = {}
        self._step = 1
        self.members = 0

    def add(self, columns: Mapping[str, Any]) -> None:
        """More rows, behind those that were added before."""
        rows = {name: columns[name] for name in self._columns}
        count = len(rows[self._columns[0]])
        first = -self.members % self._step
        self._points = _below(self._points, {name: values[first :: self._step] for name, values in rows.items()})
        self.members += count
        while self.members > MOST_POINTS * self._step:
            self._points = {name: values[::2] for name, values in self._points.items()}
            self._step *= 2
        both = _below(self._front, rows)
        kept = best([ranks(both, name) for name in self._names])
        self._front = {name: values[kept] for name, values in both.items()}

    def plot(self) -> Plot:
        """The figure of the rows that were added, one at least; raises ArchError where matplotlib is not installed."""
        across, up = self._columns
        order = self._front[across].argsort(kind="stable")
        kept = [self._front[name][order] for name in self._columns]
        shown = _below(self._points, self._front)
        canvas = Canvas(centimetres(WIDTH))
        with settings():
            [axes] = canvas.axes(HEIGHT * canvas.width)
            for axis, name in ((axes.xaxis, across), (axes.yaxis, up)):
                counts_on(axis, [int(shown[name].min()), int(shown[name].max())])
            grey = {"color": "#999999", "markersize": 2, "markeredgewidth": 0}
            axes.plot(self._points[across], self._points[up], "o", label=f"{self.members:,} members", **grey)
            axes.plot(*kept, "o-", color=COLOURS[0], linewidth=0.8, markersize=3, label="Pareto front")
            axes.set_xlabel(_label(self._names[0]))
            axes.set_ylabel(_label(self._names[1]))
            axes.grid(True, linewidth=0.3, color="#dddddd")
            axes.set_axisbelow(True)
            canvas.legend(axes)
            canvas.settle()
        notes = [f"1 of {self._step} members is drawn, and all of the front"] if self._step > 1 else []
        return Plot({"members": self.members, "front": len(order)}, canvas, notes)


def _below(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return joined([{**one}, {**other}]) if one else {**other}


def _label(name: str) -> str:
    return name.removeprefix("-").replace("mult_adds", "mult-adds").replace("_", " ")
