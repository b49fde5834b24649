"""Cells of a table: in their columns, blank or not, and figures with their mark."""

from __future__ import annotations

from collections.abc import Collection

from archspec.budget import spend
from archspec.diagnostics import Report, Span
from archspec.elaborate import messages as say
from archspec.elaborate.spanning import span_of
from archspec.language import syntax as s
from archspec.support.limits import MISTAKE, NAME

BLANK = frozenset({"", "-", "–", "—"})
"""What stands in a cell that holds nothing."""


def aligned(
    row: tuple[s.Cell, ...], columns: list[str], variants: Collection[str], report: Report
) -> dict[str, s.Cell] | None:
    """The cells of a row by column; one cell may stand for all variants below one header."""
    spend(NAME * len(columns))
    spans = [span_of(name, variants) for name in columns]
    kinds = {span for span in spans if span is not None}
    if len(row) < len(columns) and len(row) == spans.count(None) + len(kinds):
        firsts = [i for i, span in enumerate(spans) if span is None or spans.index(span) == i]
        stands = {spans[i] or i: cell for i, cell in zip(firsts, row, strict=True)}
        row = tuple(stands[span or i] for i, span in enumerate(spans))
    if len(row) != len(columns):
        spend(MISTAKE, row[0].span)
        report.add(say.wrong_cells(whole(row), len(row), len(columns)))
        return None
    return dict(zip(columns, row, strict=True))


def whole(row: tuple[s.Cell, ...]) -> Span:
    """The place of a row."""
    return row[0].span.to(row[-1].span)
