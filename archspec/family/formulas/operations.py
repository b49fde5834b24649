"""What operations and conditions of a trace are, on Python's numbers."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from archspec.expressions.values import bounded, call, compared

COMPUTED: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "exact": operator.floordiv,
    "near": bounded,
    "min": min,
    "max": max,
    "choice": lambda condition, yes, no: yes if condition else no,
    **{name: (lambda *args, name=name: call(name, [*args])) for name in ("floor", "ceil", "round_to")},
}
"""What each operation does with Python's numbers: ``exact`` divides without a rest, ``near`` snaps to whole numbers."""
WHOLE_OF_WHOLE = frozenset({"+", "-", "*", "//", "%", "exact", "min", "max", "near"})
"""Operations that give a whole number for whole numbers."""
DECIDED: dict[str, Callable[..., bool]] = {
    "<=": operator.le,
    "==": operator.eq,
    "at most": lambda a, b: compared("<=", a, b),
    "equal": lambda a, b: compared("==", a, b),
    "whole": lambda value: type(value) is int,
    "not": operator.not_,
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
}
"""What each condition does with Python's numbers; ``at most`` and ``equal`` are the language's, to nine decimals."""


def is_zero(value: object) -> bool:
    """Whether a value is the whole number 0, and known to be."""
    return type(value) is int and value == 0


def is_one(value: object) -> bool:
    """Whether a value is the whole number 1, and known to be."""
    return type(value) is int and value == 1
