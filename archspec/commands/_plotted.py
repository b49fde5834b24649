"""What `archspec sweep --plot` draws, and what it does not."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from archspec.commands import shared
from archspec.commands._outputs import over
from archspec.diagnostics import ArchError
from archspec.support.terminal import printable

if TYPE_CHECKING:
    from archspec.family.sweeps.sweep import Sweep


def plotted(found: Sweep, args: Namespace, chosen: Mapping[str, Any]) -> Sweep:
    """What is kept of a sweep that was drawn."""
    from archspec.family.sweeps.messages import not_a_number
    from archspec.family.sweeps.selection import selection
    from archspec.family.sweeps.sweep import Sweep
    from archspec.reports.plots._front import front

    words = [name for name, values in found.columns.items() if values.dtype.kind in "Ub"]
    kept = selection([*found.columns], words, **{**chosen, "where": None}).of(found.columns)
    names = chosen["pareto"] if len(chosen["pareto"]) == 2 else shared.names_of(args.of)[:2]
    if any(name.removeprefix("-") in words for name in names):
        raise ArchError([not_a_number(names)])
    if len(found):
        plot = front(found.columns, names)
        plot.save(args.plot)
        print(*[f"wrote {printable(args.plot)}", *plot.notes], sep="\n", file=sys.stderr)
    kept_rows = Sweep(kept, found.refused, found.size, found.held)
    if args.out is not None:
        kept_rows.save(args.out)
    return kept_rows


def not_drawn(args: Namespace) -> str | None:
    """Why nothing would be drawn, which is said before anything is counted."""
    from archspec.reports.plots._plot import format_of

    format_of(args.plot)
    names = args.pareto.split(",") if args.pareto is not None else shared.names_of(args.of)
    if args.merge or args.distribution is not None or args.sample is not None:
        return "--plot draws a sweep: write it without --merge, --distribution and --sample"
    return over(args.plot, args.spec) or (
        None
        if len(names) == 2 or (args.pareto is None and len(names) > 2)
        else "--plot draws two columns: --pareto NAME,NAME"
    )
