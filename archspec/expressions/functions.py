"""Functions, choices and comparisons of polynomials: atoms, unless they come to something simpler."""

from __future__ import annotations

from collections.abc import Callable

from archspec.expressions.code import integral
from archspec.expressions.polynomial import Polynomial, atom, number
from archspec.expressions.tree import Comparison, Expression, Function
from archspec.expressions.values import call, compared


def called(name: str) -> Callable[..., Polynomial]:
    """A function of the language over polynomials: an atom, unless it comes to a number or to its argument."""

    def over(*args: Polynomial) -> Polynomial:
        trees = tuple(arg.tree for arg in args)
        unchanged = name in ("floor", "ceil") and integral(trees[0])
        if unchanged or (name in ("min", "max") and all(arg == args[0] for arg in args)):
            return args[0]
        values = [arg.constant for arg in args]
        known = [value if isinstance(value, int) else float(value) for value in values if value is not None]
        return number(call(name, known)) if len(known) == len(args) else atom(Function(name, trees))

    return over


def floored(left: Polynomial, right: Polynomial) -> Polynomial:
    """The quotient, rounded down."""
    return called("floor")(left / right)


def comparison(symbol: str, left: Polynomial, right: Polynomial) -> Expression | bool:
    """What a comparison comes to where both sides differ by a number; else the comparison itself."""
    difference = (left - right).constant
    if difference is not None:
        return compared(symbol, difference if isinstance(difference, int) else float(difference), 0)
    return Comparison(symbol, left.tree, right.tree)
