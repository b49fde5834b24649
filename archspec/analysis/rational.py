"""Exact values of expressions: fractions of whole numbers, and quotients in which names that stay open may cancel.

``27*C*C / (49*C*C)`` is 27/49 whatever C is. Numbers are those of the decimal digits that were written, so that
``24.80 - 23.29`` is 1.51 and nothing beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from archspec.budget import spend
from archspec.expressions.polynomial import TooLong
from archspec.expressions.tree import Binary, Expression, Name, Negative, Number
from archspec.expressions.values import Unfit
from archspec.support.limits import MOST_TERMS, MULTIPLIED

Powers: TypeAlias = tuple[tuple[str, int], ...]
"""Names with their powers, in the order of the alphabet."""
Sum: TypeAlias = dict[Powers, Fraction]
"""Products of names with their coefficients, none of which is zero."""


class Quotient(NamedTuple):
    """One sum of products over another, which is not zero."""

    above: Sum
    below: Sum

    def equals(self, other: Quotient, root: bool = False) -> bool:
        """Whether both are the same for all values of names; or this and the root of the other, where neither is
        negative."""
        mine = Quotient(_times(self.above, self.above), _times(self.below, self.below)) if root else self
        return _times(mine.above, other.below) == _times(other.above, mine.below)

    @property
    def names(self) -> frozenset[str]:
        """The names that it depends on."""
        return frozenset(name for side in self for powers in side for name, _ in powers)

    @property
    def number(self) -> Fraction | None:
        """What it is for all values of its names; None where that depends on them."""
        powers, least = next(iter(self.below.items()))
        ratio = self.above.get(powers, Fraction()) / least
        return ratio if self.above == _scaled(self.below, ratio) else None


def exact(expression: Expression, values: Mapping[str, float | Fraction]) -> Quotient:
    """The value for these values of names; others stay open. Raises Unfit where zero divides, and TooLong."""
    spend(MULTIPLIED)
    match expression:
        case Number(value):
            return _of(decimal(value))
        case Name(id):
            return _of(decimal(values[id])) if id in values else Quotient({((id, 1),): Fraction(1)}, _ONE)
        case Negative(inner):
            above, below = exact(inner, values)
            return Quotient(_scaled(above, Fraction(-1)), below)
        case Binary(operator, left, right):
            return _computed(operator, exact(left, values), exact(right, values), right)
    raise Unfit("number", str(expression), str(expression))


def decimal(value: float | Fraction) -> Fraction:
    """The number that stands there in decimal digits: 24.8, and not the binary number next to it."""
    return value if isinstance(value, Fraction) else Fraction(repr(value))


def _computed(operator: str, a: Quotient, b: Quotient, right: Expression) -> Quotient:
    if operator in "+-":
        sign = Fraction(1 if operator == "+" else -1)
        above = _plus(_times(a.above, b.below), _scaled(_times(b.above, a.below), sign))
        return Quotient(above, _times(a.below, b.below))
    if operator == "*":
        return Quotient(_times(a.above, b.above), _times(a.below, b.below))
    if not b.above:
        raise Unfit("zero", str(right), 0)
    return Quotient(_times(a.above, b.below), _times(a.below, b.above))


def _of(number: Fraction) -> Quotient:
    return Quotient({(): number} if number else {}, _ONE)


def _plus(a: Sum, b: Sum) -> Sum:
    spend(MULTIPLIED * len(b))
    found = dict(a)
    for powers, number in b.items():
        found[powers] = found.get(powers, Fraction()) + number
    return _short({powers: number for powers, number in found.items() if number})


def _times(a: Sum, b: Sum) -> Sum:
    spend(MULTIPLIED * len(a) * len(b))
    found: Sum = {}
    for p, x in a.items():
        for q, y in b.items():
            both = dict(p)
            for name, power in q:
                both[name] = both.get(name, 0) + power
            powers = tuple(sorted(both.items()))
            found[powers] = found.get(powers, Fraction()) + x * y
    return _short({powers: number for powers, number in found.items() if number})


def _scaled(a: Sum, factor: Fraction) -> Sum:
    spend(MULTIPLIED * len(a))
    return {powers: number * factor for powers, number in a.items()} if factor else {}


def _short(found: Sum) -> Sum:
    if len(found) > MOST_TERMS:
        raise TooLong
    return found


_ONE: Sum = {(): Fraction(1)}
