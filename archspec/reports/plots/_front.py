"""The members of a sweep as points, one column against another, with the Pareto front."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archspec.family.sweeps.selection import best, ranks
from archspec.reports.plots._canvas import COLOURS, Canvas, counts_on, settings
from archspec.reports.plots._plot import WIDTH, Plot, centimetres

HEIGHT = 0.72
MOST_POINTS = 5_000
"""Points that are drawn beside the front: of more every second, every third and so on."""


def front(columns: Mapping[str, Any], names: Sequence[str]) -> Plot:
    """Two columns of a sweep against each other, and those rows that none betters; ``-name`` is to be large.

    Raises ArchError where matplotlib is not installed.
    """
    across, up = (columns[name.removeprefix("-")] for name in names)
    kept = best([ranks(columns, name) for name in names])
    kept = kept[across[kept].argsort(kind="stable")]
    step = -(-len(across) // MOST_POINTS) or 1
    canvas = Canvas(centimetres(WIDTH))
    with settings():
        [axes] = canvas.axes(HEIGHT * canvas.width)
        counts_on(axes.xaxis, [int(value) for value in (across.min(), across.max())])
        counts_on(axes.yaxis, [int(value) for value in (up.min(), up.max())])
        grey = {"color": "#999999", "markersize": 2, "markeredgewidth": 0}
        axes.plot(across[::step], up[::step], "o", label=f"{len(across):,} members", **grey)
        axes.plot(across[kept], up[kept], "o-", color=COLOURS[0], linewidth=0.8, markersize=3, label="Pareto front")
        axes.set_xlabel(_label(names[0]))
        axes.set_ylabel(_label(names[1]))
        axes.grid(True, linewidth=0.3, color="#dddddd")
        axes.set_axisbelow(True)
        canvas.legend(axes)
        canvas.settle()
    notes = [f"1 of {step} members is drawn, and all of the front"] if step > 1 else []
    return Plot({"members": len(across), "front": len(kept)}, canvas, notes)


def _label(name: str) -> str:
    return name.removeprefix("-").replace("mult_adds", "mult-adds").replace("_", " ")
