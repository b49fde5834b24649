"""A small exact algebra: sums of products of powers, over names and over what cannot be taken apart.

A product may have negative powers, so that ``in / r * r`` is ``in``. Atoms are names, and whatever is not a sum of
products: ``floor``, ``ceil``, ``min``, ``max``, ``round_to``, choices, and divisions by sums.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm
from typing import Self, TypeAlias

from archspec.expressions.tree import Binary, Expression, Negative, Number
from archspec.support.limits import LARGEST_COEFFICIENT, MOST_TERMS

Coefficient: TypeAlias = int | Fraction | float
Powers: TypeAlias = tuple[tuple[Expression, int], ...]
"""The factors of a product with their powers, in the order in which they came up."""
FINEST = 16
"""A decimal number with a denominator up to this, such as 0.25, is kept as an exact fraction.

Ratios of papers are halves to sixteenths. A decimal such as 0.1 is none of them but a binary number with a denominator
of 2^55: as a fraction, code would show that denominator in the place of 0.1.
"""


class TooLong(Exception):
    """An expression has grown beyond what code should hold: numbers take the place of these names, or of all."""

    def __init__(self, names: frozenset[str] = frozenset()) -> None:
        super().__init__("an expression is too long")
        self.names = names


class Polynomial:
    """An immutable sum of products."""

    most_terms = MOST_TERMS

    def __init__(self, terms: Iterable[tuple[Coefficient, Powers]] = ()) -> None:
        mine: dict[frozenset[tuple[Expression, int]], tuple[Coefficient, Powers]] = {}
        self._terms = mine
        for coefficient, powers in terms:
            key = frozenset(powers)
            known = mine.get(key)
            total = _exact(coefficient if known is None else known[0] + coefficient)
            if not -LARGEST_COEFFICIENT < total < LARGEST_COEFFICIENT:
                raise TooLong
            if total != 0:
                mine[key] = total, powers if known is None else known[1]
            elif known is not None:
                del mine[key]
        if len(mine) > self.most_terms:
            raise TooLong

    @property
    def terms(self) -> tuple[tuple[Coefficient, Powers], ...]:
        """The products with their coefficients."""
        return tuple(self._terms.values())

    @property
    def constant(self) -> Coefficient | None:
        """The number that it is, or None where it depends on something."""
        if not self._terms:
            return 0
        return self._terms[frozenset()][0] if self._terms.keys() == {frozenset()} else None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Polynomial):
            return NotImplemented
        mine, theirs = ({key: c for key, (c, _) in one._terms.items()} for one in (self, other))
        return mine == theirs

    def __hash__(self) -> int:
        return hash(frozenset((key, c) for key, (c, _) in self._terms.items()))

    def __add__(self, other: Polynomial) -> Self:
        return type(self)((*self.terms, *other.terms))

    def __neg__(self) -> Self:
        return type(self)((-c, powers) for c, powers in self.terms)

    def __sub__(self, other: Polynomial) -> Self:
        return self + -other

    def __mul__(self, other: Polynomial) -> Self:
        return type(self)((a * b, _product(p, q)) for a, p in self.terms for b, q in other.terms)

    def __truediv__(self, other: Polynomial) -> Self:
        """The exact quotient; what a sum of several terms divides is an atom, and so is what zero divides."""
        if len(other.terms) != 1:
            return type(self)([(1, ((Binary("/", self.tree, other.tree), 1),))])
        [(c, powers)] = other.terms
        inverse = _exact(Fraction(1, c) if isinstance(c, int) else 1 / c)
        return self * type(self)([(inverse, tuple((factor, -power) for factor, power in powers))])

    @cached_property
    def tree(self) -> Expression:
        """The expression: one fraction, with what all terms share in front of the sum."""
        numerator, denominator = self.fraction()
        above = numerator._factored()
        return above if denominator.constant == 1 else Binary("/", above, denominator._factored())

    def fraction(self) -> tuple[Self, Self]:
        """Numerator and denominator, without fractions and negative powers in them."""
        number = lcm(*(c.denominator for c, _ in self._terms.values() if isinstance(c, Fraction)))
        # For each factor the deepest power below the line: what the sum is multiplied by to have none left there.
        below: dict[Expression, int] = {}
        for _, powers in self._terms.values():
            for factor, power in powers:
                if -power > below.get(factor, 0):
                    below[factor] = -power
        if number == 1 and not below:
            return self, type(self)([(1, ())])
        denominator = type(self)([(number, tuple(below.items()))])
        return self * denominator, denominator

    def _factored(self) -> Expression:
        if len(self._terms) < 2:
            return _sum(self)
        shared = self._shared()
        if shared.constant == 1:
            return _sum(self)
        inner = _sum(self / shared)
        return Negative(inner) if shared.constant == -1 else _sum(shared, inner)

    def _shared(self) -> Self:
        """What all terms have in common: a whole number, powers, and the sign where all are negative.

        A number that is added shares nothing with the others: ``64 + 32 * i``.
        """
        numbers = [c for c, _ in self.terms]
        every = [dict(powers) for _, powers in self.terms]
        # The greatest common divisor of floats means nothing, and a factor in front of a constant hides it:
        # `2 * (32 + i)` reads worse than `64 + 2 * i`.
        whole = gcd(*(c for c in numbers if isinstance(c, int))) if all(every) else 1
        whole = whole if all(isinstance(c, int) for c in numbers) else 1
        lowest = ((factor, min(powers.get(factor, 0) for powers in every)) for factor in every[0]) if every else ()
        sign = -1 if numbers and all(c < 0 for c in numbers) else 1
        return type(self)([(sign * (whole or 1), tuple((factor, power) for factor, power in lowest if power > 0))])


def number(value: int | float) -> Polynomial:
    """A number."""
    return Polynomial([(_exact(value), ())])


def atom(expression: Expression) -> Polynomial:
    """What cannot be taken apart."""
    return Polynomial([(1, ((expression, 1),))])


def _exact(value: Coefficient) -> Coefficient:
    """The number as an int where it is whole, as a fraction where it is a simple one."""
    if isinstance(value, float):
        if value != value or value in (float("inf"), -float("inf")):
            return value
        above, below = value.as_integer_ratio()
        if below > FINEST or abs(above) > 2**53:
            return value
        value = Fraction(above, below)
    return int(value) if value.denominator == 1 else value


def _product(p: Powers, q: Powers) -> Powers:
    powers = dict(p)
    for factor, power in q:
        powers[factor] = powers.get(factor, 0) + power
    return tuple((factor, power) for factor, power in powers.items() if power)


def _sum(polynomial: Polynomial, times: Expression | None = None) -> Expression:
    """The terms as written, one that is not subtracted first; ``times`` is one more factor of each."""
    terms: list[tuple[Coefficient, Powers]] = list(polynomial.terms)
    if not terms:
        return Number(0)
    first = next((i for i, (c, _) in enumerate(terms) if c > 0), 0)
    terms.insert(0, terms.pop(first))
    made: Expression | None = None
    for c, powers in terms:
        factors = [*_factors(-c if c < 0 else c, powers), *([times] if times is not None else [])]
        product = factors[0]
        for factor in factors[1:]:
            product = Binary("*", product, factor)
        if made is None:
            made = Negative(product) if c < 0 else product
        else:
            made = Binary("-" if c < 0 else "+", made, product)
    assert made is not None
    return made


def _factors(c: Coefficient, powers: Powers) -> Iterator[Expression]:
    """A number, unless it is 1, and factors as often as their powers say."""
    if c != 1 or not powers:
        yield Number(float(c) if isinstance(c, Fraction) else c)
    for factor, power in powers:
        yield from [factor] * power
