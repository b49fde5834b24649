"""A parameter for which no values are given: those that are tried, one for each member along it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from archspec.budget import Exhausted, apart
from archspec.diagnostics import ArchError
from archspec.expressions import within_bounds
from archspec.expressions.polynomial import TooLong
from archspec.family.formulas.exploring import steps_of, told
from archspec.family.formulas.messages import no_variable
from archspec.family.formulas.over import free
from archspec.family.formulas.pieces import SIDES, Piece, piece_of, value_of
from archspec.family.formulas.trace import Forgotten
from archspec.family.member import Member
from archspec.family.sweeps.breakpoints import Breakpoints, NoBreakpoints, breakpoints_of
from archspec.family.sweeps.messages import not_searched
from archspec.family.sweeps.stretches import Stretch, around, stretches
from archspec.ir.network import Value
from archspec.support.limits import MOST_TRACED

MOST_SETTINGS = 64
"""Combinations of the values of other parameters for which breakpoints are worked out."""
MOST_POINTS = 200_000
GRID = Fraction(1, 100)
"""Steps of a decimal parameter along which a family changes in a way that has no closed form."""


class Searched:
    """One parameter, where its family changes along it, and what is known not to hold."""

    def __init__(self, member: Member, name: str) -> None:
        known = (*member.architecture.parameters, *SIDES)
        if name not in known:
            raise ArchError([no_variable(name, known, "--for")])
        if name not in free(member) and (name not in SIDES or name in member.architecture.parameters):
            raise ArchError([not_searched(name)])
        self.name, self._own = name, value_of(member.architecture, name)
        self.breakpoints = Breakpoints()
        self.why = ""
        """Why it is not known where the family changes, where it is not."""
        self._step = self._grid(member)
        self._dropped: set[Fraction] = set()
        self._tried: dict[Fraction, Stretch] = {}
        self.most = Fraction(0)
        """Up to where every member was tried."""

    def _grid(self, member: Member) -> Fraction:
        own = GRID if isinstance(self._own, float) else Fraction(1)
        pieces = _traced(member, [self.name])
        self.why = "" if pieces else "the network has no form over it"
        return steps_of(told(pieces[0]).demanded).get(self.name, own) if pieces else own

    def add(self, pieces: Iterable[Piece], fixed: Mapping[str, Sequence[Value]]) -> bool:
        """Take account of pieces of the family; whether one of them changes where none did before."""
        grown = False
        for piece in pieces if not self.why else ():
            try:
                found = breakpoints_of(piece, self.name, fixed, MOST_SETTINGS)
            except NoBreakpoints as why:
                self.why = str(why)
                return True
            grown = grown or not found <= self.breakpoints
            self.breakpoints.add(found)
        return grown

    def drop(self, held: Iterable[Value]) -> bool:
        """Leave out the stretches of which no member holds from now on; whether there are any."""
        holding = {_exact(value) for value in held}
        dropped = {at for at, each in self._tried.items() if not each.is_point and at not in holding}
        grown = bool(dropped - self._dropped)
        self._dropped |= dropped
        return grown

    def values(self, number: int) -> tuple[Value, ...]:
        """So many values, or more where members are closer together than they are for the first piece."""
        if self.why:
            start = _exact(self._own) % self._step or self._step
            self._tried = {at: Stretch(at, at) for at in (start + i * self._step for i in range(number))}
        else:
            self._tried = {at: each for at, each in self._stretches(number) if at not in self._dropped}
        return tuple(map(self._written, self._tried))

    def _stretches(self, number: int) -> Iterable[tuple[Fraction, Stretch]]:
        density = self.breakpoints.density
        if not self.most or number / (density or 1) > self.most:
            self.most = number / density if density else max([*self.breakpoints.roots, _exact(self._own)]) + 1
        self.most = min(self.most, Fraction(MOST_POINTS) / density) if density else self.most
        for each in stretches(self.breakpoints, self.most):
            at = each.short(_exact(self._own))
            if at is not None and within_bounds(float(at)):
                yield at, each

    @property
    def is_lattice(self) -> bool:
        """Whether single values hold alone, as something has to be whole."""
        return not self.why and self.breakpoints.is_lattice

    @property
    def has_end(self) -> bool:
        """Whether all members were tried, as nothing changes from some value on."""
        return not self.why and not self.breakpoints.roundings

    @property
    def least(self) -> Fraction:
        """What no member is less than."""
        return min(self._tried) if self.is_lattice and self._tried else Fraction(0)

    def around(self, value: Value) -> Stretch:
        """The values that make the same member."""
        return self._tried.get(_exact(value)) or around(self.breakpoints, _exact(value))

    def _written(self, at: Fraction) -> Value:
        return float(at) if isinstance(self._own, float) or at.denominator > 1 else int(at)


def first_piece(member: Member, searched: Sequence[Searched], fixed: Mapping[str, Sequence[Value]]) -> list[Piece]:
    """The piece of the network as it stands, over what is searched and all numbers that vary besides, if it has one."""
    numbers = {*free(member), *(name for name in SIDES if name not in member.architecture.parameters)}
    others = [name for name, values in fixed.items() if name in numbers and all(map(_is_number, values))]
    return _traced(member, [*(each.name for each in searched), *others])


def _traced(member: Member, names: Sequence[str]) -> list[Piece]:
    try:
        with apart(MOST_TRACED):
            return [piece_of(member, [*dict.fromkeys(names)], member.counting)]
    except (Forgotten, TooLong, Exhausted):
        return []


def _is_number(value: Value) -> bool:
    return type(value) in (int, float)


def _exact(value: Any) -> Fraction:
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
