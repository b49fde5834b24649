"""`use`, `like` and the files of claims: the statements of other files, put where they are named.

Paths are relative to the file that names them and stay in the folder tree of the spec. Nothing here opens a file:
whoever asks for a network hands in what reads them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence, Set
from typing import NamedTuple, TypeVar

from archspec.budget import Exhausted, spend
from archspec.diagnostics import ArchError, Report, Source, Span
from archspec.language import syntax as s
from archspec.language.messages import cannot_include
from archspec.language.parse import parse, parse_cell
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
        if len(path) == 1:  # what other networks claim is not asked
            own = [x.replaced(others=self._others(x, path)) if isinstance(x, s.Claims) else x for x in own]
        header = next((x for x in own if isinstance(x, s.Network)), None)
        if header is None or header.like is None:
            return own
        base = self._read(header.like, path)
        if base is None:  # what its rows are is not known
            return [x for x in own if not isinstance(x, s.TakenOut) and not (isinstance(x, s.Table) and added(x))]
        return list(_merged(base, own, header))

    def _used(self, use: s.Use, path: tuple[Source, ...]) -> s.Statement:
        return self._library(use.span, use.path, path)

    def _library(self, span: Span, name: s.Text, path: tuple[Source, ...]) -> s.Library:
        found = self._read(name, path)
        return s.Library(span, name, None if found is None else tuple(found))

    def _others(self, claims: s.Claims, path: tuple[Source, ...]) -> tuple[s.Library, ...]:
        """The networks of other files that figures are compared with, each file once."""
        if self._reader is None:  # their figures are not checked, and the network is what it is
            return ()
        named = {name.text: name for name in _compared_with(claims)}
        return tuple(self._library(claims.span, name, path) for name in reversed(named.values()))

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


def _compared_with(claims: s.Claims) -> Iterator[s.Text]:
    """The files that figures name, last ones first; what is wrong with a figure is said where its cell is read."""
    table = claims.table
    if table is None or table.header is None:
        return
    for row in reversed(table.rows):
        for head, cell in zip(table.header, row, strict=False):
            if head.text.lower() == "figure" and '"' in cell.text:
                found = parse_cell(cell, "figure", Report())
                if isinstance(found, s.Beside) and found.file is not None:
                    yield found.file


ONCE = (s.Input, s.Variants, s.Counted, s.Brackets, s.Paper, s.StridesFrom)
"""Statements that stand in the place of all of their kind."""
PLACE = re.compile(r'(?P<where>after|before)\s+(?:"(?P<quoted>[^"]*)"|(?P<row>\S.*))', re.IGNORECASE)
"""The first cell of the header of a table whose rows are added; the row stands in quotes as in statements."""


def _merged(base: Sequence[s.Statement], own: Sequence[s.Statement], header: s.Network) -> Iterator[s.Statement]:
    """All of the other network, but for what is given anew: blocks and rules by name, settings of the recipe by theirs.

    Its rows are followed by what is done to them, which goes by names that are known where rows are read.
    """
    yield header.replaced(parameters=_parameters(base, header), like=None)
    replaced = {key for x in own if (key := _key(x)) is not None}
    kinds = tuple(kind for kind in ONCE if any(isinstance(x, kind) for x in own))
    above = tuple(table for x in base if isinstance(x, s.Train) for table in (*x.above, x.table) if table is not None)
    own = [x.replaced(above=above) if isinstance(x, s.Train) else x for x in own]
    trained = any(isinstance(x, s.Train) for x in own)
    strided = {row.text for x in own if isinstance(x, s.StrideAt | s.TakenOut) for row in x.rows}
    given = {row.text for x in own if isinstance(x, s.At | s.TakenOut) for row in x.rows}
    for statement in base:
        if isinstance(statement, (s.Network, s.Title, s.Claims, *kinds)) or _key(statement) in replaced:
            continue
        if isinstance(statement, s.Train):  # its rows stand above those of this network
            yield from [s.Train(statement.span, None, above)] * (not trained)
            continue
        if isinstance(statement, s.Table):
            yield _inherited(statement, s.Input in kinds)
        elif isinstance(statement, s.Changes):
            anew = tuple(_inherited(table, s.Input in kinds) for table in statement.anew)
            more = tuple(x.replaced(table=_inherited(x.table, s.Input in kinds)) for x in statement.added)
            yield statement.replaced(anew=anew, added=more)
        elif isinstance(statement, s.StrideAt):
            yield from _unless_said(statement, strided)
        elif isinstance(statement, s.At):
            yield from _unless_said(statement, given)
        else:
            yield statement
    yield from _changes(own, header)
    yield from (x for x in own if not isinstance(x, s.Table | s.TakenOut | s.Network))


def _inherited(table: s.Table, resized: bool) -> s.Table:
    """The table of another network, perhaps one of another input."""
    spend(CELL * (1 + len(table.rows)), table.span)
    return table.replaced(inherited=True, resized=table.resized or resized)


def _changes(own: Sequence[s.Statement], header: s.Network) -> Iterator[s.Changes]:
    """What a network does to the rows of the other."""
    tables = [x for x in own if isinstance(x, s.Table)]
    placed = tuple(found for table in tables if (found := added(table)) is not None)
    replaced = tuple(table for table in tables if added(table) is None)
    taken_out = tuple(row for x in own if isinstance(x, s.TakenOut) for row in x.rows)
    if tables or taken_out:
        yield s.Changes(header.span, replaced, placed, taken_out)


def added(table: s.Table) -> s.Added | None:
    """The rows of a table whose header says after or before which row they stand; None for any other table."""
    first = table.header[0] if table.header else None
    said = PLACE.fullmatch(first.text) if first is not None else None
    if first is None or said is None or table.header is None:
        return None
    group = "row" if said["quoted"] is None else "quoted"
    name = s.Text(first.span.within(*said.span(group)), said[group])
    layers = table.replaced(header=(first.replaced(text="layer"), *table.header[1:]))
    return s.Added(table.span, said["where"].lower() == "before", name, layers)


def every_table(statements: Sequence[s.Statement]) -> list[s.Table]:
    """All tables of layers, also those that change the rows of another network."""
    found: list[s.Table] = []
    for statement in statements:
        found += [statement] if isinstance(statement, s.Table) else []
        found += statement.tables if isinstance(statement, s.Changes) else ()
    return found


def _unless_said(given: s.StrideAt | s.At, said: Set[str]) -> Iterator[s.StrideAt | s.At]:
    """What the other network gives to the rows that this one has and says nothing of."""
    spend(CELL * len(given.rows), given.span)
    kept = tuple(row for row in given.rows if row.text not in said)
    if kept:
        yield given.replaced(rows=kept, inherited=True)


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
    if isinstance(statement, s.Block | s.Choose | s.Let | s.Head):
        return type(statement).__name__, statement.name.text
    return None
