"""Expressions as emitted Python: exact divisions, whole numbers where whole numbers are needed."""

from __future__ import annotations

from collections.abc import Collection

from archspec.expressions.tree import (
    Binary,
    Choice,
    Comparison,
    Expression,
    Function,
    Name,
    Negation,
    Negative,
    Number,
    Quoted,
    constant,
    rebuilt,
)
from archspec.expressions.values import evaluate

OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def whole(expression: Expression) -> Expression:
    """The code of a number that comes out whole: its division is exact, so that whole sides need no rounding."""
    if integral(expression):
        return code(expression)
    match expression:
        case Binary("/", above, below) if _divides(expression):
            return Binary("//", code(above), code(below))
        case Choice(yes, condition, no):
            return Choice(whole(yes), code(condition), whole(no))
    return Function("round", (code(expression),))


def code(expression: Expression) -> Expression:
    """The code of a number or a condition as it is."""
    match expression:
        case Function("floor", (inner,)):
            return _floor(inner, up=False)
        case Function("ceil", (inner,)):
            return _floor(inner, up=True)
        case Comparison(operator, left, right):
            return _compared(operator, left, right)
        case Negation(Comparison(operator, left, right)):
            return _compared(OPPOSITE[operator], left, right)
    return rebuilt(expression, code)


def integral(expression: Expression, whole: Collection[str] | None = None) -> bool:
    """Whether it is whole where the names of ``whole`` hold whole numbers; by default those that say so themselves."""
    match expression:
        case Number(value):
            return isinstance(value, int)
        case Name(id, known):
            return known if whole is None else id in whole
        case Function("floor" | "ceil"):
            return True
        case Function("round_to", (_, multiple)):
            return integral(multiple, whole)
        case Choice(yes, _, no):
            return integral(yes, whole) and integral(no, whole)
        case Binary("/"):
            return False
        case Negative() | Binary() | Function("min" | "max"):
            return all(integral(part, whole) for part in expression.parts)
    return False


def _floor(inner: Expression, up: bool) -> Expression:
    """``n // d``, or ``math.ceil(n / d)``. What is as near to a whole number as widths are written is one."""
    if integral(inner):
        return code(inner)
    match inner:
        case Binary("/", above, below) if _divides(inner):
            return Function("math.ceil", (code(inner),)) if up else Binary("//", code(above), code(below))
    return Function("math.ceil" if up else "math.floor", (Function("near", (code(inner),)),))


def _compared(operator: str, left: Expression, right: Expression) -> Expression:
    """A comparison; a side without names is the number that it comes to."""
    left, right = (
        side if side.names or not side.parts else constant(round(evaluate(side, {}), 9)) for side in (left, right)
    )
    return Comparison(operator, _side(left, right), _side(right, left))


def _side(side: Expression, other: Expression) -> Expression:
    """One side of a comparison: numbers that agree to nine decimals are equal, as in the language.

    Rounding makes up for what computing with fractions loses: a name beside a whole number goes without.
    """
    match side, other:
        case Quoted(), _:
            return side
        case Number(value), _:
            return Number(round(value, 9))
        case Name(), Number(value) if value == int(value):
            return side
        case Name(whole=False), _:
            return Function("round", (side, Number(9)))
    if integral(side) or (_divides(side) and integral(other)):
        return code(side)
    return Function("round", (Function("near", (code(side),)), Number(9)))


def _divides(expression: Expression) -> bool:
    """Whether it is one division of whole numbers, which is a whole number or not even near to one."""
    match expression:
        case Binary("/", above, below):
            return integral(above) and integral(below)
    return False
