"""Rows in their places, and what a network `like` another does to the rows of that one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from archspec.budget import spend
from archspec.counting.quantities import SHAPES
from archspec.diagnostics import Report
from archspec.elaborate import like_messages as say
from archspec.elaborate.cells import BLANK
from archspec.ir.network import Misprint, Row
from archspec.language import syntax as s
from archspec.naming import Names
from archspec.support.limits import CELL, ROW


class Entry(NamedTuple):
    """A row in its place with what stands beside it; there is no ``row`` where this network or variant lacks it."""

    name: str
    first: s.Cell
    """What stands in the first column."""
    row: Row | None = None
    sources: s.Cell | None = None
    """What the column `from` says."""
    printed: Mapping[str, s.Cell] = {}
    """The printed figures, by quantity."""
    units: Mapping[str, str] = {}
    resolution: s.Cell | None = None
    """What the column says from which strides follow."""
    lent: bool = False
    """Whether that is of the row in whose place this one stands, and which had a stride by it."""
    aside: bool = False
    """Whether it holds no layers, and may lack a resolution."""
    added: bool = False
    """Whether it is added to those of another network."""
    out: bool = False
    """Whether it is taken out, and only its resolution is left, by which the row above has its stride."""
    misprints: tuple[Misprint, ...] = ()
    """The cells that are printed wrong, not yet with the position of the row."""

    @property
    def says_resolution(self) -> bool:
        """Whether its resolution is printed."""
        return self.resolution is not None and self.resolution.text not in BLANK


def gone(changes: s.Changes) -> frozenset[str]:
    """The names of rows that a network `like` another gives anew or takes out, so that nobody need read those."""
    anew = (row[0].text for table in changes.anew for row in table.rows)
    return frozenset((*anew, *(name.text for name in changes.taken_out)))


class Change:
    """What one network does to the rows of another, which go by their names there."""

    def __init__(self, rows: Sequence[Entry], changes: s.Changes, report: Report) -> None:
        self._rows, self._changes, self._report = rows, changes, report
        self._places: dict[str, list[int]] = {}
        for i, row in enumerate(rows):
            spend(CELL)
            if not row.out:
                self._places.setdefault(row.name, []).append(i)
        self._known = Names(self._places)
        self.taken_out = dict(self._taken_out())

    def rows(self, read: Callable[[s.Table], Sequence[Entry]]) -> list[Entry]:
        """The rows of both networks; shapes that the other prints below what is added or taken out are not its own."""
        anew = self._anew(read)
        before, after = self._added(read)
        out = {self._places[name][0] for name in self.taken_out}
        first = min((*before, *(i + 1 for i in after), *out), default=len(self._rows))
        found: list[Entry] = []
        for i, row in enumerate(self._rows):
            spend(CELL)
            found += before.get(i, ())
            if i in out:
                found.append(Entry(row.name, row.first, resolution=row.resolution, out=True))
            elif i in anew:
                found.append(_in_place_of(row, anew[i]))
            else:
                found.append(row if i < first else _without_shapes(row))
            found += after.get(i, ())
        return found

    def _anew(self, read: Callable[[s.Table], Sequence[Entry]]) -> dict[int, Entry]:
        """The rows that stand in the place of others."""
        rows = [row for table in self._changes.anew for row in read(table)]
        for row in rows:
            if row.first.text not in self._places:
                spend(ROW, row.first.span)
                self._report.add(say.no_such_row(row.first.span, row.first.text, self._known))
        return {i: row for row in rows for i in self._places.get(row.first.text, ())}

    def _added(
        self, read: Callable[[s.Table], Sequence[Entry]]
    ) -> tuple[dict[int, list[Entry]], dict[int, list[Entry]]]:
        """The rows that are added, by the place of the row before which, or after which, they stand."""
        before: dict[int, list[Entry]] = {}
        after: dict[int, list[Entry]] = {}
        for added in self._changes.added:
            place, rows = self._place(added.row, "no such row"), read(added.table)
            for row in rows:
                if row.name in self._places and row.name not in self.taken_out:
                    self._report.add(say.added_again(row.first.span, row.name))
            if place is not None:
                rows = [row._replace(added=True) for row in rows]
                (before if added.before else after).setdefault(place, []).extend(rows)
        return before, after

    def _taken_out(self) -> list[tuple[str, s.Text]]:
        """The rows that are taken out, by name, each with the place where that is said."""
        anew = {row[0].text: row[0].span for table in self._changes.anew for row in table.rows}
        found: dict[str, s.Text] = {}
        for name in self._changes.taken_out:
            if name.text in found:
                self._report.add(say.taken_out_twice(name.span, name.text, found[name.text].span))
            elif name.text in anew:
                self._report.add(say.kept_and_taken_out(name.span, name.text, anew[name.text]))
            elif self._place(name, "takes out nothing") is not None:
                found[name.text] = name
        return [*found.items()]

    def _place(self, name: s.Text, label: str) -> int | None:
        """Where the one row of a name stands; None where there is none or more, which is reported."""
        spend(ROW, name.span)
        places = self._places.get(name.text, [])
        if not places:
            self._report.add(say.no_such_row(name.span, name.text, self._known, label))
        elif len(places) > 1:
            self._report.add(say.several_rows(name.span, name.text, len(places)))
        return places[0] if len(places) == 1 else None


def in_order(rows: Sequence[Entry]) -> Iterator[Entry]:
    """The rows of which one is as large as its resolution says before the next, also those that are taken out.

    Rows that are added with resolutions stand in the place of those that are taken out beside them.
    """
    for changed, run in groupby(rows, key=lambda row: row.added or row.out):
        group = [*run]
        anew = changed and any(row.added and row.says_resolution for row in group)
        for row in group:
            there = not anew if row.out else row.row is not None
            if there and (row.says_resolution or not (changed or row.aside)):
                yield row


def _in_place_of(other: Entry, row: Entry) -> Entry:
    """A row with the resolution of the one in whose place it stands, where it has none."""
    if row.says_resolution:
        return row
    return row._replace(resolution=other.resolution, lent=True, aside=other.aside or other.added)


def _without_shapes(row: Entry) -> Entry:
    return row._replace(printed={name: cell for name, cell in row.printed.items() if name not in SHAPES})
