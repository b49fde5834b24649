"""A sweep: settings by the box, each counted by the piece of its family that it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from archspec.counting.conventions import Counting
from archspec.family.formulas.over import free
from archspec.family.formulas.pieces import SIDES, Piece
from archspec.family.member import Member
from archspec.family.sweeps.batch import Batch
from archspec.family.sweeps.boxes import Boxes, places_of
from archspec.family.sweeps.field import Field
from archspec.family.sweeps.filling import Filling
from archspec.family.sweeps.selection import Columns, Selection, joined
from archspec.ir.network import Value

CHUNK = 2**17
"""Settings of one box, whose arrays stay in the caches of a processor."""
FEW = 16
"""Settings that are counted one by one sooner than it is looked how to count them together."""


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
        self._fields: dict[tuple[int, ...], Field] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, those first that vary slowest."""
        return (*self.choices, *self.axes)

    @property
    def _boxes(self) -> Boxes:
        """The boxes of one choice."""
        return Boxes([len(values) for values in self.axes.values()], self.chunk)

    @property
    def networks(self) -> int:
        """How many choices there are, of which each is a network of its own."""
        return prod(map(len, self.choices.values()))

    @property
    def count(self) -> int:
        """The number of boxes."""
        return self.networks * self._boxes.count

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
        """Some settings, counted: for each, the place of the value of every parameter."""
        split = len(self.choices)
        whole, order = Batch(0, {}, {}, 0), []
        for places, here in _alike(settings[:, :split]):
            field = self._field(places, looks=len(here) >= FEW)
            filling = Filling(field, [*settings[here, split:].T])
            whole = _both(whole, filling.batch())
            order.append(here[filling.held.reshape(-1)])
        at = np.argsort(np.concatenate(order))
        return whole._replace(columns={name: values[at] for name, values in whole.columns.items()})

    def batch(self, number: int) -> Batch:
        """The settings of one box, counted."""
        chosen, box = divmod(number, self._boxes.count)
        field = self._field(places_of(chosen, [len(values) for values in self.choices.values()]))
        return Filling.of_box(field, self._boxes.box(box)).batch(number)

    def batches(self, numbers: Iterable[int] | None = None) -> Iterator[Batch]:
        """The boxes of these numbers, or all of them."""
        return (self.batch(number) for number in (range(self.count) if numbers is None else numbers))

    def slow(self) -> tuple[int, str]:
        """How many networks are read one by one, and why, as the last setting of one choice tells."""
        count, why = self._field([0] * len(self.choices)).slow()
        return count * self.networks, why

    def _field(self, places: Sequence[int], looks: bool = True) -> Field:
        """The settings of numbers for one choice; of one at a time, as they are asked for in their order."""
        key = (*places, looks)
        if key not in self._fields:
            given = {name: values[i] for (name, values), i in zip(self.choices.items(), places, strict=True)}
            self._fields = {key: Field(self._member, given, self.axes, self.quantities, self._counting, looks)}
        return self._fields[key]


def _alike(choices: Any) -> Iterator[tuple[list[int], Any]]:
    """The choices that there are among some, and where each is."""
    if not choices.shape[1]:
        yield [], np.arange(len(choices))
        return
    found, which = np.unique(choices, axis=0, return_inverse=True)
    for number, places in enumerate(found.tolist()):
        yield places, np.flatnonzero(which.reshape(-1) == number)


def _both(one: Batch, other: Batch) -> Batch:
    """Two of them, one below the other."""
    refused = {**one.refused}
    for reason, (count, first) in other.refused.items():
        known, earlier = refused.get(reason, (0, first))
        refused[reason] = known + count, earlier
    columns = joined([one.columns, other.columns]) if one.columns else other.columns
    return Batch(one.number, columns, refused, one.size + other.size, one.alone + other.alone, other.why or one.why)
