"""Numbers that remember how they depend on names: the rules of ops run on them, and emission writes what comes out.

A symbol is the value at the use that is being emitted, and an exact polynomial over the names of the code. It is not
an ``int``: arithmetic on it gives a symbol again, or a number where nothing is left of the names. What would have to
forget the names, such as ``int()`` or ``range()``, raises. A comparison is decided by the values and noted in a
``Ledger``: the code that comes out holds for those uses alone that decide alike.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from archspec.expressions.code import code, whole
from archspec.expressions.functions import called, comparison, floored
from archspec.expressions.polynomial import Polynomial, TooLong, atom, number
from archspec.expressions.tree import (
    Expression,
    Name,
    Number,
    every_part,
)
from archspec.expressions.values import compared
from archspec.support.limits import MOST_WORDS


class Ledger:
    """The comparisons that were decided by values."""

    def __init__(self) -> None:
        self.decided: dict[Expression, bool] = {}

    def note(self, comparison: Expression, holds: bool) -> None:
        """Keep what a comparison came to."""
        self.decided[comparison] = holds


class Symbol:
    """A number that depends on names. ``whole`` says that a whole number is needed where it is written."""

    __slots__ = ("_code", "ledger", "polynomial", "value", "whole")
    __array_ufunc__ = None  # an array is not to take a symbol for one of its elements

    def __init__(self, value: int | float, polynomial: Polynomial, ledger: Ledger, whole: bool = True) -> None:
        self.value, self.polynomial, self.ledger, self.whole = value, polynomial, ledger, whole
        self._code: Expression | None = None
        if _words(polynomial) > MOST_WORDS:
            raise TooLong(self.names)

    @property
    def names(self) -> frozenset[str]:
        """The names of the code that it depends on."""
        factors = (factor for _, powers in self.polynomial.terms for factor, _ in powers)
        return frozenset[str]().union(*(factor.names for factor in factors))

    @property
    def code(self) -> Expression:
        """The Python expression."""
        if self._code is None:
            tree = self.polynomial.tree
            self._code = whole(tree) if self.whole else code(tree)
        return self._code

    @property
    def text(self) -> str:
        """The Python expression as text."""
        return self.code.python()

    def __repr__(self) -> str:
        return f"Symbol({self.value}, {self.text})"

    def __add__(self, other: Any) -> Any:
        return self._with(other, operator.add, operator.add)

    def __radd__(self, other: Any) -> Any:
        return self._with(other, _turned(operator.add), _turned(operator.add))

    def __sub__(self, other: Any) -> Any:
        return self._with(other, operator.sub, operator.sub)

    def __rsub__(self, other: Any) -> Any:
        return self._with(other, _turned(operator.sub), _turned(operator.sub))

    def __mul__(self, other: Any) -> Any:
        return self._with(other, operator.mul, operator.mul)

    def __rmul__(self, other: Any) -> Any:
        return self._with(other, _turned(operator.mul), _turned(operator.mul))

    def __truediv__(self, other: Any) -> Any:
        return self._with(other, operator.truediv, operator.truediv, exact=False)

    def __rtruediv__(self, other: Any) -> Any:
        return self._with(other, _turned(operator.truediv), _turned(operator.truediv), exact=False)

    def __floordiv__(self, other: Any) -> Any:
        return self._with(other, operator.floordiv, floored)

    def __rfloordiv__(self, other: Any) -> Any:
        return self._with(other, _turned(operator.floordiv), _turned(floored))

    def __mod__(self, other: Any) -> Any:
        return self - other * (self // other) if is_number(other) else NotImplemented

    def __rmod__(self, other: Any) -> Any:
        return other - self * (other // self) if is_number(other) else NotImplemented

    def __divmod__(self, other: Any) -> Any:
        return (self // other, self % other) if is_number(other) else NotImplemented

    def __rdivmod__(self, other: Any) -> Any:
        return (other // self, other % self) if is_number(other) else NotImplemented

    def __pow__(self, other: Any) -> Any:
        if type(other) is not int or other < 0:
            return NotImplemented  # no sum of products
        made: Any = 1
        for _ in range(other):
            made = made * self
        return made

    def __neg__(self) -> Any:
        return 0 - self

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return self.greatest(-self)

    def __eq__(self, other: object) -> Any:
        return self._compared("==", other)

    def __ne__(self, other: object) -> Any:
        return self._compared("!=", other)

    def __lt__(self, other: Any) -> Any:
        return self._compared("<", other)

    def __le__(self, other: Any) -> Any:
        return self._compared("<=", other)

    def __gt__(self, other: Any) -> Any:
        return self._compared(">", other)

    def __ge__(self, other: Any) -> Any:
        return self._compared(">=", other)

    def __bool__(self) -> bool:
        raise TypeError("a symbol is neither true nor false; compare it")

    def least(self, other: Any) -> Any:
        """The lesser of two numbers."""
        return self._with(other, min, called("min"))

    def greatest(self, other: Any) -> Any:
        """The greater of two numbers."""
        return self._with(other, max, called("max"))

    def quotient(self, by: Any) -> Any:
        """The quotient, which must be whole."""
        return symbol_or_number(self.value // value_of(by), self.polynomial / polynomial_of(by), self.ledger, True)

    def _with(
        self,
        other: Any,
        values: Callable[[Any, Any], Any],
        polynomials: Callable[[Polynomial, Polynomial], Polynomial],
        exact: bool = True,
    ) -> Any:
        if not is_number(other):
            return NotImplemented
        found = polynomials(self.polynomial, polynomial_of(other))
        value = values(self.value, value_of(other))
        return symbol_or_number(value, found, self.ledger, exact and self.whole and _is_whole(other))

    def _compared(self, symbol: str, other: Any) -> Any:
        if not is_number(other):
            return NotImplemented
        holds = compared(symbol, self.value, value_of(other))
        noted = comparison(symbol, self.polynomial, polynomial_of(other))
        if isinstance(noted, Expression):
            self.ledger.note(noted, holds)
        return holds


def variable(name: str, value: int | float, ledger: Ledger) -> Symbol:
    """The number that a name of the code holds."""
    whole = isinstance(value, int)
    return Symbol(value, atom(Name(name, whole)), ledger, whole)


def symbol_or_number(value: int | float, polynomial: Polynomial, ledger: Ledger, whole: bool) -> Any:
    """The symbol, or the value where it depends on nothing."""
    if polynomial.constant is not None:
        return value
    return Symbol(value, polynomial, ledger, whole)


def value_of(number: Any) -> Any:
    """A number, or what a symbol comes to at the use that is being emitted."""
    return number.value if isinstance(number, Symbol) else number


def polynomial_of(value: Any) -> Polynomial:
    """A number or a symbol as a polynomial."""
    return value.polynomial if isinstance(value, Symbol) else number(value)


def alike(a: Any, b: Any) -> bool:
    """Whether two values are equal whatever the names stand for, and not by chance."""
    if isinstance(a, Symbol) or isinstance(b, Symbol):
        numbers = is_number(a) and is_number(b)
        return numbers and polynomial_of(a) == polynomial_of(b)
    return type(a) is type(b) and bool(a == b)


def series(values: Sequence[Any], index: str) -> Any:
    """One number over an index for numbers that grow by the same amount each time, or None where they do not."""
    first = values[0]
    if all(alike(first, value) for value in values):
        return first
    if not all(is_number(value) for value in values) or len({_is_whole(value) for value in values}) > 1:
        return None
    # Steps are compared as polynomials: 32, 64, 96 grow by 32, and c, c + g, c + 2*g by g, whatever g is at this use.
    # Values that grow alike at this use alone would be another series for other arguments of the network.
    steps = [polynomial_of(b) - polynomial_of(a) for a, b in pairwise(values)]
    if any(step != steps[0] for step in steps):
        return None
    ledger = next((value.ledger for value in values if isinstance(value, Symbol)), Ledger())
    return Symbol(value_of(first), polynomial_of(first) + steps[0] * atom(Name(index)), ledger, _is_whole(first))


def _turned(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda a, b: function(b, a)


def _is_whole(number: Any) -> bool:
    """Whether a number or a symbol is written as a whole number."""
    return number.whole if isinstance(number, Symbol) else isinstance(number, int)


def is_number(value: object) -> bool:
    """Whether a value is a number or a symbol; a truth value is neither."""
    return isinstance(value, Symbol | int | float) and not isinstance(value, bool)


def _words(polynomial: Polynomial) -> int:
    """How many names and numbers the expression has."""
    return sum(not part.parts for part in _leaves(polynomial))


def _leaves(polynomial: Polynomial) -> Iterator[Expression]:
    for c, powers in polynomial.terms:
        if c not in (1, -1) or not powers:
            yield Number(0)
        for factor, power in powers:
            for _ in range(min(abs(power), MOST_WORDS)):
                yield from every_part(factor)
