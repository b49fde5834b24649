"""The values of expressions, for values of their names; the arithmetic of the language."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

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
    Size,
    Truth,
)
from archspec.support.limits import LARGEST

WORDS = frozenset({"if", "else", "and", "or", "not", "True", "False"})
"""Words of a text that are not names."""


class Unfit(Exception):
    """An expression has no value: what is wrong, with the part that is to blame and what that comes to."""

    def __init__(self, problem: str, part: str = "", value: object = None) -> None:
        super().__init__(problem)
        self.problem, self.part, self.value = problem, part, value


def evaluate(expression: Expression, values: Mapping[str, Any]) -> Any:
    """The value for these values of the names; raises Unfit where there is none."""
    return _VALUES[type(expression)](expression, values)


def compute(symbol: str, left: float, right: float) -> float:
    """Two numbers under ``+ - * /``; a division that comes out whole gives a whole number."""
    if symbol == "/" and right == 0:
        raise Unfit("zero")
    exact = _COMPUTED[symbol](left, right)
    return bounded(exact)


def call(name: str, values: list[float]) -> float:
    """A function of the language: ``round_to``, ``min``, ``max``, ``floor``, ``ceil``."""
    least, most, function = FUNCTIONS[name]
    if not least <= len(values) <= most:
        raise Unfit("arity", name, least)
    return bounded(function(*values))


def compared(symbol: str, left: Any, right: Any) -> bool:
    """Two values under ``== != < <= > >=``; numbers that agree to nine decimals are equal, as emitted code has it."""
    if symbol not in ("==", "!="):
        for side in (left, right):
            number_of(side, "")
    left, right = (round(side, 9) if isinstance(side, float) else side for side in (left, right))
    return bool(_COMPARED[symbol](left, right))


def bounded(value: float) -> float:
    """A number that is finite and no larger than any layer's; whole where it is so near to a whole number.

    0.7 * 10 is 7 and not 7.000000000000001: widths are written as decimal fractions of whole numbers.
    """
    if not within_bounds(value):
        raise Unfit("large")
    nearest = round(value)
    near = abs(value) >= 0.5 and abs(value - nearest) <= 1e-9 * abs(value)
    return nearest if near or value == nearest else value


def within_bounds(value: Any) -> bool:
    """Whether every number of a value is finite and no larger than any layer's."""
    if type(value) is int or type(value) is float:
        return abs(value) <= LARGEST
    numbers = value if isinstance(value, tuple) else (value,)
    return all(abs(n) <= LARGEST for n in numbers if isinstance(n, int | float))  # which no NaN is


def number_of(value: Any, part: str) -> float:
    """The value, which must be a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit("number", part, value)
    return value


def round_to(value: float, multiple: float) -> float:
    """The nearest multiple, halves up, at least one and no more than a tenth below, as MobileNet's code has it."""
    if multiple <= 0:
        raise Unfit("zero")
    quotient = value / multiple
    if not math.isfinite(quotient):
        raise Unfit("large")
    nearest = max(math.floor(quotient + 0.5), 1) * multiple
    return nearest + multiple if nearest < 0.9 * value else nearest


FUNCTIONS: Mapping[str, tuple[int, int, Callable[..., float]]] = {
    "round_to": (2, 2, round_to),
    "min": (2, 9, min),
    "max": (2, 9, max),
    "floor": (1, 1, math.floor),
    "ceil": (1, 1, math.ceil),
}
"""Each function with the least and the most arguments that it takes."""
_COMPUTED: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _number(part: Expression, values: Mapping[str, Any]) -> float:
    found = evaluate(part, values)
    return found if type(found) is int or type(found) is float else number_of(found, str(part))


def _of_operation(node: Any, values: Mapping[str, Any]) -> float:
    left, right = _number(node.left, values), _number(node.right, values)
    try:
        return compute(node.operator, left, right)
    except Unfit as unfit:
        raise Unfit(unfit.problem, str(node.right), 0) from None


def _of_logic(node: Any, values: Mapping[str, Any]) -> bool:
    left = bool(evaluate(node.left, values))
    decided = left == (node.operator == "or")
    return left if decided else bool(evaluate(node.right, values))


def _of_call(node: Any, values: Mapping[str, Any]) -> float:
    return call(node.name, [_number(arg, values) for arg in node.args])


_VALUES: Mapping[type[Expression], Callable[[Any, Mapping[str, Any]], Any]] = {
    Number: lambda node, values: bounded(node.value),
    Truth: lambda node, values: node.value,
    Quoted: lambda node, values: node.word,
    Name: lambda node, values: values[node.id],
    Negative: lambda node, values: -_number(node.inner, values),
    Binary: _of_operation,
    Comparison: lambda node, values: compared(node.operator, evaluate(node.left, values), evaluate(node.right, values)),
    Logic: _of_logic,
    Negation: lambda node, values: not evaluate(node.inner, values),
    Choice: lambda node, values: evaluate(node.yes if evaluate(node.condition, values) else node.no, values),
    Function: _of_call,
    Size: lambda node, values: tuple(evaluate(side, values) for side in node.sides),
}
