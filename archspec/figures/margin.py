"""What each row costs, as bars with their numbers beside the rows; and what is printed wrong of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from archspec.analysis.cost import RowCost
from archspec.analysis.result import Result
from archspec.counting.quantities import MULT_ADDS, OUTPUT, PARAMS
from archspec.figures.metrics import fitted, width_of
from archspec.figures.node import TINY
from archspec.figures.scene import Box, Item, Text
from archspec.figures.words import cell_text, count_text
from archspec.ir.network import WRONG
from archspec.support.bound import is_known

BARRED = (PARAMS, MULT_ADDS)
THICK = 4.6
"""How high a bar is, in points."""
NUMBER, LEAST_BAR = 3.0, 12.0
"""Between a bar and its number, and the shortest that a bar may be at most."""
BETWEEN = 8.0
"""Between two columns of bars."""


class Column(NamedTuple):
    """One quantity beside the rows: where its bars start, how long the longest may be, and where its numbers end."""

    field: str
    name: str
    left: float
    bar: float
    right: float
    most: int


class Wrong(NamedTuple):
    """What is printed wrong of a row: of its cell, of its output, and of what it costs, by the fields of columns."""

    cell: tuple[str, ...] = ()
    output: str = ""
    costs: tuple[tuple[str, str], ...] = ()


def numbers_width(rows: Sequence[RowCost], field: str, name: str, total: str) -> float:
    """How wide the numbers of a column are, with their header."""
    numbers = [width_of(count_text(getattr(row, field)), TINY) for row in rows]
    return max([*numbers, width_of(name, TINY), width_of(total, TINY, True)])


def columns_of(
    result: Result, left: float, right: float, wrongs: Mapping[int, Wrong] = {}, most: float = 0
) -> list[Column]:
    """The columns between two places, as wide as one another but for their numbers and what is printed wrong.

    Of that the longest has room, as far as it is not wider than ``most``.
    """
    said = [(field, min(most, width_of(text, TINY))) for wrong in wrongs.values() for field, text in wrong.costs]
    totals = [count_text(getattr(result.totals, each.field)) for each in BARRED]
    wide = [numbers_width(result.rows, x.field, x.name, total) for x, total in zip(BARRED, totals, strict=True)]
    bar = (right - left - sum(wide) - BETWEEN - NUMBER * len(BARRED)) / len(BARRED)
    bar = bar if bar >= LEAST_BAR else 0.0
    found, x = [], left
    for quantity, width in zip(BARRED, wide, strict=True):
        largest = max((getattr(row, quantity.field) for row in result.rows), default=0)
        printed = max((wide for field, wide in said if field == quantity.field), default=0.0)
        far = x + max(bar + NUMBER * bool(bar) + width, printed)
        found.append(Column(quantity.field, quantity.name, x, bar, far, largest))
        x = far + BETWEEN
    return found


def headed(result: Result, columns: Sequence[Column], y: float) -> Iterator[Item]:
    """What the columns are, with their totals below."""
    for column in columns:
        yield Text(column.right, y, column.name, "text.soft", TINY, "end")
        total = count_text(getattr(result.totals, column.field))
        yield Text(column.right, y + TINY * 1.25, total, "text", TINY, "end", bold=True)


def barred(row: RowCost, columns: Sequence[Column], y: float) -> Iterator[Item]:
    """The bars of a row with their middle at a height."""
    for column in columns:
        amount = getattr(row, column.field)
        if not amount and is_known(amount):
            continue
        if column.bar and amount:
            long = max(0.4, column.bar * amount / max(column.most, 1))
            yield Box(column.left, y - THICK / 2, column.bar, THICK, "bar.ground")
            yield Box(column.left, y - THICK / 2, min(long, column.bar), THICK, f"bar.{column.field}")
        yield Text(column.right, y + 0.36 * TINY, count_text(amount), "text", TINY, "end")


def wrongs_of(result: Result) -> dict[int, Wrong]:
    """By its place, what is printed wrong of each row, as far as the figure shows what is right."""
    found: dict[int, Wrong] = {}
    for misprint in result.network.misprints if not result.network.overridden else ():
        known = found.get(misprint.row, Wrong())
        found[misprint.row] = known._replace(cell=(*known.cell, f"printed {cell_text(misprint.printed)}"))
    fields = {each.name: each.field for each in BARRED}
    for cell, checked in zip(result.network.cells, result.cells, strict=False):
        if cell.mark != WRONG or checked.quantity != cell.quantity:
            continue
        known = found.get(cell.row, Wrong())
        said = f"printed {cell_text(cell.printed)}"
        if cell.quantity == OUTPUT.name:
            found[cell.row] = known._replace(output=said)
        elif cell.quantity in fields:
            found[cell.row] = known._replace(costs=(*known.costs, (fields[cell.quantity], said)))
    return found


def crossed(wrong: Wrong, columns: Sequence[Column], y: float) -> Iterator[Item]:
    """What is printed wrong of what a row costs, below its bars."""
    for field, said in wrong.costs:
        column = next(each for each in columns if each.field == field)
        fits = fitted(said, TINY, column.right - column.left)
        yield Text(column.right, y + 0.36 * TINY, fits, "text.wrong", TINY, "end")
