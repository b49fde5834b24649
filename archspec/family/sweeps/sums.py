"""The settings of a search space, counted by the terms that their network is a sum of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from archspec.family.sweeps.batch import Batch, as_written
from archspec.family.sweeps.boxes import Box, Boxes
from archspec.family.sweeps.engine import CHUNK
from archspec.family.sweeps.selection import Columns, Selection
from archspec.family.sweeps.terms import Term
from archspec.ir.network import Value

PLACE = " place"
"""The column that says which setting of a box a row is; no parameter has the name."""


class Sums:
    """The settings of a sweep in their order, in boxes, of which each is a sum of tables."""

    def __init__(
        self, terms: Sequence[Term], axes: Mapping[str, Sequence[Value]], quantities: Sequence[str], chunk: int = CHUNK
    ) -> None:
        self.terms, self.axes, self.quantities, self.chunk = tuple(terms), axes, tuple(quantities), chunk
        self.names = (*axes,)
        self._columns = {name: np.asarray([as_written(value) for value in values]) for name, values in axes.items()}
        self._known: dict[tuple[str, tuple[str, ...]], tuple[Any, Any]] = {}
        """The sums of the terms that change with the same axes from box to box, for the box that was counted last."""

    @property
    def choices(self) -> Mapping[str, Sequence[Value]]:
        """The axes that are words, sizes, or yes and no."""
        return {name: values for name, values in self.axes.items() if self._columns[name].dtype.kind not in "iuf"}

    @property
    def lengths(self) -> list[int]:
        """How many values each parameter has."""
        return [len(values) for values in self.axes.values()]

    @property
    def size(self) -> int:
        """The number of settings."""
        return prod(self.lengths)

    @property
    def count(self) -> int:
        """The number of boxes."""
        return self._boxes.count

    @property
    def _boxes(self) -> Boxes:
        return Boxes(self.lengths, self.chunk)

    def part(self, number: int, selection: Selection, names: Sequence[str]) -> tuple[Columns, Batch]:
        """What is kept of one box; parameters are written out for what is kept alone."""
        box = self._boxes.box(number)
        counts = {name: self._counted(name, box) for name in self.quantities}
        wanted = selection.names if selection.chooses else frozenset[str]()
        seen = {PLACE: np.arange(box.size)}
        seen |= {n: counts[n] if n in counts else self._column(n, box, seen[PLACE]) for n in names if n in wanted}
        kept = selection.of(seen)[PLACE]
        columns = {n: counts[n][kept] if n in counts else self._column(n, box, kept) for n in names}
        return columns, Batch(number, {}, {}, box.size)

    def at(self, settings: Any) -> Batch:
        """Some settings, counted: for each, the place of the value of every parameter."""
        places = dict(zip(self.names, settings.T, strict=True))
        columns: Columns = {name: self._columns[name][places[name]] for name in self.names}
        for quantity in self.quantities:
            parts = [term.tables[quantity][tuple(places[name] for name in term.names)] for term in self.terms]
            columns[quantity] = sum(parts, start=np.zeros(len(settings), dtype=np.int64))
        return Batch(0, columns, {}, len(settings))

    def _counted(self, quantity: str, box: Box) -> Any:
        """A quantity of every setting of a box."""
        changing = self.names[: self._boxes.split]
        spans = dict(zip(self.names, box.spans, strict=True))
        groups: dict[tuple[str, ...], list[Term]] = {}
        for term in self.terms:
            groups.setdefault(tuple(name for name in term.names if name in changing), []).append(term)
        total: Any = 0
        for names, terms in groups.items():
            key = quantity, names
            at = (box.size, *(spans[name] for name in names))
            if key not in self._known or self._known[key][0] != at:
                self._known[key] = at, self._sum(quantity, terms, spans)
            total = total + self._known[key][1]
        return np.broadcast_to(total, (box.size,))

    def _sum(self, quantity: str, terms: Sequence[Term], spans: Mapping[str, tuple[int, int]]) -> Any:
        """Some terms together: one number where they are the same for the whole box."""
        total: Any = 0
        for term in terms:
            table = term.tables[quantity][tuple(slice(*spans[name]) for name in term.names)]
            sides = dict(zip(term.names, table.shape, strict=True))
            total = total + table.reshape([sides.get(name, 1) for name in self.names])
        if total.size == 1:
            return total.reshape(1)
        return np.ascontiguousarray(np.broadcast_to(total, [end - start for start, end in spans.values()])).reshape(-1)

    def _column(self, name: str, box: Box, places: Any) -> Any:
        """The values of a parameter at some places of a box."""
        axis = self.names.index(name)
        lengths = [end - start for start, end in box.spans]
        return self._columns[name][box.spans[axis][0] + places // prod(lengths[axis + 1 :]) % lengths[axis]]
