"""Expressions over parameters: their text as the IR keeps it, its names, its tree and its value."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ast

TOKEN = re.compile(r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)|(?P<string>\"[^\"]*\")|(?P<name>[^\W\d]\w*)")
WORDS = frozenset({"if", "else", "and", "or", "not", "True", "False"})
"""Words of a text that are no names."""
LARGEST = 10**12
LONGEST = 2_000
"""Characters of a text."""


class Unfit(Exception):
    """A text has no value: what is wrong, with the part that is to blame and what that comes to."""

    def __init__(self, problem: str, part: str = "", value: object = None) -> None:
        super().__init__(problem)
        self.problem, self.part, self.value = problem, part, value


def evaluate(text: str, values: Mapping[str, Any]) -> Any:
    """The value of a text for these values of its names; raises Unfit where it has none."""
    return _value(tree_of(text), values)


def compute(symbol: str, left: float, right: float) -> float:
    """Two numbers under ``+ - * /``; a division that comes out whole gives a whole number."""
    if symbol == "/" and right == 0:
        raise Unfit("zero")
    exact = _COMPUTED[symbol](left, right)
    return bounded(exact)


def call(name: str, values: list[Any]) -> Any:
    """A function of the language: ``round_to``, ``min``, ``max``, ``floor``, ``ceil``."""
    least, most, function = FUNCTIONS[name]
    if not least <= len(values) <= most:
        raise Unfit("arity", name, least)
    return bounded(function(*values))


def compared(symbol: str, left: Any, right: Any) -> bool:
    """Two values under ``== != < <= > >=``."""
    if symbol not in ("==", "!="):
        for side in (left, right):
            number_of(side, "")
    return bool(_COMPARED[symbol](left, right))


def bounded(value: float) -> float:
    """A number that is finite and no larger than any layer's; whole where it is so near to a whole number.

    0.7 * 10 is 7 and not 7.000000000000001: widths are written as decimal fractions of whole numbers.
    """
    if not within_bounds(value):
        raise Unfit("large")
    nearest = round(value)
    return nearest if abs(value) >= 0.5 and abs(value - nearest) <= 1e-9 * abs(value) else value


def within_bounds(value: Any) -> bool:
    """Whether every number of a value is finite and no larger than any layer's."""
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
    nearest = max(math.floor(value / multiple + 0.5), 1) * multiple
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


@cache
def names_in(text: str) -> frozenset[str]:
    """The parameters that a text names; ``in`` is one."""
    found = (match["name"] for match in TOKEN.finditer(text) if match["name"])
    return frozenset(name for name in found if name not in WORDS and name not in FUNCTIONS)


@cache
def tree_of(text: str) -> ast.expr:
    """The tree of a text, by Python's own rules; raises SyntaxError for what is no expression.

    A parameter may have a name that Python reads otherwise, such as `class` or one of its look-alikes, so names are
    numbered while Python reads.
    """
    import ast

    names: list[str] = []

    def numbered(match: re.Match[str]) -> str:
        if not match["name"] or match["name"] in WORDS:
            return match[0]
        names.append(match[0])
        return f"_{len(names) - 1}"

    tree = ast.parse(TOKEN.sub(numbered, text), mode="eval").body
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = names[int(node.id[1:])]
    return tree


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:
    """The value of a tree; its kinds of nodes are those that the grammar can write."""
    return _VALUES[type(node).__name__](node, values)


def _of_operation(node: Any, values: Mapping[str, Any]) -> float:
    sides = [number_of(_value(side, values), _written(side)) for side in (node.left, node.right)]
    symbol = {"Add": "+", "Sub": "-", "Mult": "*", "Div": "/"}[type(node.op).__name__]
    try:
        return compute(symbol, *sides)
    except Unfit as unfit:
        raise Unfit(unfit.problem, _written(node.right), 0) from None


def _of_sign(node: Any, values: Mapping[str, Any]) -> Any:
    inner = _value(node.operand, values)
    return not inner if type(node.op).__name__ == "Not" else -number_of(inner, _written(node.operand))


def _of_comparison(node: Any, values: Mapping[str, Any]) -> bool:
    symbols = {"Eq": "==", "NotEq": "!=", "Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">="}
    left, right = _value(node.left, values), _value(node.comparators[0], values)
    return compared(symbols[type(node.ops[0]).__name__], left, right)


def _of_logic(node: Any, values: Mapping[str, Any]) -> bool:
    every = type(node.op).__name__ == "And"
    return all(_value(v, values) for v in node.values) if every else any(_value(v, values) for v in node.values)


def _of_call(node: Any, values: Mapping[str, Any]) -> float:
    return call(node.func.id, [number_of(_value(arg, values), _written(arg)) for arg in node.args])  # type: ignore[no-any-return]


_VALUES: Mapping[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "Constant": lambda node, values: node.value,
    "Name": lambda node, values: values[node.id],
    "BinOp": _of_operation,
    "UnaryOp": _of_sign,
    "Compare": _of_comparison,
    "BoolOp": _of_logic,
    "IfExp": lambda node, values: _value(node.body if _value(node.test, values) else node.orelse, values),
    "Call": _of_call,
}


def _written(node: ast.expr) -> str:
    import ast

    return ast.unparse(node)
