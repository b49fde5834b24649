"""The rows of tables: lines to cells, and where one table ends and another begins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from archspec.budget import spend
from archspec.diagnostics import Report, Span
from archspec.language import syntax as s
from archspec.language.messages import bare_rows, open_row, tables_touch
from archspec.naming import with_x
from archspec.support.limits import CELL, MISTAKE
from archspec.support.markup import BREAK

SEPARATOR = re.compile(r"[\s|:=+]*-[\s|:=+-]*")
OPS = re.compile(r"\|\s*op\s*\|")


def table_of(lines: Sequence[Span], report: Report) -> s.Table:
    """The table of some lines; rules between its rows are left out."""
    bare = [line for line in lines if not line.text.startswith("|")]
    if bare:
        spend(MISTAKE, bare[0])
        report.add(bare_rows(bare[0], len(bare)))
    ruled = [SEPARATOR.fullmatch(line.text) is not None for line in lines[:3]]
    body = [line for line in lines if not SEPARATOR.fullmatch(line.text)]
    rows = [_cells(line, report) for line in body]
    two = ruled == [False, False, True] and _continues(rows[1])
    header = _named(rows.pop(0)) if rows and (two or ruled[:2] == [False, True]) else None
    spanned = _named(rows.pop(0)) if two else None
    return s.Table(lines[0], header, tuple(rows), spanned=spanned)


def parted(lines: Sequence[Span], report: Report) -> list[Sequence[Span]]:
    """The lines of a table, parted where the header of another stands among them, which is a mistake.

    A header stands above a rule, and has other columns than the first or one of ops. Other rules part rows,
    as in print.
    """
    parts = [0]
    bars = len(bars_of(lines[0].text))
    for above, rule in pairwise(range(2, len(lines))):
        if SEPARATOR.fullmatch(lines[rule].text) and not SEPARATOR.fullmatch(lines[above].text):
            own = len(bars_of(lines[above].text))
            if own == len(bars_of(lines[rule].text)) and (own != bars or OPS.search(lines[above].text)):
                spend(MISTAKE, lines[above])
                report.add(tables_touch(lines[above]))
                parts.append(above)
                bars = own
    return [lines[start:end] for start, end in pairwise([*parts, len(lines)])]


def _continues(row: tuple[s.Cell, ...]) -> bool:
    """Whether a row above the rule is a second line of the header: its first cells continue those above them.

    A table without a header has at most two columns.
    """
    return len(row) > 2 and row[0].text == "" and any(cell.text for cell in row)


def _named(header: tuple[s.Cell, ...]) -> tuple[s.Cell, ...]:
    """The cells of a header, in which ``×`` is an ``x``, as in the names of variants."""
    return tuple(cell.replaced(text=with_x(cell.text)) if "×" in cell.text else cell for cell in header)


def _cells(line: Span, report: Report) -> tuple[s.Cell, ...]:
    text = line.text
    bars = bars_of(text)
    if not text.startswith("|"):
        bars.insert(0, -1)
    if bars[-1] != len(text) - 1 or len(bars) == 1:
        if bars[0] == 0:  # else its table is said to lack bars
            spend(MISTAKE, line)
            report.add(open_row(line.within(len(text) - 1, len(text))))
        bars.append(len(text))
    cells = []
    spend(CELL * len(bars), line)
    for left, right in pairwise(bars):
        inner = text[left + 1 : right]
        start = left + 1 + len(inner) - len(inner.lstrip())
        stripped = inner.strip()
        # An empty cell is pointed at in its middle.
        place = line.within(start, start + len(stripped)) if stripped else line.within(left + 1, max(right, left + 2))
        cells.append(s.Cell(place, stripped.replace(BREAK, " ")))
    return tuple(cells)


def bars_of(text: str) -> list[int]:
    """Where the bars of a row stand, outside of quotes."""
    return [m.start() for m in re.finditer(r'"[^"]*"|\|', text) if m[0] == "|"] if "|" in text else []
