"""Conditions as a reader would put them: without rounding and choices where the same can be said of what is inside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor

from archspec.expressions.code import OPPOSITE
from archspec.expressions.tree import Binary, Choice, Comparison, Expression, Function, Name, Truth, every_part
from archspec.family.formulas.normal import (
    TURNED,
    Exact,
    atom,
    compared,
    constant,
    mapped,
    opposite,
    polynomial_of,
)
from archspec.family.formulas.proving import Known

EXTREMES = {"min": "<=", "max": ">="}
"""How what is chosen compares with all others."""


def simpler(condition: Expression) -> Iterator[Expression]:
    """Conditions that all hold where the condition does, and nowhere else; none where it always does."""
    found = _rewritten(condition)
    if found is None:
        if condition != Truth(True):
            yield condition
        return
    for each in found:
        yield from simpler(each)


def _rewritten(condition: Expression) -> Sequence[Expression] | None:
    """The same in simpler conditions; None where there are no simpler ones."""
    if not isinstance(condition, Comparison):
        return None
    apart = polynomial_of(condition.left) - polynomial_of(condition.right)
    steps = [(Fraction(c), powers) for c, powers in apart.terms if powers]
    rest = sum((Fraction(c) for c, powers in apart.terms if not powers), start=Fraction(0))
    match steps:
        case [(factor, ((Function() as function, 1),))]:
            operator = condition.operator if factor > 0 else TURNED[condition.operator]
            return _of_function(function, operator, -rest / factor)
    extremes = [
        (c, f) for c, powers in steps for f, p in powers if isinstance(f, Function) and f.name in EXTREMES and p == 1
    ]
    if len(extremes) == 1:
        [(factor, function)] = extremes
        operator = condition.operator if factor > 0 else TURNED[condition.operator]
        return _chosen(function, operator, apart, factor)
    return None


def _of_function(function: Function, operator: str, limit: Fraction) -> Sequence[Expression] | None:
    """A function of something compared with a number, as conditions of what is inside."""
    name, args = function.name, function.args
    if name == "floor" and operator in ROUNDED_DOWN:
        return [compare(polynomial_of(args[0]), *ROUNDED_DOWN[operator](limit))]
    if name == "ceil" and operator in ROUNDED_DOWN:
        turned, end = ROUNDED_DOWN[TURNED[operator]](-limit)
        return [compare(-polynomial_of(args[0]), turned, end)]
    if (name, operator) in (("min", ">="), ("min", ">"), ("max", "<="), ("max", "<")):
        return [compare(polynomial_of(arg), operator, limit) for arg in args]
    if name == "round_to" and operator in (">=", ">"):
        least = polynomial_of(args[1]).constant
        if least is not None and (least > limit or (least == limit and operator == ">=")):
            return []  # it is one multiple at least
    return None


def _chosen(function: Function, operator: str, apart: Exact, factor: Fraction) -> Sequence[Expression] | None:
    """The least, or the largest, compared with one of those that it is of: which one is it?"""
    for arg in function.args:
        mine = polynomial_of(arg)
        if apart != (atom(function) - mine) * constant(factor):
            continue
        is_it = EXTREMES[function.name]
        others = [polynomial_of(other) for other in function.args if other is not arg]
        if operator in ("==", TURNED[is_it]):
            return [compare(mine - other, is_it, Fraction(0)) for other in others]
        if operator == is_it:
            return []
        if len(others) == 1:
            return [compare(mine - others[0], OPPOSITE[is_it], Fraction(0))]
    return None


def compare(number: Exact, operator: str, limit: Fraction) -> Expression:
    """A number compared with another one, in whole numbers without a common factor."""
    return compared(operator, number - constant(limit))


def reduced(number: Exact, known: Known) -> Exact:
    """A number without choices that conditions decide: ``min(64*a, 64)`` is ``64*a`` where ``a <= 1``."""
    return mapped(number, lambda factor: _decided(factor, known))


def _decided(factor: Expression, known: Known) -> Exact | None:
    match factor:
        case Function("min" | "max" as name, args):
            for arg in args:
                apart = (polynomial_of(arg) - polynomial_of(other) for other in args if other is not arg)
                if all(known.implies(compare(each, EXTREMES[name], Fraction(0))) for each in apart):
                    return polynomial_of(arg)
        case Choice(yes, condition, no):
            for side, truth in ((yes, condition), (no, opposite(condition))):
                if known.implies(truth):
                    return polynomial_of(side)
    return None


def with_values(number: Exact, values: Mapping[str, Fraction]) -> Exact:
    """A number with values in the place of names."""

    def value(factor: Expression) -> Exact | None:
        return constant(values[factor.id]) if isinstance(factor, Name) and factor.id in values else None

    return mapped(number, value)


def divides(condition: Expression) -> bool:
    """Whether a condition divides by something that depends on parameters."""
    return any(isinstance(part, Binary) and part.operator == "/" and part.right.names for part in every_part(condition))


ROUNDED_DOWN: Mapping[str, Callable[[Fraction], tuple[str, Fraction]]] = {
    ">=": lambda limit: (">=", Fraction(ceil(limit))),
    ">": lambda limit: (">=", Fraction(floor(limit) + 1)),
    "<": lambda limit: ("<", Fraction(ceil(limit))),
    "<=": lambda limit: ("<", Fraction(floor(limit) + 1)),
}
"""What a number is that is such a one when it is rounded down."""
