"""Rows that hold figures of the whole network, as papers print them below their layers: ``| FLOPs | | 1.8x10^9 |``."""

from __future__ import annotations

from collections.abc import Mapping

from archspec.counting.quantities import CHECKS, CLAIMS, readable
from archspec.elaborate.cells import BLANK
from archspec.elaborate.headers import folded, header_of
from archspec.elaborate.marks import unmarked
from archspec.language import syntax as s

TOTAL = frozenset({"total", "totals", "sum"})


def totals_in(
    name: s.Cell | None, op: s.Cell | None, cells: Mapping[str, s.Cell]
) -> list[tuple[str, s.Cell, str]] | None:
    """The figures of a row of totals, each with its quantity and the unit that its name says; None of another row.

    A row is one by its name: a quantity, with figures where layers would stand, or ``total``, with figures in the
    columns of checks.
    """
    if name is None or (op is not None and op.text not in BLANK and not op.text[0].isdigit()):
        return None  # a layer, most likely, as of nearly all rows
    if folded(name.text) in TOTAL and (op is None or op.text in BLANK):
        return _in_columns(cells)
    quantity, unit = header_of(name.text, (), CLAIMS)
    if quantity not in CLAIMS:
        return None
    printed = _in_columns(cells) or []
    if op is None or op.text in BLANK:
        others = [cell for cell in cells.values() if cell is not name and cell.text not in BLANK]
        if not others or len({cell.text for cell in others}) > 1:
            return None if others else []
        op, printed = others[0], []
    return [(quantity, op, unit), *printed] if readable(quantity, unmarked(op.text)) else None


def _in_columns(cells: Mapping[str, s.Cell]) -> list[tuple[str, s.Cell, str]] | None:
    printed = {column: cell for column, cell in cells.items() if column in CHECKS and cell.text not in BLANK}
    if not printed or not printed.keys() <= {*CLAIMS}:
        return None
    return [(column, cell, "") for column, cell in printed.items()]
