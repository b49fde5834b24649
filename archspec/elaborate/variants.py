"""Variants: the columns of a family, and the parameters that each of them sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from archspec.budget import spend
from archspec.diagnostics import Report
from archspec.elaborate import messages as say
from archspec.elaborate.cells import BLANK
from archspec.elaborate.scope import Scope, Wrong
from archspec.ir.network import Value
from archspec.language import syntax as s
from archspec.language.parse import parse_cell
from archspec.naming import Names, with_x
from archspec.support.limits import CELL


def variants_of(statements: Sequence[s.Statement]) -> tuple[str, ...]:
    """The names of the variants, in the order of the columns; none where the file is one network."""
    found = [x for x in statements if isinstance(x, s.Variants)]
    listed = [name.text for x in found for name in x.names]
    return tuple(listed + [with_x(row[0].text) for x in found if x.table for row in x.table.rows if row])


def settings_of(
    statements: Sequence[s.Statement], header: s.Network, variant: str | None, scope: Scope, report: Report
) -> dict[str, Value]:
    """The parameters that a variant sets, by the table below `variants`; mistakes in any of its rows are reported.

    A column that sets no parameter is a mistake once, and not where rows use its name.
    """
    parameters = Names(parameter.name for parameter in header.parameters)
    defaults = {p.name: plain for p in header.parameters if (plain := _plain(p.value)) is not None}
    tables = [x.table for x in statements if isinstance(x, s.Variants) and x.table]
    found: dict[str, Value] = {}
    for table in tables:
        if table.header is None:
            report.add(say.no_header(table.span, "| variant | ... |"))
            continue
        for at, cell in enumerate(table.header[1:], 1):
            if cell.text not in parameters:
                wrong = say.undeclared_column(cell.span, cell.text, parameters, _printed(table, at))
                report.add(wrong)
                scope.spoil(cell.text, wrong)
        for row in table.rows:
            spend(CELL * len(row), row[0].span)
            if len(row) != len(table.header):
                report.add(say.wrong_cells(row[0].span.to(row[-1].span), len(row), len(table.header)))
                continue
            cells = {head.text: cell for head, cell in zip(table.header, row, strict=True) if head.text in parameters}
            settings = dict(cell_values(cells, defaults, report))
            found |= settings if with_x(row[0].text) == variant else {}
    return found


def _printed(table: s.Table, column: int) -> str | None:
    """The first value of a column."""
    return next((row[column].text for row in table.rows if len(row) > column and row[column].text), None)


def _plain(value: s.Value) -> Value | None:
    """A default that is a number, or yes or no, where it can be said without the others."""
    try:
        found = Scope().value(value).known
    except Wrong:  # which is said where parameters are read
        return None
    return found if isinstance(found, bool | int | float) else None


def cell_values(
    cells: Mapping[str, s.Cell], defaults: Mapping[str, Value], report: Report
) -> Iterator[tuple[str, Value]]:
    """The values in cells of a table whose columns are parameters, of which these are known to be of some kind.

    Empty ones keep the default.
    """
    for name, cell in cells.items():
        value = parse_cell(cell, "value", report) if cell.text not in BLANK else None
        if value is not None:
            try:
                found = Scope().value(value).known
            except Wrong as wrong:
                report.add(wrong.diagnostic)
                continue
            unlike = say.wrong_kind(cell.span, name, found, defaults[name]) if name in defaults else None
            if unlike is not None:
                report.add(unlike)
            else:
                yield name, found
