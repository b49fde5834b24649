"""`use` and `like`: the statements of other files, put where they are named.

Paths are relative to the file that names them and stay in the folder tree of the spec. Nothing here opens a file:
whoever asks for a network hands in what reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple, TypeVar

from archspec.budget import Exhausted, spend
from archspec.diagnostics import ArchError, Report, Source
from archspec.language import syntax as s
from archspec.language.messages import cannot_include, nothing_replaced
from archspec.language.parse import parse
from archspec.naming import Names
from archspec.support.limits import CELL, MISTAKE, MOST_FILES

Reader = Callable[[Source, str], Source]
"""Reads a path that a file names; raises ArchError with the reason where it cannot."""
T = TypeVar("T")


class Resolved(NamedTuple):
    """The statements of a file and of those that it names, and the texts of all of them."""

    statements: list[s.Statement]
    sources: tuple[Source, ...]


def resolve(statements: Sequence[s.Statement], source: Source, reader: Reader | None, report: Report) -> Resolved:
    """The statements with those of the files that they name: a library for each `use`, all of them for `like`."""
    resolver = _Resolver(reader, report)
    found = resolver.statements(statements, (source,))
    return Resolved(found, (source, *resolver.sources))


class _Resolver:
    def __init__(self, reader: Reader | None, report: Report) -> None:
        self._reader, self._report = reader, report
        self._count = 0
        self.sources: list[Source] = []
        """The files that were read."""

    def statements(self, statements: Sequence[s.Statement], path: tuple[Source, ...]) -> list[s.Statement]:
        own = [self._used(x, path) if isinstance(x, s.Use) else x for x in statements]
        header = next((x for x in own if isinstance(x, s.Network)), None)
        if header is None or header.like is None:
            return own
        base = self._read(header.like, path)
        return own if base is None else list(_merged(base, own, header, self._report))

    def _used(self, use: s.Use, path: tuple[Source, ...]) -> s.Statement:
        found = self._read(use.path, path)
        return s.Library(use.span, use.path, None if found is None else tuple(found))

    def _read(self, name: s.Text, path: tuple[Source, ...]) -> list[s.Statement] | None:
        self._count += 1
        spend(MISTAKE, name.span)
        reason = help = None
        if self._reader is None:
            reason = "a text has no folder; load it from a file"
        elif self._count > MOST_FILES:
            reason = f"more than {MOST_FILES} files"
        else:
            try:
                source = self._reader(path[-1], name.text)
            except Exhausted:
                raise
            except ArchError as error:
                wrong = error.diagnostics[0]
                reason, help = wrong.message.removeprefix(f"cannot read `{name.text}`: "), wrong.help
        if reason is None and source.name in [above.name for above in path]:
            reason = "it leads back to itself: " + " > ".join([*(above.name for above in path), source.name])
        if reason is not None:
            self._report.add(cannot_include(name.span, name.text, reason, help))
            return None
        self.sources.append(source)
        return self.statements(parse(source, self._report), (*path, source))


ONCE = (s.Input, s.Variants, s.Counted, s.Brackets, s.Paper, s.StridesFrom)
"""Statements that stand in the place of all of their kind."""


def _merged(
    base: Sequence[s.Statement], own: Sequence[s.Statement], header: s.Network, report: Report
) -> Iterator[s.Statement]:
    """All of the other network, but for what is given anew: blocks and rules by name, rows by layer or setting."""
    yield header.replaced(parameters=_parameters(base, header), like=None)
    replaced = {key for x in own if (key := _key(x)) is not None}
    kinds = tuple(kind for kind in ONCE if any(isinstance(x, kind) for x in own))
    above = tuple(table for x in base if isinstance(x, s.Train) for table in (*x.above, x.table) if table is not None)
    own = [x.replaced(above=above) if isinstance(x, s.Train) else x for x in own]
    trained = any(isinstance(x, s.Train) for x in own)
    tables = [x for x in own if isinstance(x, s.Table)]
    strided = {row.text for x in own if isinstance(x, s.StrideAt) for row in x.rows}
    added = {row.text for x in own if isinstance(x, s.At) for row in x.rows}
    new = _replacing(tables)
    for statement in base:
        if isinstance(statement, (s.Network, s.Title, s.Claims, *kinds)) or _key(statement) in replaced:
            continue
        if isinstance(statement, s.Train):  # its rows stand above those of this network
            yield from [s.Train(statement.span, None, above)] * (not trained)
            continue
        if isinstance(statement, s.Table):
            resized = statement.resized or s.Input in kinds
            yield from _rows_replaced(statement.replaced(inherited=True, resized=resized), new)
        elif isinstance(statement, s.StrideAt):
            yield from _unless_said(statement, strided)
        elif isinstance(statement, s.At):
            yield from _unless_said(statement, added)
        else:
            yield statement
    _complain(base, tables, report)
    yield from (x for x in own if not isinstance(x, s.Table | s.Network))


def _unless_said(given: s.StrideAt | s.At, said: Set[str]) -> Iterator[s.StrideAt | s.At]:
    """What the other network gives to the rows of which this one says nothing."""
    spend(CELL * len(given.rows), given.span)
    kept = tuple(row for row in given.rows if row.text not in said)
    if kept:
        yield given.replaced(rows=kept)


def _parameters(base: Sequence[s.Statement], header: s.Network) -> tuple[s.Parameter, ...]:
    """The other network's parameters with the defaults that are given anew, then the new ones."""
    other = next((x for x in base if isinstance(x, s.Network)), None)
    mine = {parameter.name: parameter for parameter in header.parameters}
    theirs = other.parameters if other else ()
    return (*(mine.pop(p.name, p) for p in theirs), *mine.values())


def _key(statement: s.Statement) -> tuple[str, str] | None:
    """What two statements have in common of which the later stands in the place of the earlier."""
    if isinstance(statement, s.Every):
        return "every", statement.op.text
    if isinstance(statement, s.Block | s.Let | s.Head):
        return type(statement).__name__, statement.name.text
    return None


def _replacing(tables: Sequence[s.Table]) -> dict[str, s.Table]:
    """The rows of tables by their layers, each as a table of its own."""
    wholes = (table.replaced(whole=table.whole or table.rows) for table in tables)
    return {row[0].text: table.replaced(rows=(row,)) for table in wholes for row in table.rows}


def _rows_replaced(table: s.Table, new: Mapping[str, s.Table]) -> Iterator[s.Table]:
    """The table in pieces, with the rows of another table in the place of those of the same layer."""
    spend(CELL * (1 + len(table.rows)), table.span)
    if table.header is None or not new:
        yield table
        return
    table = table.replaced(whole=table.whole or table.rows)
    kept: list[tuple[s.Cell, ...]] = []
    for row in table.rows:
        if row[0].text in new:
            yield from [table.replaced(rows=tuple(kept))] * bool(kept)
            kept = []
            yield new[row[0].text]
        else:
            kept.append(row)
    yield from [table.replaced(rows=tuple(kept))] * bool(kept)


def _complain(base: Sequence[s.Statement], changes: Sequence[s.Table], report: Report) -> None:
    known = Names(row[0].text for x in base if isinstance(x, s.Table) for row in x.rows)
    for change in changes:
        for row in change.rows:
            if row[0].text not in known:
                spend(MISTAKE, row[0].span)
                report.add(nothing_replaced(row[0].span, row[0].text, known))
