"""Between what numbers of a trace lie for settings within bounds: exact, so that nothing overflows in silence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from archspec.expressions import Unfit
from archspec.family.formulas.operations import COMPUTED
from archspec.family.formulas.trace import Number, Truth
from archspec.support.limits import LARGEST

Bounds = tuple[Any, Any]
"""The least and the most that a number comes to, both as Python's numbers."""


def bounds_of(program: Sequence[Number | Truth], names: Mapping[str, Bounds]) -> dict[int, Bounds | bool | None]:
    """The bounds of numbers, and what conditions come to where that is the same within them; None where unknown."""
    found: dict[int, Any] = {}
    for each in program:
        if each.op == "name":
            found[id(each)] = names[each.args[0]]
            continue
        args = [found[id(arg)] if isinstance(arg, Number | Truth) else (arg, arg) for arg in each.args]
        if isinstance(each, Truth):
            found[id(each)] = _decided(each, args)
        elif each.op == "choice":
            found[id(each)] = _either(args)
        else:
            found[id(each)] = None if None in args else _computed(each.op, args)
    return found


def _computed(op: str, args: Sequence[Bounds]) -> Bounds | None:
    """The bounds of an operation that grows, or shrinks, with each of its operands: among its values at their ends."""
    if op in ("/", "//", "%", "exact") and args[1][0] <= 0:
        return None
    if op == "%":
        return (0, min(args[0][1], args[1][1])) if args[0][0] >= 0 else None
    if op == "round_to" and args[1][0] != args[1][1]:
        return None
    try:
        if op == "near":  # what is larger is refused
            ends = [COMPUTED[op](max(-LARGEST, min(end, LARGEST))) for end in args[0]]
        elif op in ("floor", "ceil"):
            ends = [COMPUTED[op](end) for end in args[0]]
        elif op in ("round_to", "min", "max"):
            ends = [COMPUTED[op](*(arg[end] for arg in args)) for end in (0, 1)]
        else:
            ends = [COMPUTED[op](one, other) for one in args[0] for other in args[1]]
    except (Unfit, ArithmeticError):
        return None
    return min(ends), max(ends)


def _either(args: Sequence[Any]) -> Bounds | None:
    condition, yes, no = args
    if isinstance(condition, bool):
        found: Bounds | None = yes if condition else no
        return found
    return None if yes is None or no is None else (min(yes[0], no[0]), max(yes[1], no[1]))


def _decided(truth: Truth, args: Sequence[Any]) -> bool | None:
    return _DECIDED[truth.op](truth, *args)


def _at_most(truth: Truth, one: Bounds | None, other: Bounds | None) -> bool | None:
    if one is None or other is None:
        return None
    return True if one[1] <= other[0] else False if one[0] > other[1] else None


def _surely_at_most(truth: Truth, one: Bounds | None, other: Bounds | None) -> bool | None:
    """The same for what the language compares to nine decimals."""
    if one is None or other is None:
        return None
    return True if one[1] <= other[0] - 1e-8 else False if one[0] > other[1] + 1e-8 else None


def _equal(truth: Truth, one: Bounds | None, other: Bounds | None) -> bool | None:
    if one is None or other is None:
        return None
    if one[1] < other[0] - 1e-8 or one[0] > other[1] + 1e-8:
        return False
    return True if one[0] == one[1] == other[0] == other[1] else None


def _both(truth: Truth, one: bool | None, other: bool | None) -> bool | None:
    if one is None or other is None:
        return False if one is False or other is False else None
    return one and other


def _one_of_both(truth: Truth, one: bool | None, other: bool | None) -> bool | None:
    if one is None or other is None:
        return True if one or other else None
    return one or other


_DECIDED: Mapping[str, Callable[..., bool | None]] = {
    "<=": _at_most,
    "==": _equal,
    "at most": _surely_at_most,
    "equal": _equal,
    "whole": lambda truth, bounds: None,
    "not": lambda truth, inner: None if inner is None else not inner,
    "and": _both,
    "or": _one_of_both,
}
