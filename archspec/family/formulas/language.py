"""Expressions of a spec on numbers of a trace: what is whole, what is too large and what decides is asked as usual."""

from __future__ import annotations

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
    Quoted,
    Size,
    Truth,
)
from archspec.expressions.tree import Number as Literal
from archspec.expressions.values import evaluate
from archspec.family.formulas.normal import DECIDED_APART
from archspec.family.formulas.operations import COMPUTED as OPERATIONS
from archspec.family.formulas.trace import Number, Trace, difference, is_number, negated
from archspec.support.limits import LARGEST

COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


def traced(expression: Expression, names: Mapping[str, Any], on: Trace) -> Any:
    """The value of an expression; a number of the trace where a name that it holds stands for one.

    Raises Unfit where the setting of the trace has none.
    """
    if not any(isinstance(names.get(name), Number) for name in expression.names):
        return evaluate(expression, names)
    return _TRACED[type(expression)](expression, names, on)


class Unmet(Exception):
    """Something that is demanded does not hold at the setting of a trace: such settings are refused."""


def demand(truth: Any, on: Trace) -> None:
    """Demand a condition; raises Unmet where it does not hold."""
    with on.demanding():
        if not truth:
            raise Unmet


def demand_whole(value: Any) -> None:
    """Demand that a number is whole; raises Unmet where it is not."""
    if isinstance(value, Number):
        demand(value.is_whole(), value.trace)


def demand_at_least(value: Any, least: int) -> None:
    """Demand that a number is no less; raises Unmet where it is."""
    if isinstance(value, Number):
        demand(value >= least, value.trace)


def demand_at_most(value: Any, most: int) -> None:
    """Demand that a number is no more; raises Unmet where it is."""
    if isinstance(value, Number):
        demand(value <= most, value.trace)


def _operation(node: Any, names: Mapping[str, Any], on: Trace) -> Any:
    left, right = traced(node.left, names, on), traced(node.right, names, on)
    if node.operator == "/":
        demand(right != 0, on)
    return _near(on.number(node.operator, left, right) if node.operator == "/" else _plain(node.operator, left, right))


def _plain(operator: str, left: Any, right: Any) -> Any:
    return OPERATIONS[operator](left, right)  # by the operators of numbers, which know sums with 0


def _near(value: Any) -> Any:
    """The value as the language has it: whole where it is as near to a whole number, and not too large."""
    demand_at_most(value, LARGEST)
    demand_at_least(value, -LARGEST)
    return value if not isinstance(value, Number) or value.whole else value.trace.number("near", value)


def _function(node: Any, names: Mapping[str, Any], on: Trace) -> Any:
    args = [traced(arg, names, on) for arg in node.args]
    if node.name in ("min", "max"):
        found = args[0]
        for arg in args[1:]:
            found = _choose(on, node.name, found, arg)
        return found
    if node.name == "round_to" and isinstance(args[1], Number):
        demand(args[1] > 0, on)
    if node.name in ("floor", "ceil") and (args[0].whole if isinstance(args[0], Number) else type(args[0]) is int):
        return args[0]
    return _near(on.number(node.name, *args))


def _choose(on: Trace, name: str, one: Any, other: Any) -> Any:
    for value, against in ((one, other), (other, one)):
        if isinstance(value, Number):
            return value.least(against) if name == "min" else value.greatest(against)
    return OPERATIONS[name](one, other)


def _choice(node: Any, names: Mapping[str, Any], on: Trace) -> Any:
    return traced(node.yes if traced(node.condition, names, on) else node.no, names, on)


def _comparison(node: Any, names: Mapping[str, Any], on: Trace) -> Any:
    left, right = traced(node.left, names, on), traced(node.right, names, on)
    if not (is_number(left) and is_number(right)):  # words, or yes and no, which are equal to no number
        return (left == right) == (node.operator == "==")
    apart = difference(left, right)
    if apart is not None:
        return DECIDED_APART[node.operator](apart)
    whole = all(side.whole if isinstance(side, Number) else isinstance(side, int) for side in (left, right))
    if whole:
        return COMPARED[node.operator](left, right)
    made: Mapping[str, Callable[[], Any]] = {
        "==": lambda: on.truth("equal", left, right),
        "!=": lambda: negated(on.truth("equal", left, right)),
        "<=": lambda: on.truth("at most", left, right),
        ">=": lambda: on.truth("at most", right, left),
        "<": lambda: negated(on.truth("at most", right, left)),
        ">": lambda: negated(on.truth("at most", left, right)),
    }
    return made[node.operator]()


def _logic(node: Any, names: Mapping[str, Any], on: Trace) -> Any:
    left = bool(traced(node.left, names, on))
    return left if left == (node.operator == "or") else bool(traced(node.right, names, on))


_TRACED: Mapping[type[Expression], Callable[[Any, Mapping[str, Any], Trace], Any]] = {
    Literal: lambda node, names, on: evaluate(node, names),
    Truth: lambda node, names, on: node.value,
    Quoted: lambda node, names, on: node.word,
    Name: lambda node, names, on: names[node.id],
    Negative: lambda node, names, on: 0 - traced(node.inner, names, on),
    Binary: _operation,
    Comparison: _comparison,
    Logic: _logic,
    Negation: lambda node, names, on: not traced(node.inner, names, on),
    Choice: _choice,
    Function: _function,
    Size: lambda node, names, on: tuple(traced(side, names, on) for side in node.sides),
}
