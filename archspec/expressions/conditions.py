"""Conditions and their opposites."""

from __future__ import annotations

from archspec.expressions.code import OPPOSITE
from archspec.expressions.tree import Comparison, Expression, Logic, Negation, Truth


def excludes(condition: Expression, other: Expression) -> bool:
    """Whether one of two conditions holds exactly where the other does not, by how they are written."""
    return _plain(condition, denied=False) == _plain(other, denied=True)


def _plain(condition: Expression, denied: bool) -> Expression:
    """A condition, or its opposite, with no negation of what has an opposite of its own."""
    match condition:
        case Negation(inner):
            return _plain(inner, not denied)
        case Truth(value):
            return Truth(value != denied)
        case Comparison(operator, left, right) if denied:
            return Comparison(OPPOSITE[operator], left, right)
        case Logic(operator, left, right):
            turned = {"and": "or", "or": "and"}[operator] if denied else operator
            return Logic(turned, _plain(left, denied), _plain(right, denied))
    return Negation(condition) if denied else condition
