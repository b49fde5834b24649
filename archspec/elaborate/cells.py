"""Cells of a table: in their columns, blank or not, and figures with their mark."""

from __future__ import annotations

import re
from collections.abc import Collection

from archspec.budget import spend
from archspec.diagnostics import Report, Span
from archspec.elaborate import messages as say
from archspec.elaborate.spanning import span_of
from archspec.language import syntax as s
from archspec.support.limits import CELL, MISTAKE, NAME
from archspec.support.markup import BREAK, SEPARATED

BLANK = frozenset({"", "-", "–", "—"})
"""What stands in a cell that holds nothing."""

TIMES = r"(?:[x×]\s*)?(\d+)\s*[x×]?"
"""A number of repetitions as papers print it: ``5×``, ``× 5``."""


def aligned(
    row: tuple[s.Cell, ...], columns: list[str], variants: Collection[str], report: Report
) -> dict[str, s.Cell] | None:
    """The cells of a row by column; one cell may stand for all variants below one header."""
    spend(NAME * len(columns))
    if len(row) < len(columns):
        row = _spread(row, columns, variants)
    if len(row) != len(columns):
        spend(MISTAKE, row[0].span)
        report.add(say.wrong_cells(whole(row), len(row), len(columns), _column_for(row, columns)))
        return None
    return dict(zip(columns, row, strict=True))


def _column_for(row: tuple[s.Cell, ...], columns: list[str]) -> str | None:
    """What is said of a cell too many that names the row which this one takes: its column is not in the header."""
    source = re.fullmatch(r"from\s+(\S.*)", row[-1].text)
    known = "from" not in columns and not any(name.startswith("?") for name in columns)
    if source is None or len(row) != len(columns) + 1 or not known:
        return None
    header = " | ".join([*columns, "from"])
    return f"`from` is a column: write the header `| {header} |`, `{source[1]}` in its cell, and a cell in each row"


def _spread(row: tuple[s.Cell, ...], columns: list[str], variants: Collection[str]) -> tuple[s.Cell, ...]:
    """A row with a cell for each column, where one stands for all below each header that spans several."""
    spend(CELL * len(columns))
    spans = [span_of(name, variants) or i for i, name in enumerate(columns)]
    firsts = dict.fromkeys(spans)
    if len(row) != len(firsts):
        return row
    stands = dict(zip(firsts, row, strict=True))
    return tuple(stands[span] for span in spans)


def in_steps(cell: s.Cell) -> str:
    """The text of a cell with `;` for the breaks of a pasted table."""
    return re.sub(SEPARATED, "; ", cell.span.text) if BREAK in cell.span.text else cell.text


def plain_number(times: s.Cell) -> s.Cell:
    """A cell of repetitions without its ``×``."""
    match = re.fullmatch(TIMES, times.text)
    return times if match is None else s.Cell(times.span.within(*match.span(1)), match[1])


def whole(row: tuple[s.Cell, ...]) -> Span:
    """The place of a row."""
    return row[0].span.to(row[-1].span)
