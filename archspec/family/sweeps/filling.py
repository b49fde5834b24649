"""Some settings, filled in by the pieces that they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from archspec.family.sweeps.arrays import MET, UNSURE, Compiled
from archspec.family.sweeps.batch import Batch, Refusal, as_written
from archspec.family.sweeps.boxes import Box
from archspec.family.sweeps.field import Field
from archspec.ir.network import Value

LOWEST, HIGHEST = -(2**63), 2**63 - 1


class Filling:
    """Settings while they are counted: for each parameter the places of its values, arrays that fit one another."""

    def __init__(self, field: Field, places: Sequence[Any]) -> None:
        self._of, self._places = field, dict(zip(field.names, places, strict=True))
        shape = np.broadcast_shapes(*(each.shape for each in places))
        self._arrays = {name: field.arrays[name][each] for name, each in self._places.items()}
        self._bounds = {name: field.bounds(name, each) for name, each in self._places.items()}
        self._left = np.ones(shape, dtype=bool)
        self.held = np.zeros(shape, dtype=bool)
        """Which settings hold, of those that are counted."""
        self._found: dict[str, Any] = {name: np.zeros(shape, dtype=np.int64) for name in field.quantities}
        self._refused: dict[Refusal, tuple[int, dict[str, Value]]] = {}
        self._alone = 0

    @classmethod
    def of_box(cls, field: Field, box: Box) -> Filling:
        """All settings of a box."""
        places = [np.arange(start, end) for start, end in box.spans]
        return cls(field, np.ix_(*places) if places else [])

    def batch(self, number: int = 0) -> Batch:
        """Every setting, by the pieces that are known, and by new ones for what is left."""
        for piece in self._of.pieces:
            if self._left.any():
                self._take(piece)
        while self._left.any():
            here = _first(self._left)
            made = self._of.piece(self._setting(here))
            if made is not None:
                self._take(made)
            if self._left[here]:  # it has no piece, or arrays do not tell that it is of this one
                self._one(here)
            elif made is not None:
                self._of.keep(made)
        held = self.held
        names = {name: np.broadcast_to(array, held.shape)[held] for name, array in self._arrays.items()}
        chosen = {name: np.full(int(held.sum()), as_written(value)) for name, value in self._of.chosen.items()}
        counts = {name: array[held] for name, array in self._found.items()}
        return Batch(number, {**chosen, **names, **counts}, self._refused, held.size, self._alone, self._of.why)

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
        self.held |= here
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
        self._alone += 1
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
        shape = self._left.shape
        at = {name: int(np.broadcast_to(each, shape)[place]) for name, each in self._places.items()}
        return {name: self._of.values[name][i] for name, i in at.items()}


def _first(where: Any) -> tuple[int, ...]:
    """The place of the first setting of some."""
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(where)), where.shape))
