"""Conditions over the columns of a sweep, ``mult_adds <= 300M and params < 4e6``: read, and asked of arrays."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any

import numpy as np

from archspec.counting.printed import UNITS
from archspec.diagnostics import ArchError
from archspec.expressions.read import Unreadable, read
from archspec.expressions.tree import (
    Binary,
    Choice,
    Comparison,
    Expression,
    Function,
    Logic,
    Name,
    Negation,
    Negative,
    Number,
    Quoted,
    Truth,
    every_part,
)
from archspec.family.sweeps.arrays import near, round_to
from archspec.family.sweeps.messages import no_value, unknown_column, unreadable_condition

UNIT = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)([KMGTB])(?!\w)")
"""A number with a unit, as figures are printed."""
LARGEST = 2**62
FINEST = 2**23
"""From where floats of 64 bits have no more than nine decimals."""
WORDS = {"yes": Truth(True), "no": Truth(False)}
WHOLE, NUMBERS = frozenset("iO"), frozenset("iOf")
"""Kinds of arrays: those of Python's own numbers hold whole ones."""


def plain_units(text: str) -> str:
    """A text with the numbers that have units written out."""
    return UNIT.sub(lambda found: format(Decimal(found[1]).scaleb(UNITS[found[2].lower()]), "f"), text)


class Condition:
    """A condition that was read."""

    def __init__(self, text: str, names: Collection[str], words: Collection[str] = (), origin: str = "--where") -> None:
        plain = plain_units(text)
        self._origin, self._text = origin, text
        try:
            self.tree = read(plain)
        except Unreadable:
            raise ArchError([unreadable_condition(origin, text, "it is not an expression")]) from None
        if not isinstance(self.tree, Comparison | Logic | Negation | Name | Truth):
            raise ArchError([unreadable_condition(origin, text, "it is a number, and not a condition")])
        compared = {
            side.id
            for part in every_part(self.tree)
            if isinstance(part, Comparison) and any(isinstance(s, Name) and s.id in words for s in part.parts)
            for side in part.parts
            if isinstance(side, Name)
        }
        unknown = sorted(name for name in self.tree.names if name not in (*names, *compared, *WORDS))
        if unknown:
            raise ArchError(unknown_column(origin, name, names) for name in unknown)

    def holds(self, columns: Mapping[str, Any]) -> Any:
        """For each row whether it holds; raises ArchError where it has no value for one."""
        every = np.ones(len(next(iter(columns.values()))), dtype=bool)
        try:
            with np.errstate(all="ignore"):  # what does not come out is said below
                return np.broadcast_to(_Rows(columns).truth(self.tree, every), every.shape)
        except OverflowError:
            why = "its numbers are too large"
        except _Unfit as unfit:
            why = str(unfit)
        raise ArchError([no_value(self._origin, self._text, why)])


class _Unfit(Exception):
    """An expression has no value for a row."""


class _Rows:
    """Rows for which an expression is computed as the language does, but for its bounds on the size of numbers.

    ``asked`` says of which rows the value of a part is wanted: not of those that an `and` has decided before it.
    """

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self._columns = columns

    def value(self, part: Expression, asked: Any) -> Any:
        match part:
            case Number(value):
                return int(value) if value == int(value) else value
            case Quoted(word) | Truth(word):
                return word
            case Name(id):
                return self._columns[id] if id in self._columns else WORDS[id].value if id in WORDS else id
            case Negative(inner):
                return -self._number(inner, asked)
            case Binary(operator, left, right):
                return self._computed(operator, left, right, asked)
            case Choice(yes, condition, no):
                first = self.truth(condition, asked)
                one, other = self.value(yes, asked & first), self.value(no, asked & ~first)
                if (_kind(one) == "U") != (_kind(other) == "U"):
                    raise _Unfit(f"`{part}` is a word for some rows, and none for others")
                return np.where(first, one, other)
            case Function(name, args):
                return self._called(name, args, asked)
        return self.truth(part, asked)

    def truth(self, part: Expression, asked: Any) -> Any:
        """What a condition comes to."""
        match part:
            case Negation(inner):
                return ~self.truth(inner, asked)
            case Comparison(operator, left, right):
                return self._compared(operator, left, right, asked)
            case Logic(operator, left, right):
                first = self.truth(left, asked)
                if operator == "and":
                    return first & self.truth(right, asked & first)
                return first | self.truth(right, asked & ~first)
        found = np.asarray(self.value(part, asked))
        return found != "" if found.dtype.kind == "U" else found.astype(bool)

    def _number(self, part: Expression, asked: Any) -> Any:
        found = self.value(part, asked)
        if _kind(found) not in NUMBERS:
            raise _Unfit(f"`{part}` is not a number")
        return found

    def _computed(self, operator: str, left: Expression, right: Expression, asked: Any) -> Any:
        one, other = self._number(left, asked), self._number(right, asked)
        if operator == "/" and (asked & np.equal(other, 0)).any():
            raise _Unfit(f"it divides by `{right}`, which is 0 for a row")
        if operator != "/" and WHOLE.issuperset(map(_kind, (one, other))):
            return _exact(operator, one, other)
        return _finite(near(_COMPUTED[operator](_float(one), _float(other))), asked)

    def _called(self, name: str, args: tuple[Expression, ...], asked: Any) -> Any:
        values = [self._number(arg, asked) for arg in args]
        if name == "round_to":
            if (asked & np.less_equal(values[1], 0)).any():
                raise _Unfit(f"it rounds to multiples of `{args[1]}`, which is not positive for a row")
            return _finite(round_to(*map(_float, values)), asked)
        if name in _ROUNDED:
            return values[0] if _kind(values[0]) in WHOLE else _ROUNDED[name](values[0])
        return _CHOSEN[name](np.broadcast_arrays(*values))

    def _compared(self, operator: str, left: Expression, right: Expression, asked: Any) -> Any:
        if operator not in ("==", "!="):
            one, other = self._number(left, asked), self._number(right, asked)
        else:
            one, other = self.value(left, asked), self.value(right, asked)
            if (_kind(one) == "U") != (_kind(other) == "U"):  # a word and what is none
                return np.broadcast_to(operator == "!=", asked.shape)
        return np.asarray(_COMPARED[operator](_nine(one), _nine(other)), dtype=bool)


def _exact(operator: str, one: Any, other: Any) -> Any:
    """Two whole numbers under ``+ - *``, in Python's own where they may not fit 64 bits."""
    sizes = [max(map(abs, map(int, (np.min(side), np.max(side))))) for side in (one, other)]
    if (sizes[0] * sizes[1] if operator == "*" else sum(sizes)) >= LARGEST:
        one, other = (np.asarray(side).astype(object) for side in (one, other))
    return _COMPUTED[operator](one, other)


def _kind(value: Any) -> str:
    return np.asarray(value).dtype.kind


def _float(value: Any) -> Any:
    return np.asarray(value, dtype=np.float64)


def _finite(found: Any, asked: Any) -> Any:
    if (asked & ~np.isfinite(found)).any():
        raise OverflowError
    return found


def _nine(value: Any) -> Any:
    """Numbers to nine decimals, as the language compares them."""
    return np.where(np.abs(value) < FINEST, np.round(value, 9), value) if _kind(value) == "f" else value


_COMPUTED: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.true_divide,
}
_COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<=": np.less_equal,
    ">=": np.greater_equal,
    "<": np.less,
    ">": np.greater,
}
_ROUNDED: Mapping[str, Callable[[Any], Any]] = {"floor": np.floor, "ceil": np.ceil}
_CHOSEN: Mapping[str, Callable[[Any], Any]] = {"min": np.minimum.reduce, "max": np.maximum.reduce}
