"""The arithmetic of a trace on arrays of settings: whole numbers in 64 bits where bounds show that they fit.

Where they may not, the same operations run on Python's own numbers, which have no bounds and are slower.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from archspec.expressions import Unfit
from archspec.family.formulas.operations import COMPUTED, DECIDED
from archspec.family.formulas.pieces import Piece, in_order
from archspec.family.formulas.trace import Number, Truth
from archspec.family.sweeps.bounds import Bounds, bounds_of

MOST = 2**63 - 1
EXACT = 2**53
"""Up to where floats of 64 bits hold every whole number."""
MET = -1
"""Of a setting that meets every condition of a piece."""
UNSURE = -2
"""Of a setting for which arrays do not tell whether it meets one, as the language has it: it is counted."""


class Outcome(NamedTuple):
    """What a piece says of settings."""

    first: Any
    """The place of the first condition that each does not meet; ``MET`` where it meets them all, or ``UNSURE``."""
    values: Mapping[str, Any]
    """The quantities, for the settings that meet them all."""


class Compiled:
    """A piece for a sweep: its conditions in order, and the arithmetic of some of its quantities."""

    def __init__(self, piece: Piece, quantities: Sequence[str], fractional: frozenset[str]) -> None:
        self.piece = piece
        self.refused = piece.refused
        """Whether settings that meet all conditions are refused."""
        self.demanded = [*piece.decisions.values()]
        """Whether each condition is demanded: settings that do not meet one are refused."""
        self._wanted = {name: piece.totals[name] for name in quantities} if not piece.refused else {}
        self._places = {id(truth): place for place, truth in enumerate(piece.decisions)}
        self._program = in_order([*piece.decisions, *self._wanted.values()])
        self._conditions = len(in_order([*piece.decisions]))
        """The steps of the program after which every condition is known."""
        self._fractional = fractional
        """The parameters that are never whole, as their defaults are written with a point."""
        self._last = self._last_uses()

    def at(self, names: Mapping[str, Any], bounds: Mapping[str, Bounds], asked: Any) -> Outcome:
        """What it says of settings: for each name an array that fits the others, and its bounds.

        ``asked`` is an array of truth values: the settings of which the quantities are wanted, if any meets all.
        """
        known = bounds_of(self._program, bounds)
        run: _Run = _Run(self, names) if self._fits(known) else _Exact(self, names)
        with np.errstate(all="ignore"):  # of settings that do not meet the conditions
            return run.outcome(known, asked)

    def _fits(self, known: Mapping[int, Any]) -> bool:
        """Whether whole numbers fit 64 bits, and are exact where they are divided."""
        for each in self._program:
            if isinstance(each, Truth):
                continue
            limits = known[id(each)]
            if limits is None or max(abs(limits[0]), abs(limits[1])) > MOST:
                return False
            if each.op == "/" and any(max(map(abs, b)) > EXACT for b in _sides(each, known)):
                return False
            if each.op in ("//", "%", "exact") and not all(type(end) is int for b in _sides(each, known) for end in b):
                return False
        return True

    def _last_uses(self) -> list[list[int]]:
        """For each step of the program the numbers that are not needed after it."""
        last: dict[int, int] = {}
        for step, each in enumerate(self._program):
            last |= {id(arg): step for arg in each.args if isinstance(arg, Number | Truth)}
        kept = {id(value) for value in self._wanted.values()}
        found: list[list[int]] = [[] for _ in self._program]
        for name, step in last.items():
            if name not in kept:
                found[step].append(name)
        return found


class _Run:
    """One evaluation in 64 bits."""

    def __init__(self, of: Compiled, names: Mapping[str, Any]) -> None:
        self._of, self._names = of, names
        self._found: dict[int, Any] = {}
        self._written: dict[int, Any] = {}
        """Numbers that have to be whole, as they come before that is known."""
        shape = np.broadcast_shapes(*(np.shape(values) for values in names.values()))
        self._first = np.full(shape, MET, dtype=np.int32)

    def outcome(self, known: Mapping[int, Any], asked: Any) -> Outcome:
        """Every step, and what came of it; none of the quantities where no setting meets all conditions."""
        of = self._of
        for step, each in enumerate(of._program):
            if step == of._conditions and not (asked & (self._first == MET)).any():
                return Outcome(self._first, {})
            if isinstance(each, Truth):
                value = known[id(each)]
                self._found[id(each)] = value = self._truth(each) if value is None else value
                if id(each) in of._places:
                    self._meet(of._places[id(each)], value, each.value)
            else:
                self._found[id(each)] = self._number(each)
            for name in of._last[step]:
                self._found.pop(name, None)
                self._written.pop(name, None)
        return Outcome(self._first, {name: self._arg(value) for name, value in of._wanted.items()})

    def _meet(self, place: int, found: Any, expected: bool) -> None:
        missed = np.not_equal(found, expected)
        if missed.any():
            self._first[np.logical_and(self._first == MET, missed)] = place

    def _arg(self, operand: Any) -> Any:
        return self._found[id(operand)] if isinstance(operand, Number | Truth) else operand

    def _number(self, each: Number) -> Any:
        if each.op == "name":
            value = self._names[each.args[0]]
        else:
            value = _ARRAYS[each.op](*map(self._arg, each.args))
        if each.whole and getattr(value, "dtype", np.dtype(np.int64)).kind == "f":
            self._written[id(each)] = value
            return np.rint(value).astype(np.int64)
        return value

    def _truth(self, each: Truth) -> Any:
        args = [self._arg(arg) for arg in each.args]
        if each.op == "whole":
            return self._whole(each.args[0])
        if each.op in ("equal", "at most"):
            return self._compared(each.op, *args)
        return _TRUTHS[each.op](*args)

    def _whole(self, number: Number) -> Any:
        value = self._written.get(id(number), self._arg(number))
        if number.op == "name" and number.args[0] in self._of._fractional:
            return np.zeros(np.shape(value), dtype=bool)
        if np.asarray(value).dtype.kind != "f":
            return np.ones(np.shape(value), dtype=bool)
        if number.op != "name":  # the language tells 0 from 0.0
            self._doubt(value == 0)
        return value == np.rint(value)

    def _compared(self, op: str, one: Any, other: Any) -> Any:
        """As the language compares, to nine decimals."""
        apart = np.subtract(one, other, dtype=np.float64)
        self._doubt((apart != 0) & (np.abs(apart) < 1e-8))
        return apart == 0 if op == "equal" else apart <= 0

    def _doubt(self, unsure: Any) -> None:
        if unsure.any():
            self._first[np.logical_and(self._first == MET, unsure)] = UNSURE


class _Exact(_Run):
    """One evaluation in Python's own numbers."""

    def __init__(self, of: Compiled, names: Mapping[str, Any]) -> None:
        super().__init__(of, {name: _as_python(values, name in of._fractional) for name, values in names.items()})

    def _number(self, each: Number) -> Any:
        return self._names[each.args[0]] if each.op == "name" else self._mapped(COMPUTED[each.op], each)

    def _truth(self, each: Truth) -> Any:
        number = each.args[0]
        if each.op == "whole" and number.op == "name" and number.args[0] in self._of._fractional:
            return False
        return self._mapped(DECIDED[each.op], each)

    def _mapped(self, function: Callable[..., Any], each: Number | Truth) -> Any:
        def safe(*args: Any) -> Any:
            try:
                return None if None in args else function(*args)
            except (Unfit, ArithmeticError):
                return None

        return np.frompyfunc(safe, len(each.args), 1)(*map(self._arg, each.args))


def _as_python(values: Any, fractional: bool) -> Any:
    """Python's numbers as the language has them: whole ones are whole, unless a parameter is written with a point."""
    made = np.empty(np.shape(values), dtype=object)
    for place, value in np.ndenumerate(values):
        number = value.item()
        made[place] = number if fractional or number != int(number) else int(number)
    return made


def _sides(each: Number, known: Mapping[int, Any]) -> list[Bounds]:
    return [known[id(arg)] if isinstance(arg, Number) else (arg, arg) for arg in each.args]


def near(value: Any) -> Any:
    """Numbers that are whole where they are so near to it, as the language has them."""
    nearest = np.rint(value)
    size = np.abs(value)
    return np.where((size >= 0.5) & (np.abs(value - nearest) <= 1e-9 * size), nearest, value)


def round_to(value: Any, multiple: Any) -> Any:
    """The nearest multiples, as the language has them."""
    nearest = np.maximum(np.floor(value / multiple + 0.5), 1) * multiple
    return near(np.where(nearest < 0.9 * value, nearest + multiple, nearest))


_ARRAYS: Mapping[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.true_divide,
    "//": np.floor_divide,
    "%": np.remainder,
    "exact": np.floor_divide,
    "near": near,
    "min": np.minimum,
    "max": np.maximum,
    "choice": np.where,
    "floor": np.floor,
    "ceil": np.ceil,
    "round_to": round_to,
}
_TRUTHS: Mapping[str, Callable[..., Any]] = {
    "<=": np.less_equal,
    "==": np.equal,
    "not": np.logical_not,
    "and": np.logical_and,
    "or": np.logical_or,
}
