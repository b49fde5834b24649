"""The settings of numbers, for one choice of everything else: their values, and the pieces that count them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from archspec.budget import Exhausted, apart, request
from archspec.counting.conventions import Counting
from archspec.family.formulas.pieces import member_at, names_of, piece_of
from archspec.family.formulas.trace import Forgotten
from archspec.family.member import Member
from archspec.family.sweeps.arrays import Compiled
from archspec.family.sweeps.batch import Refusal
from archspec.family.sweeps.bounds import Bounds
from archspec.ir.network import Value
from archspec.support.limits import MOST_TRACED

MOST_PIECES = 500
"""Pieces that are made for one choice of words: beyond that settings are counted one by one."""
MOST_MISSES = 16
"""Settings in a row without a piece, beyond which one is looked for again at every power of two alone."""


class Field:
    """The settings of numbers, for one choice of everything else."""

    def __init__(
        self,
        member: Member,
        chosen: Mapping[str, Value],
        axes: Mapping[str, Sequence[Value]],
        quantities: Sequence[str],
        counting: Counting,
        looks: bool = True,
    ) -> None:
        self._base, self.chosen, self.counting, self.quantities = member, chosen, counting, quantities
        self.member = self._at({})
        own = member.architecture.parameters
        self.fractional = frozenset(name for name, value in own.items() if type(value) is float)
        self.names = tuple(axes)
        self.values = {n: tuple(map(float, v)) if n in self.fractional else tuple(v) for n, v in axes.items()}  # type: ignore[arg-type]
        self.arrays = {name: np.asarray(values) for name, values in self.values.items()}
        self._ends: dict[str, Bounds] = {name: (min(v), max(v)) for name, v in self.values.items()}
        self.pieces: list[Compiled] = []
        self.reasons: dict[tuple[Compiled, int], Refusal | None] = {}
        """What is said of the settings that a piece shows to be refused at one of its conditions."""
        self.why = ""
        """Why the last setting that has no piece has none."""
        self._misses = 0
        self._looks, self._has_form = looks, True

    def bounds(self, name: str, places: Any) -> Bounds:
        """The least and the most of some values of a parameter, as Python's numbers."""
        if places.size == len(self.values[name]):
            return self._ends[name]
        values = self.values[name]
        found = [values[i] for i in (np.unique(places) if places.size > len(values) else places.flat)]
        return min(found), max(found)

    def piece(self, values: dict[str, Value]) -> Compiled | None:
        """The piece of a setting; None where there is none, so that it is to be counted by itself."""
        found = self._looked_for(values) if self._is_worthwhile() else None
        self._misses = 0 if found is not None else self._misses + 1
        return found

    def _is_worthwhile(self) -> bool:
        missed = self._misses
        return self._looks and (missed < MOST_MISSES or missed.bit_count() == 1)

    def _looked_for(self, values: dict[str, Value]) -> Compiled | None:
        try:
            with apart(MOST_TRACED):
                return self._piece(values)
        except Exhausted:  # as all others would take as much
            self.why, self._looks = "the arithmetic of all settings at once takes too much work", False
            self._has_form = False
        except Forgotten:
            self.why = f"counts by `{self.counting.name}` have no closed form"
            self._has_form = False
        return None

    def keep(self, piece: Compiled) -> None:
        """Note a piece that some settings belong to."""
        self.pieces.append(piece)
        if len(self.pieces) >= MOST_PIECES:
            self.why, self._looks = f"{MOST_PIECES} groups of settings are decided each in its way", False

    def slow(self) -> tuple[int, str]:
        """How many settings are read one by one, and why, as the last of them tells: the first may repeat nothing."""
        lengths = {name: len(values) for name, values in self.values.items()}
        last = self.piece({name: values[-1] for name, values in self.values.items()}) if lengths else None
        if last is None:
            return 0 if self._has_form else prod(lengths.values()), self.why
        self.keep(last)
        names = {name: why for number, why in last.piece.trace.pinned for name in names_of(number)}
        pieces = prod(lengths[name] for name in names)
        if pieces == 1:
            return 0, ""
        listed = ", ".join(f"`{name}`" for name in names)
        why = f"there is no closed form over {listed}: {' and '.join(dict.fromkeys(names.values()))}"
        return (pieces if pieces <= MOST_PIECES else prod(lengths.values())), why

    def _piece(self, values: dict[str, Value]) -> Compiled | None:
        member = self._at(values)
        self.why = "the text is read anew for each of them"
        if member.read:
            piece = piece_of(member, self.names, self.counting)
        elif self.member.failed:
            return None
        else:
            near = self._near(values)
            piece = piece_of(near, self.names, self.counting, values)
            if not piece.refused or piece.differs(near):
                return None
        self.why = "the arithmetic of all settings at once does not give their counts"
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
