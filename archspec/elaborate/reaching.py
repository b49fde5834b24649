"""Which parameters a row of a table may depend on: those whose names stand in it, and those that reach every row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from archspec.elaborate.choices import WORD, OfRows
from archspec.ir.network import Row
from archspec.language import syntax as s
from archspec.language.include import every_table

SILENT = (s.Network, s.Title, s.Paper, s.Input, s.Let, s.Choose, s.Variants, s.Claims, s.Train, s.TakenFrom, s.Library)
"""Statements that say nothing of the layers of rows, or what the parameters say already."""


class Reach(NamedTuple):
    """What the layers of each row, and the input, are read from."""

    rows: tuple[frozenset[str], ...]
    input: frozenset[str]


def reach_of(statements: Sequence[s.Statement], rows: Sequence[Row], of_rows: OfRows, names: Collection[str]) -> Reach:
    """The parameters among some that each row may depend on, also by `let` names, blocks and rules.

    A name that stands anywhere but in rows may reach each of them.
    """
    lets = _Names(statements, names)
    everywhere = lets.of(_elsewhere(statements))
    by_line: dict[tuple[int, int], frozenset[str]] = {}
    for cells in (row for table in every_table(statements) for row in table.rows if row):
        said = {word for cell in cells for word in WORD.findall(cell.text)}
        own = of_rows.get(cells[0].span, {})
        place = cells[0].span
        by_line[id(place.source), place.line] = lets.of(said) | {own[word] for word in said & own.keys()} & {*names}
    found = [
        by_line.pop((id(row.place.source), row.place.line), everywhere) if row.place else everywhere for row in rows
    ]
    everywhere = everywhere.union(*by_line.values())  # of rows that are not rows of the network
    given = next((x for x in statements if isinstance(x, s.Input)), None)
    of_input = lets.of(WORD.findall(given.span.text)) if given is not None else frozenset[str]()
    return Reach(tuple(own | everywhere for own in found), of_input)


class _Names:
    """Parameters, and what `let` makes of them."""

    def __init__(self, statements: Sequence[s.Statement], names: Collection[str]) -> None:
        self._of: dict[str, frozenset[str]] = {name: frozenset({name}) for name in names}
        for statement in statements:
            if isinstance(statement, s.Let):
                self._of[statement.name.text] = self.of(WORD.findall(statement.value.span.text))

    def of(self, words: Iterable[str]) -> frozenset[str]:
        """The parameters that some words name."""
        return frozenset[str]().union(*(self._of.get(word, ()) for word in words))


def _elsewhere(statements: Sequence[s.Statement]) -> set[str]:
    """The words of everything but the tables of layers."""
    found: set[str] = set()
    for statement in statements:
        if not isinstance(statement, (*SILENT, s.Table, s.Changes)):
            table = getattr(statement, "table", None)
            cells = [cell.text for row in table.rows for cell in row] if table is not None else []
            behind = [step.span.text for step in getattr(statement, "then", ())]
            found.update(word for text in (statement.span.text, *cells, *behind) for word in WORD.findall(text))
    return found
