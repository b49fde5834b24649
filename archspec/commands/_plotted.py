"""What `archspec sweep --plot` draws, and what it does not."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from archspec.commands import shared
from archspec.commands._outputs import over
from archspec.diagnostics import ArchError
from archspec.support.terminal import printable
from archspec.weights.files import needed

if TYPE_CHECKING:
    from archspec.family.sweeps.batch import Batch
    from archspec.family.sweeps.selection import Columns, Selection
    from archspec.family.sweeps.sweep import Plan


class Drawing:
    """The figure of a sweep, which passes by in parts: all rows are drawn, and some are kept."""

    def __init__(self, args: Namespace, plan: Plan, kept: Selection) -> None:
        """Raises ArchError for a column of words, and where matplotlib is not installed."""
        from archspec.family.sweeps.messages import not_a_number
        from archspec.reports.plots._front import Front

        names = kept.pareto if len(kept.pareto) == 2 else shared.names_of(args.of)[:2]
        if any(plan.is_of_words(name.removeprefix("-")) for name in names):
            raise ArchError([not_a_number(names)])
        needed("matplotlib", "plotting", "plot")
        self._file, self.kept, self._front = args.plot, kept, Front(names)

    def of(self, parts: Iterable[tuple[Columns, Batch]]) -> Iterator[tuple[Columns, Batch]]:
        """What is kept of each part, after it is drawn."""
        for columns, batch in parts:
            self._front.add(columns)
            yield self.kept.of(columns), batch

    def save(self) -> None:
        """Write the figure, unless there is nothing to draw."""
        if self._front.members:
            plot = self._front.plot()
            plot.save(self._file)
            print(*[f"wrote {printable(self._file)}", *plot.notes], sep="\n", file=sys.stderr)


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
