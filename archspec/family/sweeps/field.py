"""The settings of numbers, for one choice of everything else: their values, and the pieces that count them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from archspec.budget import Exhausted, request
from archspec.counting.conventions import Counting
from archspec.family.formulas.pieces import member_at, piece_of
from archspec.family.formulas.trace import Forgotten
from archspec.family.member import Member
from archspec.family.sweeps.arrays import Compiled
from archspec.family.sweeps.batch import Refusal
from archspec.ir.network import Value


class Field:
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
