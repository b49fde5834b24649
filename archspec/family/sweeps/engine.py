"""A sweep: settings by the box, each counted by the piece of its family that it belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np

from archspec.budget import Exhausted, request
from archspec.counting.conventions import Counting
from archspec.family.formulas.over import free
from archspec.family.formulas.pieces import SIDES, member_at, piece_of
from archspec.family.formulas.trace import Forgotten
from archspec.family.member import Member
from archspec.family.sweeps.arrays import MET, UNSURE, Compiled
from archspec.family.sweeps.selection import Columns, Selection
from archspec.family.sweeps.settings import Box, boxes
from archspec.ir.network import Value

CHUNK = 2**17
"""Settings of one box, whose arrays stay in the caches of a processor."""
MOST_PIECES = 500
"""Pieces that are made for one choice of words: beyond that settings are counted one by one."""
LOWEST, HIGHEST = -(2**63), 2**63 - 1


class Refusal(NamedTuple):
    """Why settings do not hold, as it is said of one of them."""

    code: str
    message: str


class Batch(NamedTuple):
    """Some settings in their order: those that hold as columns, and the others by their reasons."""

    number: int
    columns: dict[str, Any]
    """For each parameter and quantity an array."""
    refused: dict[Refusal, tuple[int, dict[str, Value]]]
    """How many are refused for a reason, and the first of them."""
    size: int
    """How many settings there were."""


class Space:
    """The settings of a sweep, and what counts them."""

    def __init__(
        self,
        member: Member,
        axes: Mapping[str, Sequence[Value]],
        quantities: Sequence[str],
        counting: Counting,
        chunk: int = CHUNK,
    ) -> None:
        numbers = {*free(member), *(name for name in SIDES if name not in member.architecture.parameters)}
        plain = {n for n, values in axes.items() if n in numbers and all(type(v) in (int, float) for v in values)}
        self.choices = {name: tuple(values) for name, values in axes.items() if name not in plain}
        """The axes of which each value is a network of its own, which vary slowest."""
        self.axes = {name: tuple(values) for name, values in axes.items() if name in plain}
        self.quantities, self._counting, self._member, self.chunk = tuple(quantities), counting, member, chunk
        self._fields: dict[tuple[Value, ...], _Field] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, those first that vary slowest."""
        return (*self.choices, *self.axes)

    @cached_property
    def parts(self) -> list[tuple[tuple[Value, ...], Box]]:
        """All boxes in their order, each with the values of the choices."""
        lengths = [len(values) for values in self.axes.values()]
        return [(chosen, box) for chosen in product(*self.choices.values()) for box in boxes(lengths, self.chunk)]

    @property
    def count(self) -> int:
        """The number of boxes."""
        return len(self.parts)

    def part(self, number: int, selection: Selection, names: Sequence[str]) -> tuple[Columns, Batch]:
        """What is kept of one box."""
        batch = self.batch(number)
        return selection.of({name: batch.columns[name] for name in names}), batch._replace(columns={})

    @property
    def lengths(self) -> list[int]:
        """How many values each parameter has."""
        return [len(values) for values in (*self.choices.values(), *self.axes.values())]

    @property
    def size(self) -> int:
        """The number of settings."""
        return prod(self.lengths)

    def at(self, settings: Any) -> Batch:
        """Some settings, each counted by itself: for each, the place of the value of every parameter."""
        values = [*self.choices.values(), *self.axes.values()]
        field = _Field(self._member, {}, {}, self.quantities, self._counting)
        rows, refused = [], dict[Refusal, tuple[int, dict[str, Value]]]()
        for places in settings:
            setting = {n: of[i] for n, of, i in zip(self.names, values, places.tolist(), strict=True)}
            totals, reason = field.alone(setting)
            if reason is None:
                rows.append([*map(as_written, setting.values()), *(totals[name] for name in self.quantities)])
            else:
                known, first = refused.get(reason, (0, setting))
                refused[reason] = known + 1, first
        columns = zip(*rows, strict=True) if rows else [[] for _ in (*self.names, *self.quantities)]
        names = (*self.names, *self.quantities)
        return Batch(0, {n: np.asarray(v) for n, v in zip(names, columns, strict=True)}, refused, len(settings))

    def batch(self, number: int) -> Batch:
        """The settings of one box, counted."""
        chosen, box = self.parts[number]
        if chosen not in self._fields:  # of one choice at a time: they are asked for in their order
            given = dict(zip(self.choices, chosen, strict=True))
            self._fields = {chosen: _Field(self._member, given, self.axes, self.quantities, self._counting)}
        return _Counting(self._fields[chosen], box).batch(number)

    def batches(self, numbers: Sequence[int] | None = None) -> Iterator[Batch]:
        """The boxes of these numbers, or all of them."""
        return (self.batch(number) for number in (range(len(self.parts)) if numbers is None else numbers))


class _Field:
    """The settings of numbers, for one choice of everything else."""

    def __init__(
        self,
        member: Member,
        chosen: Mapping[str, Value],
        axes: Mapping[str, Sequence[Value]],
        quantities: Sequence[str],
        counting: Counting,
    ) -> None:
        self._base, self.chosen, self.counting, self.quantities = member, chosen, counting, quantities
        self.member = self._at({})
        own = member.architecture.parameters
        self.fractional = frozenset(name for name, value in own.items() if type(value) is float)
        self.names = tuple(axes)
        self.values = {n: tuple(map(float, v)) if n in self.fractional else tuple(v) for n, v in axes.items()}  # type: ignore[arg-type]
        self.arrays = {name: np.asarray(values) for name, values in self.values.items()}
        self.pieces: list[Compiled] = []
        self.reasons: dict[tuple[Compiled, int], Refusal | None] = {}
        """What is said of the settings that a piece shows to be refused at one of its conditions."""

    def piece(self, values: dict[str, Value]) -> Compiled | None:
        """The piece of a setting; None where there is none, so that it is to be counted by itself."""
        with request():
            return self._piece(values)

    def _piece(self, values: dict[str, Value]) -> Compiled | None:
        try:
            member = self._at(values)
            if member.read:
                piece = piece_of(member, self.names, self.counting)
            elif self.member.failed:
                return None
            else:
                near = self._near(values)
                piece = piece_of(near, self.names, self.counting, values)
                if not piece.refused or piece.differs(near):
                    return None
        except (Forgotten, Exhausted):
            return None
        if piece.refused != member.failed or (not piece.refused and piece.at(values) is None):
            return None
        return Compiled(piece, self.quantities, self.fractional)

    def _at(self, values: Mapping[str, Value]) -> Member:
        given = {**self.chosen, **values}
        return member_at(self._base, given) if given else self._base

    def _near(self, values: dict[str, Value]) -> Member:
        """A member that is read, with as many of these values as it can have: what is decided for it is alike."""
        found = self.member
        for name, value in values.items():
            other = member_at(found, {name: value})
            found = other if other.read else found
        return found

    def alone(self, values: dict[str, Value]) -> tuple[dict[str, int], Refusal | None]:
        """The counts of one setting, or why it does not hold."""
        with request():
            try:
                member = self._at(values)
                wrong = member.wrong if member.failed else None
                if wrong is None:
                    return member.totals_by(self.counting)._asdict(), None
            except Exhausted as spent:
                wrong = spent.diagnostics[0]
        return {}, Refusal(wrong.code, wrong.message)


class _Counting:
    """One box while it is counted."""

    def __init__(self, field: _Field, box: Box) -> None:
        self._of, self._spans = field, dict(zip(field.names, box.spans, strict=True))
        shape = [end - start for start, end in box.spans]
        self._arrays = {
            name: field.arrays[name][start:end].reshape([-1 if i == axis else 1 for i in range(len(shape))])
            for axis, (name, (start, end)) in enumerate(self._spans.items())
        }
        parts = {name: field.values[name][start:end] for name, (start, end) in self._spans.items()}
        self._bounds = {name: (min(values), max(values)) for name, values in parts.items()}
        self._left = np.ones(shape, dtype=bool)
        self._held = np.zeros(shape, dtype=bool)
        self._found: dict[str, Any] = {name: np.zeros(shape, dtype=np.int64) for name in field.quantities}
        self._refused: dict[Refusal, tuple[int, dict[str, Value]]] = {}

    def batch(self, number: int) -> Batch:
        """Every setting, by the pieces that are known, and by new ones for what is left."""
        for piece in self._of.pieces:
            if self._left.any():
                self._take(piece)
        while self._left.any():
            here = _first(self._left)
            made = self._of.piece(self._setting(here)) if len(self._of.pieces) < MOST_PIECES else None
            if made is not None:
                self._take(made)
            if self._left[here]:  # it has no piece, or arrays do not tell that it is of this one
                self._one(here)
            elif made is not None:
                self._of.pieces.append(made)
        held = self._held
        names = {name: np.broadcast_to(array, held.shape)[held] for name, array in self._arrays.items()}
        chosen = {name: np.full(int(held.sum()), as_written(value)) for name, value in self._of.chosen.items()}
        counts = {name: array[held] for name, array in self._found.items()}
        return Batch(number, {**chosen, **names, **counts}, self._refused, held.size)

    def _take(self, piece: Compiled) -> None:
        """The settings that a piece holds for, and those that it shows to be refused."""
        first, values = piece.at(self._arrays, self._bounds, self._left)
        here = self._left & (first == MET)
        if piece.refused:
            self._refuse(piece, MET, here)
            return
        self._hold(here, values)
        if self._left.any():
            for place in np.flatnonzero(np.bincount(first[self._left] - UNSURE)) + UNSURE:
                if place >= 0 and piece.demanded[place]:
                    self._refuse(piece, int(place), self._left & (first == place))

    def _hold(self, here: Any, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if np.asarray(value).dtype == object or (isinstance(value, int) and not LOWEST <= value <= HIGHEST):
                self._found[name] = self._found[name].astype(object)
            np.copyto(self._found[name], value, where=here, casting="unsafe")
        self._held |= here
        self._left &= ~here

    def _refuse(self, piece: Compiled, place: int, here: Any) -> None:
        """Settings that are refused for one reason: that of the first of them, whose member says so."""
        if not here.any():
            return
        values = self._setting(_first(here))
        key = piece, place
        if key not in self._of.reasons:
            self._of.reasons[key] = self._of.alone(values)[1]
        reason = self._of.reasons[key]
        if reason is not None:
            self._note(reason, int(here.sum()), values)
            self._left &= ~here

    def _one(self, here: tuple[int, ...]) -> None:
        """One setting, counted by itself."""
        values = self._setting(here)
        totals, reason = self._of.alone(values)
        if reason is not None:
            self._note(reason, 1, values)
        else:
            alone = np.zeros_like(self._left)
            alone[here] = True
            self._hold(alone, {name: totals[name] for name in self._of.quantities})
        self._left[here] = False

    def _note(self, reason: Refusal, count: int, values: dict[str, Value]) -> None:
        known, first = self._refused.get(reason, (0, {**self._of.chosen, **values}))
        self._refused[reason] = known + count, first

    def _setting(self, place: tuple[int, ...]) -> dict[str, Value]:
        spans = self._spans.items()
        return {name: self._of.values[name][start + i] for (name, (start, _)), i in zip(spans, place, strict=True)}


def as_written(value: Value) -> bool | int | float | str:
    """A value of a column: a size as text."""
    return "x".join(map(str, value)) if isinstance(value, tuple) else value


def _first(where: Any) -> tuple[int, ...]:
    """The place of the first setting of some."""
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(where)), where.shape))
