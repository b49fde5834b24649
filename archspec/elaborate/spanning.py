"""Headers of two lines: one that spans several columns, and below it the variant that each of them is for.

Such a column is called `channels|0.5x`; a row of one variant has its cell under `channels`. Variants whose columns hold
layers are called by their names alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from archspec.diagnostics import Report
from archspec.elaborate import messages as say
from archspec.language import syntax as s

BAR = "|"
"""What no header can hold."""
LAYERS = "op"


class Head(NamedTuple):
    """The header of one column, and the variant below it."""

    cell: s.Cell
    variant: s.Cell | None = None


def heads_of(table: s.Table, variants: Collection[str], report: Report) -> list[Head] | None:
    """The headers of the columns; None where the two lines do not stand over one another, which is reported."""
    assert table.header is not None
    if table.spanned is None:
        return [Head(cell) for cell in table.header]
    below = table.spanned
    named = [i for i, cell in enumerate(below) if cell.text]
    above = _spread(table.header, len(below), named)
    if above is None:
        report.add(say.lines_apart(below[0].span.to(below[-1].span), len(below), len(table.header)))
        return None
    unlisted = [i for i in named if below[i].text not in variants]
    for i in unlisted if variants else unlisted[:1]:  # where there are none, one line names them all
        names = [below[j].text for j in named]
        report.add(say.unlisted_variant(below[i].span, below[i].text, variants, names))
    return [Head(top, cell if cell.text else None) for top, cell in zip(above, below, strict=True)]


def _spread(above: tuple[s.Cell, ...], columns: int, named: list[int]) -> list[s.Cell] | None:
    """The first line with a cell for each column: one stands for all that are named below it, or for the empty ones."""
    cells = list(above)
    if len(cells) == columns - len(named) + 1 and named == list(range(named[0], named[-1] + 1)):
        first = named[0]
        return cells[:first] + [cells[first]] * len(named) + cells[first + 1 :]
    if len(cells) != columns:
        return None
    for i in named:
        if not cells[i].text and i:
            cells[i] = cells[i - 1]
    return cells


def column_of(name: str, variant: str) -> str:
    """What the column of a variant is called below a header of that meaning."""
    return variant if name == LAYERS else f"{name}{BAR}{variant}"


def span_of(column: str, variants: Collection[str]) -> str | None:
    """The header that spans a column; None for a column that stands alone."""
    name, bar, _ = column.rpartition(BAR)
    return name if bar else LAYERS if column in variants else None


def of_variant(cells: Mapping[str, s.Cell], variant: str | None) -> Iterator[tuple[str, s.Cell]]:
    """The cells of a row by what they are for one variant."""
    for column, cell in cells.items():
        name, bar, own = column.rpartition(BAR)
        if not bar:
            yield column, cell
        elif own == variant:
            yield name, cell
