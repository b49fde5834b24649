"""A sweep: settings by the box, each counted by the piece of its family that it belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

import numpy as np

from archspec.counting.conventions import Counting
from archspec.family.formulas.over import free
from archspec.family.formulas.pieces import SIDES, Piece
from archspec.family.member import Member
from archspec.family.sweeps.batch import Batch, Refusal, as_written
from archspec.family.sweeps.field import Field
from archspec.family.sweeps.filling import Filling
from archspec.family.sweeps.selection import Columns, Selection
from archspec.family.sweeps.settings import Box, boxes
from archspec.ir.network import Value

CHUNK = 2**17
"""Settings of one box, whose arrays stay in the caches of a processor."""


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
        self._fields: dict[tuple[Value, ...], Field] = {}

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
    def pieces(self) -> list[tuple[Mapping[str, Value], Piece]]:
        """The pieces by which the last choice was counted, each with the values of the choice."""
        return [(field.chosen, each.piece) for field in self._fields.values() for each in field.pieces]

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
        field = Field(self._member, {}, {}, self.quantities, self._counting)
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
            self._fields = {chosen: Field(self._member, given, self.axes, self.quantities, self._counting)}
        return Filling(self._fields[chosen], box).batch(number)

    def batches(self, numbers: Sequence[int] | None = None) -> Iterator[Batch]:
        """The boxes of these numbers, or all of them."""
        return (self.batch(number) for number in (range(len(self.parts)) if numbers is None else numbers))
