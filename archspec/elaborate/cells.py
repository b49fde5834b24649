"""Cells of a table: in their columns, blank or not, and figures with their mark."""

from __future__ import annotations

from collections.abc import Collection

from archspec.budget import spend
from archspec.diagnostics import Report, Span
from archspec.elaborate import messages as say
from archspec.language import syntax as s
from archspec.support.limits import MISTAKE, NAME

BLANK = frozenset({"", "-", "–", "—"})


def aligned(
    row: tuple[s.Cell, ...], columns: list[str], variants: Collection[str], report: Report
) -> dict[str, s.Cell] | None:
    """The cells of a row by column; one cell may stand for all variants."""
    spend(NAME * len(columns))
    spanned = [i for i, name in enumerate(columns) if name in variants]
    if len(spanned) > 1 and len(row) == len(columns) - len(spanned) + 1:
        first = spanned[0]
        row = row[:first] + (row[first],) * len(spanned) + row[first + 1 :]
    if len(row) != len(columns):
        spend(MISTAKE, row[0].span)
        report.add(say.wrong_cells(whole(row), len(row), len(columns)))
        return None
    return dict(zip(columns, row, strict=True))


def marked_figure(text: str) -> tuple[str, bool]:
    """A printed figure without its mark, and whether it had one."""
    return (text[:-1].rstrip(), True) if text.endswith("!") else (text, False)


def whole(row: tuple[s.Cell, ...]) -> Span:
    """The place of a row."""
    return row[0].span.to(row[-1].span)
