"""What `archspec sweep` and `archspec solve` print: how far they are, the rows that are kept, and what was refused."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from archspec.commands import shared
from archspec.render.formats import value_text
from archspec.support.terminal import columns, printable

if TYPE_CHECKING:
    from archspec.family.sweeps.sweep import Sweep

MOST_SHOWN = 20
"""Rows that are printed as text."""


def show(found: Sweep, form: str, out: str | None = None) -> int:
    """What was found, unless it went to the file ``out``, and then what was refused."""
    if out is None:
        print_rows(found, form)
    else:
        print(f"wrote {printable(out)}: {len(found):,} rows", file=sys.stderr)
    from archspec.family.sweeps.messages import rounded

    settings = "1 setting" if found.size == 1 else f"{rounded(found.size)} settings"
    holds, kept = "holds" if found.held == 1 else "hold", "is kept" if len(found) == 1 else "are kept"
    print(f"{settings}: {rounded(found.held)} {holds}, {len(found):,} {kept}", file=sys.stderr)
    show_refused(found)
    return shared.HOLDS


def show_refused(found: Sweep) -> None:
    """The settings that do not hold, by their reasons."""
    for each in sorted(found.refused, key=lambda each: -each.number):
        first = ", ".join(f"{name}={value_text(value)}" for name, value in each.first.items())
        do = "does" if each.number == 1 else "do"
        said = f"{each.number:,} {do} not hold, {each.code}: {each.message} (first: {first})"
        print(printable(said), file=sys.stderr)


def print_rows(found: Sweep, form: str) -> None:
    """The rows on standard output, as text, CSV or JSON."""
    from archspec.family.sweeps.tables import write_csv, write_json

    if form != "text":
        (write_csv if form == "csv" else write_json)(found, sys.stdout)
        return
    rows = [[*found.columns], *zip(*(values[:MOST_SHOWN].tolist() for values in found.columns.values()), strict=True)]
    texts = [[_shown(value) for value in row] for row in rows]
    print("\n".join(columns(texts, [True] * len(found.columns))))
    if len(found) > MOST_SHOWN:
        print(f"... and {len(found) - MOST_SHOWN:,} more: --top, --sort and --where choose, -o FILE writes all")


def _shown(value: Any) -> str:
    return f"{value:,}" if type(value) is int else value_text(value)


class Bar:
    """How far a sweep is, on a terminal."""

    def __init__(self, shown: bool) -> None:
        self._shown, self._start = shown, time.monotonic()

    def __call__(self, done: int, size: int) -> None:
        if self._shown:
            rate = done / max(time.monotonic() - self._start, 1e-3)
            filled = 30 * done // max(size, 1)
            print(
                f"\r[{'#' * filled}{'.' * (30 - filled)}] {done:,} of {size:,}, {rate:,.0f}/s ", end="", file=sys.stderr
            )

    def done(self, found: Sweep) -> Sweep:
        """Leave the line."""
        if self._shown:
            print(file=sys.stderr)
        return found
