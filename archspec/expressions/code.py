"""Expressions as emitted Python: exact divisions, whole numbers where whole numbers are needed."""

from __future__ import annotations

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
    rebuilt,
)

OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def whole(expression: Expression) -> Expression:
    """The code of a number that comes out whole: its division is exact, so that whole sides need no rounding."""
    if integral(expression):
        return code(expression)
    match expression:
        case Binary("/", above, below) if integral(above) and integral(below):
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
            return Comparison(operator, _near(left), _near(right))
        case Negation(Comparison(operator, left, right)):
            return Comparison(OPPOSITE[operator], _near(left), _near(right))
    return rebuilt(expression, code)


def integral(expression: Expression) -> bool:
    """Whether it is whole for whatever whole numbers its names hold."""
    match expression:
        case Number(value):
            return isinstance(value, int)
        case Name(whole=known):
            return known
        case Function("floor" | "ceil"):
            return True
        case Function("round_to", (_, multiple)):
            return integral(multiple)
        case Choice(yes, _, no):
            return integral(yes) and integral(no)
        case Binary("/"):
            return False
        case Negative() | Binary() | Function("min" | "max"):
            return all(integral(part) for part in expression.parts)
    return False


def _floor(inner: Expression, up: bool) -> Expression:
    """``n // d``, or ``-(-n // d)`` upwards. What is as near to a whole number as widths are written is one."""
    if integral(inner):
        return code(inner)
    match inner:
        case Binary("/", above, below) if integral(above) and integral(below):
            top = Negative(code(above)) if up else code(above)
            made: Expression = Binary("//", top, code(below))
        case _:
            near = _near(inner)
            made = Function("int", (Binary("//", Negative(near) if up else near, Number(1)),))
    return Negative(made) if up else made


def _near(side: Expression) -> Expression:
    """A number that may be off in its last digits, such as ``0.7 * 10``, as the number that is meant."""
    if _exact(side):
        return code(side)
    return Function("round", (code(side), Number(9)))


def _exact(expression: Expression) -> bool:
    """Whether floating point gives what exact arithmetic does: one number, or one division of whole ones."""
    match expression:
        case Name() | Number():
            return True
        case Choice(yes, _, no):
            return _exact(yes) and _exact(no)
        case Binary("/", above, below):
            return integral(above) and integral(below)
    return integral(expression)
