"""Numbers that remember how they depend on names: the rules of ops run on them, and emission writes what comes out.

A symbol is the value at the use that is being emitted, and an exact polynomial over the names of the code. It is no
``int``: arithmetic on it gives a symbol again, or a number where nothing is left of the names. What would have to
forget the names, such as ``int()`` or ``range()``, raises. A comparison is decided by the values and noted in a
``Ledger``: the code that comes out holds for those uses alone that decide alike.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from archspec.expressions.code import code, integral, whole
from archspec.expressions.polynomial import Polynomial, TooLong, atom, number
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
    Truth,
    every_part,
)
from archspec.expressions.values import Unfit, call, compared

MOST_WORDS = 24
"""How many names and numbers an expression in emitted code may have."""


class Ledger:
    """The comparisons that were decided by values."""

    def __init__(self) -> None:
        self.decided: dict[Expression, bool] = {}

    def note(self, comparison: Expression, holds: bool) -> None:
        """Keep what a comparison came to."""
        self.decided[comparison] = holds


class Symbol:
    """A number that depends on names. ``whole`` says that a whole number is needed where it is written."""

    __slots__ = ("ledger", "polynomial", "value", "whole")
    __array_ufunc__ = None  # an array is not to take a symbol for one of its elements

    def __init__(self, value: int | float, polynomial: Polynomial, ledger: Ledger, whole: bool = True) -> None:
        self.value, self.polynomial, self.ledger, self.whole = value, polynomial, ledger, whole
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
        tree = self.polynomial.tree
        return whole(tree) if self.whole else code(tree)

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
        return self._with(other, operator.floordiv, _floored)

    def __rfloordiv__(self, other: Any) -> Any:
        return self._with(other, _turned(operator.floordiv), _turned(_floored))

    def __mod__(self, other: Any) -> Any:
        return self - other * (self // other) if _is_number(other) else NotImplemented

    def __rmod__(self, other: Any) -> Any:
        return other - self * (other // self) if _is_number(other) else NotImplemented

    def __divmod__(self, other: Any) -> Any:
        return (self // other, self % other) if _is_number(other) else NotImplemented

    def __rdivmod__(self, other: Any) -> Any:
        return (other // self, other % self) if _is_number(other) else NotImplemented

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
        return self._with(other, min, _called("min"))

    def greatest(self, other: Any) -> Any:
        """The greater of two numbers."""
        return self._with(other, max, _called("max"))

    def under(self, names: Mapping[str, Any], value: int | float, ledger: Ledger) -> Any:
        """The same number over other names, for what these stand for here."""
        found = symbolic(self.polynomial.tree, names)
        return symbol_or_number(value, found, ledger, self.whole)

    def _with(
        self,
        other: Any,
        values: Callable[[Any, Any], Any],
        polynomials: Callable[[Polynomial, Polynomial], Polynomial],
        exact: bool = True,
    ) -> Any:
        if not _is_number(other):
            return NotImplemented
        found = polynomials(self.polynomial, polynomial_of(other))
        value = values(self.value, value_of(other))
        needs_whole = exact and self.whole and (other.whole if isinstance(other, Symbol) else isinstance(other, int))
        return symbol_or_number(value, found, self.ledger, needs_whole)

    def _compared(self, symbol: str, other: Any) -> Any:
        if not _is_number(other):
            return NotImplemented
        holds = compared(symbol, self.value, value_of(other))
        comparison = _comparison(symbol, self.polynomial, polynomial_of(other))
        if isinstance(comparison, Expression):
            self.ledger.note(comparison, holds)
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
        numbers = _is_number(a) and _is_number(b)
        return numbers and polynomial_of(a) == polynomial_of(b)
    return type(a) is type(b) and bool(a == b)


def series(values: Sequence[Any], index: str) -> Any:
    """One number over an index for numbers that grow by the same amount each time, or None where they do not."""
    first = values[0]
    if all(alike(first, value) for value in values):
        return first
    if not all(_is_number(value) for value in values):
        return None
    steps = [polynomial_of(b) - polynomial_of(a) for a, b in pairwise(values)]
    if any(step != steps[0] for step in steps) or not isinstance(value_of(first), int):
        return None
    ledger = next((value.ledger for value in values if isinstance(value, Symbol)), Ledger())
    return Symbol(value_of(first), polynomial_of(first) + steps[0] * atom(Name(index)), ledger)


def symbolic(expression: Expression, names: Mapping[str, Any]) -> Polynomial:
    """An expression over what its names stand for: numbers and symbols, in exact arithmetic."""
    match expression:
        case Number(value):
            return number(value)
        case Name(id):
            if not _is_number(names[id]):
                raise Unfit("number", id, names[id])
            return polynomial_of(names[id])
        case Binary(symbol, left, right):
            return _OPERATIONS[symbol](symbolic(left, names), symbolic(right, names))
        case Function(name, args):
            return _called(name)(*(symbolic(arg, names) for arg in args))
        case Choice(yes, condition, no):
            return _chosen(decided(condition, names), symbolic(yes, names), symbolic(no, names))
        case Negative(inner):
            return -symbolic(inner, names)
    raise Unfit("number", str(expression))


def decided(condition: Expression, names: Mapping[str, Any]) -> Expression | bool:
    """A condition over what its names stand for: what it comes to, or what it still depends on."""
    match condition:
        case Truth(value):
            return value
        case Name(id) if isinstance(names[id], bool | str):
            return bool(names[id])
        case Negation(inner):
            found = decided(inner, names)
            return Negation(found) if isinstance(found, Expression) else not found
        case Logic(symbol, left, right):
            return _both(symbol, decided(left, names), decided(right, names))
        case Comparison(symbol, left, right):
            words = [_word(side, names) for side in (left, right)]
            if words != [None, None]:
                return (words[0] == words[1]) == (symbol == "==")
            return _comparison(symbol, symbolic(left, names), symbolic(right, names))
    return _comparison("!=", symbolic(condition, names), number(0))


def _word(side: Expression, names: Mapping[str, Any]) -> object:
    """The word or the truth value that a side of a comparison is, or None where it is a number."""
    if isinstance(side, Name):
        return names[side.id] if isinstance(names[side.id], bool | str | tuple) else None
    return side.word if isinstance(side, Quoted) else side.value if isinstance(side, Truth) else None


def _both(symbol: str, left: Expression | bool, right: Expression | bool) -> Expression | bool:
    either = symbol == "or"
    if left is either or right is either:
        return either
    if isinstance(left, Expression) and isinstance(right, Expression):
        return Logic(symbol, left, right)
    return left if isinstance(left, Expression) else right


def _comparison(symbol: str, left: Polynomial, right: Polynomial) -> Expression | bool:
    difference = (left - right).constant
    if difference is not None:
        return compared(symbol, difference if isinstance(difference, int) else float(difference), 0)
    return Comparison(symbol, left.tree, right.tree)


def _chosen(condition: Expression | bool, yes: Polynomial, no: Polynomial) -> Polynomial:
    if isinstance(condition, Expression) and yes != no:
        return atom(Choice(yes.tree, condition, no.tree))
    return yes if condition is not False else no


def _called(name: str) -> Callable[..., Polynomial]:
    """A function of the language over polynomials: an atom, unless it comes to a number or to its argument."""

    def called(*args: Polynomial) -> Polynomial:
        trees = tuple(arg.tree for arg in args)
        unchanged = name in ("floor", "ceil") and integral(trees[0])
        if unchanged or (name in ("min", "max") and all(arg == args[0] for arg in args)):
            return args[0]
        values = [arg.constant for arg in args]
        known = [value if isinstance(value, int) else float(value) for value in values if value is not None]
        return number(call(name, known)) if len(known) == len(args) else atom(Function(name, trees))

    return called


def _floored(left: Polynomial, right: Polynomial) -> Polynomial:
    return _called("floor")(left / right)


def _turned(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda a, b: function(b, a)


def _is_number(value: object) -> bool:
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


_OPERATIONS: Mapping[str, Callable[[Polynomial, Polynomial], Polynomial]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
