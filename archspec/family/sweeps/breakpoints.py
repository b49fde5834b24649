"""Where a family changes along one parameter: exact fractions, of which the members lie at and between.

Rounding and comparing a line, ``round_to(32*width, 8)`` or ``width > 1``, changes at fractions that are known; what is
computed of rounded numbers changes nowhere else. So a parameter that may be any number has as many members as there
are breakpoints, and one more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import ceil, floor
from typing import Any, NamedTuple

from archspec.family.formulas.pieces import Piece
from archspec.family.formulas.trace import Number, Truth
from archspec.family.sweeps.lines import STEPS, Form, Line, computed, is_constant
from archspec.ir.network import Value
from archspec.support.limits import LARGEST

BELOW, ABOVE, ALONE = 1, 2, 3
"""Whether a breakpoint belongs to the member below it, to that above it, or is one of its own."""
TENTHS = 4
"""``round_to`` goes up from so many multiples before the middle, as it is to be no more than a tenth below."""


class NoBreakpoints(Exception):
    """A family changes along a parameter in a way that has no closed form: why."""


class Rounding(NamedTuple):
    """A line that is rounded, or that has to be whole."""

    op: str
    line: Line

    def points(self, most: Fraction) -> Iterator[tuple[Fraction, int]]:
        """Where it changes up to a value of the parameter, and to which side each of these belongs."""
        rising = self.line.slope > 0
        for level, side in self._levels(*sorted(self.line.slope * x + self.line.start for x in (0, most))):
            if 0 < (at := self.line.crosses(level)) <= most:
                yield at, side if rising or side == ALONE else BELOW + ABOVE - side

    def _levels(self, least: Fraction, most: Fraction) -> Iterator[tuple[Fraction, int]]:
        if self.op == "round_to":
            for k in range(1, TENTHS + 1):
                yield Fraction(10 * k, 9), BELOW
            for k in range(max(TENTHS + 1, floor(least)), floor(most) + 1):
                yield k + Fraction(1, 2), ABOVE
            return
        side = {"floor": ABOVE, "ceil": BELOW}.get(self.op, ALONE)
        for k in range(ceil(least), floor(most) + 1):
            yield Fraction(k), side


class Breakpoints:
    """Where one or several pieces of a family change along a parameter."""

    def __init__(self) -> None:
        self.roundings: dict[Rounding, tuple[Line, ...]] = {}
        """Each with lines that have to be whole as well."""
        self.roots: dict[Fraction, int] = {}
        self.is_lattice = True
        """Whether each of the pieces holds for single values alone, as something has to be whole there."""

    def __le__(self, other: Breakpoints) -> bool:
        return self.roundings.keys() <= other.roundings.keys() and self.roots.keys() <= other.roots.keys()

    def add(self, other: Breakpoints) -> None:
        """Those of another piece too."""
        self.is_lattice = self.is_lattice and other.is_lattice
        self.roundings = {**other.roundings, **self.roundings}
        for root, side in other.roots.items():
            self.roots[root] = self.roots.get(root, side) | side

    @property
    def density(self) -> Fraction:
        """How many there are between two whole numbers, about."""
        return sum(
            (min(abs(line.slope) for line in (each.line, *whole)) for each, whole in self.roundings.items()),
            start=Fraction(0),
        )

    def points(self, most: Fraction) -> dict[Fraction, int]:
        """Those up to a value of the parameter in their order, each with the side to which it belongs."""
        found = {root: side for root, side in self.roots.items() if 0 < root <= most}
        for each, lines in self.roundings.items():
            for at, side in each.points(most):
                if all((line.slope * at + line.start).denominator == 1 for line in lines):
                    found[at] = found.get(at, side) | side
        return dict(sorted(found.items()))


def breakpoints_of(piece: Piece, name: str, fixed: Mapping[str, Sequence[Value]], most: int) -> Breakpoints:
    """Where a piece changes along a parameter, for any of the values of some other parameters.

    Any parameter that is not ``fixed`` may have any value, as long as it is alike. Raises NoBreakpoints where that is
    not known, also where there are more than ``most`` combinations of other values.
    """
    found = Breakpoints()
    mentioned = {each.args[0] for each in piece.program if each.op == "name"}
    others = {other: values for other, values in fixed.items() if other in mentioned and other != name}
    for done, values in enumerate(product(*others.values())):
        if done == most:
            raise NoBreakpoints(f"there are more than {most} combinations of the other values")
        found.add(_Reading(piece, name, dict(zip(others, values, strict=True))).found)
    return found


class _Reading:
    """One reading of the program of a piece, step by step."""

    def __init__(self, piece: Piece, name: str, fixed: Mapping[str, Value]) -> None:
        self.found = Breakpoints()
        self._name, self._fixed, self._decisions = name, fixed, piece.decisions
        self._forms: dict[int, Form] = {}
        self._pinned: Rounding | None = None
        """What has to be whole: the piece holds for the values alone where it is, so that nothing else matters."""
        for each in piece.program:
            if isinstance(each, Number):
                self._forms[id(each)] = self._number(each)
            elif self._pinned is None:
                self._truth(each)
            elif not self._narrowed(each):
                break
            if self._is_one_point(each):
                return
        refused = piece.refused and _is_not_whole([*piece.decisions][-1:])
        self.found.is_lattice = self._pinned is not None or refused

    def _form(self, operand: Any) -> Form:
        if isinstance(operand, Number):
            return self._forms[id(operand)]
        return frozenset([Line(Fraction(0), _exact(operand))])

    def _number(self, each: Number) -> Form:
        if each.op == "name":
            name = each.args[0]
            if name == self._name:
                return frozenset([Line(Fraction(1), Fraction(0))])
            return frozenset([Line(Fraction(0), _exact(self._fixed[name]))]) if name in self._fixed else STEPS
        if each.op == "index":
            return STEPS
        forms = [self._form(arg) for arg in each.args if not isinstance(arg, Truth)]
        if each.op in ("floor", "ceil", "round_to", "//", "%"):
            return self._rounded(each.op, forms)
        return computed(each.op, forms)

    def _rounded(self, op: str, forms: Sequence[Form]) -> Form:
        by = forms[1] if len(forms) > 1 else frozenset([Line(Fraction(0), Fraction(1))])
        if all((not form and form is not None) or is_constant(form) for form in (forms[0], by)):
            return STEPS
        quotient = computed("/", [forms[0], by])
        if not quotient:
            self._bent()
            return None
        for line in quotient:
            self._add(Rounding({"//": "floor", "%": "floor"}.get(op, op), line))
        return None if op == "%" else STEPS

    def _truth(self, each: Truth) -> None:
        """A comparison, or that something is whole."""
        if each.op in ("not", "and", "or"):
            return
        whole = _whole(each)
        if whole is not None:
            lines = self._lines_of(whole)
            if lines is None:
                self._bent()
                return
            for line in lines:
                self._add(Rounding("whole", line))
            if self._holds(each) and len(lines) == 1 and next(iter(lines)).slope:
                self._pinned = Rounding("whole", next(iter(lines)))
            return
        apart = computed("-", [*map(self._form, each.args)])
        if apart is None and not _is_far(each):
            self._bent()
        for line in apart or ():
            if line.slope and (root := line.crosses(Fraction(0))) > 0:
                side = ALONE if each.op in ("==", "equal") else BELOW if line.slope > 0 else ABOVE
                self.found.roots[root] = self.found.roots.get(root, side) | side

    def _narrowed(self, each: Truth) -> bool:
        """Whether no more than demands has followed on that by which the piece is pinned."""
        if each not in self._decisions:
            return True
        whole = _whole(each)
        if whole is None or not each.value or not self._decisions[each]:
            return self._decisions[each]
        lines = self._lines_of(whole)
        if lines and len(lines) == 1 and next(iter(lines)).slope:
            assert self._pinned is not None
            self.found.roundings[self._pinned] += (*lines,)
        return True

    def _lines_of(self, whole: Sequence[Any]) -> Form:
        """What has to be whole, as lines: a number, or one divided by another."""
        forms = [*map(self._form, whole)]
        return computed("/", forms) if len(forms) > 1 else forms[0]

    def _holds(self, each: Truth) -> bool:
        """Whether the piece is of settings that meet a condition."""
        return each.value and each in self._decisions

    def _is_one_point(self, each: Number | Truth) -> bool:
        """Whether the piece holds for one value alone."""
        if not isinstance(each, Truth) or each.op not in ("==", "equal") or _whole(each) is not None:
            return False
        if not self._holds(each):
            return False
        apart = computed("-", [*map(self._form, each.args)])
        return apart is not None and len(apart) == 1 and bool(next(iter(apart)).slope)

    def _add(self, rounding: Rounding) -> None:
        if rounding.line.slope and self._pinned is None:
            self.found.roundings.setdefault(rounding, ())

    def _bent(self) -> None:
        if self._pinned is None:
            raise NoBreakpoints(
                f"it is rounded or compared after `{self._name}` is multiplied with what changes with it"
            )


def _is_not_whole(last: Sequence[Truth]) -> bool:
    """Whether settings are refused as something is not whole."""
    return any(_whole(truth) is not None and not truth.value for truth in last)


def _is_far(each: Truth) -> bool:
    """Whether a condition keeps numbers from being too large."""
    return any(not isinstance(side, Number) and abs(side) >= LARGEST for side in each.args)


def _whole(each: Truth) -> tuple[Any, ...] | None:
    """What is asked to be whole: a number, or one divided by another."""
    if each.op == "whole":
        return (each.args[0],)
    if each.op in ("==", "equal") and getattr(each.args[0], "op", "") == "%" and each.args[1] == 0:
        found: tuple[Any, ...] = each.args[0].args
        return found
    return None


def _exact(value: Any) -> Fraction:
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
