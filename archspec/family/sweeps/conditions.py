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
from archspec.family.sweeps.messages import unknown_column, unreadable_condition

UNIT = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)([KMGTB])(?!\w)")
"""A number with a unit, as figures are printed."""
LARGEST = 2**62
WORDS = {"yes": Truth(True), "no": Truth(False)}


class Condition:
    """A condition that was read."""

    def __init__(self, text: str, names: Collection[str], words: Collection[str] = (), origin: str = "--where") -> None:
        plain = UNIT.sub(lambda found: format(Decimal(found[1]).scaleb(UNITS[found[2].lower()]), "f"), text)
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
        self._names = frozenset(names)

    def holds(self, columns: Mapping[str, Any]) -> Any:
        """For each row whether it holds."""
        size = len(next(iter(columns.values())))
        return np.broadcast_to(self._of(self.tree, columns), (size,)).astype(bool)

    def _of(self, part: Expression, columns: Mapping[str, Any]) -> Any:
        match part:
            case Number(value):
                return int(value) if value == int(value) else value
            case Quoted(word) | Truth(word):
                return word
            case Name(id):
                return columns[id] if id in columns else WORDS[id].value if id in WORDS else id
            case Negative(inner):
                return -self._of(inner, columns)
            case Negation(inner):
                return np.logical_not(self._of(inner, columns))
            case Binary(operator, left, right):
                return _computed(operator, self._of(left, columns), self._of(right, columns))
            case Comparison(operator, left, right):
                return _COMPARED[operator](self._of(left, columns), self._of(right, columns))
            case Logic(operator, left, right):
                joined = np.logical_and if operator == "and" else np.logical_or
                return joined(self._of(left, columns), self._of(right, columns))
            case Choice(yes, condition, no):
                return np.where(self._of(condition, columns), self._of(yes, columns), self._of(no, columns))
            case Function(name, args):
                return _FUNCTIONS[name](*(self._of(arg, columns) for arg in args))
        raise AssertionError(part)


def _computed(operator: str, left: Any, right: Any) -> Any:
    """Two numbers under ``+ - * /``, in Python's own where they may not fit 64 bits."""
    if operator == "/":
        return np.true_divide(left, right)
    sizes = [max(map(abs, map(int, (np.min(side), np.max(side))))) if np.size(side) else 0 for side in (left, right)]
    if (sizes[0] * sizes[1] if operator == "*" else sum(sizes)) >= LARGEST:
        left, right = (np.asarray(side).astype(object) for side in (left, right))
    return _COMPUTED[operator](left, right)


_COMPUTED: Mapping[str, Callable[[Any, Any], Any]] = {"+": np.add, "-": np.subtract, "*": np.multiply}
_COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<=": np.less_equal,
    ">=": np.greater_equal,
    "<": np.less,
    ">": np.greater,
}
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "min": lambda *values: np.minimum.reduce(np.broadcast_arrays(*values)),
    "max": lambda *values: np.maximum.reduce(np.broadcast_arrays(*values)),
    "floor": np.floor,
    "ceil": np.ceil,
    "round_to": lambda value, multiple: np.maximum(np.floor(value / multiple + 0.5), 1) * multiple,
}
