"""What a network costs as a sum of terms of few parameters: one for each row, by a table over what the row depends on.

A row is read once for each setting of the parameters that its text names, and counted once for each shape that can
enter. So the members of a search space, a million million of them, take some hundred networks that are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from random import Random
from typing import Any, NamedTuple

import numpy as np

from archspec.analysis.cost import ENTRY, FIELDS, sums_of
from archspec.analysis.inferred import Flow, ends_in_loss
from archspec.analysis.shapes import again
from archspec.budget import Exhausted, request
from archspec.counting.conventions import Counting
from archspec.elaborate.messages import as_written
from archspec.family.formulas.pieces import SIDES, member_at
from archspec.family.member import Member
from archspec.ir.network import Network, Value
from archspec.op import Shape

MOST_ENTRIES = 100_000
"""Settings of the parameters on which one row depends."""
MOST_READ = 3_000
"""Settings of the parameters that the text of one row names, for each of which it is read."""
FITS = 2**62
HELD_TO_COUNT = 8
"""Members that are counted as whole networks too, before terms are trusted."""
Axes = Mapping[str, Sequence[Value]]


class NoTerms(Exception):
    """A network is not known to be a sum of terms: why."""


class Term(NamedTuple):
    """What some rows have, which depends on these parameters alone."""

    names: tuple[str, ...]
    tables: Mapping[str, Any]
    """For each quantity an array with an axis for each of the names."""


def terms_of(member: Member, axes: Axes, quantities: Sequence[str], counting: Counting) -> list[Term]:
    """The terms of a family over some values of its parameters; raises NoTerms where there are none.

    Their sum is the count of every member, to the last digit.
    """
    others = [name for name in quantities if name not in FIELDS]
    if others:
        raise NoTerms(f"`{others[0]}` is not a sum over rows")
    for name, (_, allowed) in member.elaborated.choices.items():
        if not {*axes.get(name, ())} <= {*allowed}:
            raise NoTerms(f"`{name}` is one of {', '.join(map(as_written, allowed))}")
    network = member.architecture
    if counting.with_heads and network.heads:
        raise NoTerms("heads are counted")
    if counting.runs and any(map(ends_in_loss, network.rows)):
        raise NoTerms(f"`{counting.name}` leaves out what belongs to the loss")
    found = _Rows(member, axes, counting).terms(quantities)
    _check(found, member, axes, counting)
    return found


def _check(terms: Sequence[Term], member: Member, axes: Axes, counting: Counting) -> None:
    """Hold some members, the same ones each time, to the count of the whole network."""
    pen = Random(0)
    for _ in range(HELD_TO_COUNT):
        places = {name: pen.randrange(len(values)) for name, values in axes.items()}
        with request():
            whole = member_at(member, {name: axes[name][i] for name, i in places.items()})
            if whole.failed:
                raise NoTerms(f"it does not hold: {whole.wrong.message if whole.wrong else ''}")
            totals = whole.totals_by(counting)._asdict()
        for quantity in terms[0].tables:
            if sum(int(t.tables[quantity][tuple(places[n] for n in t.names)]) for t in terms) != totals[quantity]:
                raise NoTerms(f"`{quantity}` is not the sum of what rows have by themselves")


class _Table(NamedTuple):
    """Something for each setting of a few parameters."""

    names: tuple[str, ...]
    values: Any
    """An array with an axis for each name: the number of a shape, or what a row has, along a last axis."""


class _Rows:
    """The rows of a network while their terms are worked out."""

    def __init__(self, member: Member, axes: Axes, counting: Counting) -> None:
        self._member, self._axes, self._counting = member, axes, counting
        self._network = member.architecture
        self._shapes: dict[Shape, int] = {}
        """Every shape that a row gives, with its number."""
        reach = member.elaborated.reach([*axes])
        if reach is None:
            raise NoTerms("it is given as JSON")
        sides = [name for name in axes if name in SIDES and name not in self._network.parameters]
        self._own = [self._ordered(names) for names in reach.rows]
        self._of_input = self._ordered(reach.input.union(sides))

    def terms(self, quantities: Sequence[str]) -> list[Term]:
        """The terms, those of equal parameters as one."""
        found: dict[tuple[str, ...], Any] = {}
        for amounts in self._amounts():
            names, counts = _refined(amounts)
            found[names] = found[names] + counts if names in found else counts
        places = [FIELDS.index(name) for name in quantities]
        fits = sum(max(map(abs, each[..., places].flat), default=0) for each in found.values()) < FITS
        kind = np.int64 if fits else object
        return [
            Term(names, {q: each[..., i].astype(kind) for q, i in zip(quantities, places, strict=True)})
            for names, each in found.items()
        ]

    def _amounts(self) -> Iterator[_Table]:
        """What each row has of the quantities that are sums, over what it depends on."""
        read = self._read()
        shapes: dict[str, _Table] = {"in": self._input()}
        last = shapes["in"]
        for place, row in enumerate(self._network.rows):
            sources = [shapes[source] for source in row.sources] or [last]
            names = self._ordered(frozenset(self._own[place]).union(*(table.names for table in sources)))
            self._bound(names, MOST_ENTRIES, row.layer)
            outputs, amounts = self._row(place, names, sources, read[place])
            yield amounts
            last = shapes[row.layer] = _refined(outputs)

    def _row(
        self, place: int, names: tuple[str, ...], sources: Sequence[_Table], read: Mapping[Any, Network]
    ) -> tuple[_Table, _Table]:
        """The shape that a row gives, and what it has, for every setting."""
        lengths = [len(self._axes[name]) for name in names]
        outputs = np.zeros(lengths, dtype=np.int64)
        amounts = np.zeros((*lengths, len(FIELDS)), dtype=object)
        known: dict[Any, tuple[int, list[int]]] = {}
        for at in np.ndindex(*lengths):
            setting = dict(zip(names, at, strict=True))
            own = tuple(setting[name] for name in self._own[place])
            entry = tuple(int(table.values[tuple(setting[name] for name in table.names)]) for table in sources)
            if (own, entry) not in known:
                with request():
                    known[own, entry] = self._counted(read[own], place, entry, setting)
            outputs[at], amounts[at] = known[own, entry]
        return _Table(names, outputs), _Table(names, amounts)

    def _counted(
        self, network: Network, place: int, entry: Sequence[int], setting: Mapping[str, int]
    ) -> tuple[int, list[int]]:
        row, shapes = network.rows[place], [*self._shapes]
        item = again(network, row, [Flow(shapes[number]) for number in entry], {})
        if item.y is None:
            raise NoTerms(f"the row `{row.layer}` does not hold for {self._said(setting)}")
        if not all(use.op.known for use in item.uses):
            raise NoTerms(f"the row `{row.layer}` has layers that are not known")
        [(_, sums)] = sums_of([item], self._counting, first=place == 0)
        if place == 0 and item.uses and self._counting.with_input:
            sums[ENTRY] += network.input_shape.size
        return self._number(item.y), sums

    def _number(self, shape: Shape) -> int:
        return self._shapes.setdefault(shape, len(self._shapes))

    def _input(self) -> _Table:
        """The shape that enters."""
        self._bound(self._of_input, MOST_READ, "input")
        shapes = np.zeros([len(self._axes[name]) for name in self._of_input], dtype=np.int64)
        for at in np.ndindex(*shapes.shape):
            shapes[at] = self._number(self._at(dict(zip(self._of_input, at, strict=True))).input_shape)
        return _Table(self._of_input, shapes)

    def _read(self) -> list[dict[tuple[int, ...], Network]]:
        """For each row the network for every setting of the parameters that its text names; one serves many rows."""
        found: list[dict[tuple[int, ...], Network]] = []
        waiting: list[list[tuple[int, ...]]] = []
        for row, names in zip(self._network.rows, self._own, strict=True):
            self._bound(names, MOST_READ, row.layer)
            waiting.append([*product(*(range(len(self._axes[name])) for name in names))])
            found.append({})
        while any(waiting):
            taken: dict[str, int] = {}
            served: list[tuple[int, tuple[int, ...]]] = []
            for place, names in enumerate(self._own):
                setting = waiting[place][-1] if waiting[place] else None
                if setting is not None and all(taken.get(n, i) == i for n, i in zip(names, setting, strict=True)):
                    taken |= dict(zip(names, setting, strict=True))
                    served.append((place, waiting[place].pop()))
            network = self._at(taken)
            for place, setting in served:
                found[place][setting] = network
        return found

    def _at(self, setting: Mapping[str, int]) -> Network:
        with request():
            try:
                values = {name: self._axes[name][i] for name, i in setting.items()}
                member = member_at(self._member, values) if values else self._member
            except Exhausted:
                raise NoTerms("it is too large") from None
        if not member.read or len(member.architecture.rows) != len(self._network.rows):
            raise NoTerms(f"it does not hold for {self._said(setting)}")
        return member.architecture

    def _bound(self, names: Sequence[str], most: int, row: str) -> None:
        size = prod(len(self._axes[name]) for name in names)
        if size > most:
            raise NoTerms(f"`{row}` depends on {', '.join(names)} together, which have {size:,} settings")

    def _ordered(self, names: frozenset[str]) -> tuple[str, ...]:
        return tuple(name for name in self._axes if name in names)

    def _said(self, setting: Mapping[str, int]) -> str:
        return ", ".join(f"{name}={self._axes[name][i]}" for name, i in setting.items()) or "its own parameters"


def _refined(table: _Table) -> _Table:
    """The same without the parameters by which it does not change."""
    names, values = table
    for axis in reversed(range(len(names))):
        first = np.take(values, [0], axis=axis)
        if bool(np.all(values == np.broadcast_to(first, values.shape))):
            values, names = np.take(values, 0, axis=axis), names[:axis] + names[axis + 1 :]
    return _Table(names, values)
