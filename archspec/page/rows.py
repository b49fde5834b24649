"""The table of one network: its rows, the steps inside them, and what each sees of the input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from archspec.analysis.checked import Checked
from archspec.analysis.cost import RowCost
from archspec.budget import spend
from archspec.compiled import Compiled
from archspec.page.counts import COUNTS, Flat, counts_of, flat_of, number
from archspec.page.printed import TONES, WORDS
from archspec.render.columns import pair
from archspec.reports.audit.figure import MARKED
from archspec.reports.opened import opened
from archspec.support.limits import LISTED
from archspec.support.terminal import printable

DEPTH = 3
"""Rows are 1, the steps of a block or the runs of a repetition 2, and what is inside those 3."""
SIGNS = {"good": "✓", "odd": "!", "bad": "✗"}


class Mark(NamedTuple):
    """How a printed cell of a row stands."""

    sign: str
    tone: str
    says: str


class TableLine(NamedTuple):
    """A line of the table."""

    row: int
    level: int
    name: str
    text: str
    output: str
    sees: str
    """The receptive field of a row."""
    params: str
    mult_adds: str
    opens: bool
    """Whether lines stand below that belong to it."""
    marks: Mapping[str, Mark]
    """By the quantities that are printed of it."""


class Table(NamedTuple):
    """All lines, and what the script of a page reads."""

    lines: Sequence[TableLine]
    data: Mapping[str, Any]


def table_of(compiled: Compiled) -> Table:
    """The table of a network, with the counts by its own rule; the others stand in the data."""
    flat = flat_of(opened(compiled.network, compiled.inferred, DEPTH))
    spend(LISTED * len(flat))
    counts = counts_of(compiled, flat)
    own = zip(*(counts["columns"][at] for at in counts["rules"][0][: len(COUNTS)]), strict=True)
    marks = _marks(compiled)
    lines = [
        _line(each, following, compiled.rows, marks, [_said(number) for number in numbers])
        for each, following, numbers in zip(flat, [*flat[1:], None], own, strict=False)
    ]
    return Table(lines, {"counts": counts, "rows": [_look(row) for row in compiled.rows]})


def _said(number: int | str) -> str:
    return f"{number:,}" if isinstance(number, int) else number


def _line(
    flat: Flat,
    following: Flat | None,
    rows: Sequence[RowCost],
    marks: Mapping[int, Mapping[str, Mark]],
    counts: Sequence[str],
) -> TableLine:
    opens = following is not None and following.level > flat.level
    if flat.line is not None:
        line = flat.line
        said = printable(line.name), printable(line.text), str(line.output), ""
        return TableLine(flat.row, flat.level, *said, counts[0], counts[1], opens, {})
    row = rows[flat.row]
    sees = pair(row.receptive_field) if row.output.is_map else ""
    said = printable(row.layer), printable(row.op), str(row.output), sees
    return TableLine(flat.row, 0, *said, counts[0], counts[1], opens, marks.get(flat.row, {}))


def _marks(compiled: Compiled) -> dict[int, dict[str, Mark]]:
    """The printed cells of each row."""
    found: dict[int, dict[str, Mark]] = {}
    for cell, check in zip(compiled.network.cells, compiled.cells, strict=False):
        found.setdefault(cell.row, {})[check.quantity] = _mark(check)
    return found


def _mark(check: Checked) -> Mark:
    standing = "wrong" if not check.holds else MARKED.get(check.mark, check.verdict)
    tone = TONES[standing]
    return Mark(SIGNS.get(tone, ""), tone, printable(f"{check.printed} is printed: {WORDS[standing]}"))


def _look(row: RowCost) -> list[Any]:
    """What the panel beside the table shows of a row: see ``looked`` in the script."""
    lens = [None if each is None else list(each) for each in (row.receptive_field, row.stride, row.centre)]
    filters = "?" if row.filters is None else printable(row.filters)
    counts = [number(row.activations), number(row.kept)]
    return [printable(row.layer), list(row.input.dims), list(row.output.dims), *lens, *counts, filters]
