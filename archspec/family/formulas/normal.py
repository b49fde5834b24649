"""Numbers of a trace as polynomials: equal ones have one form, whatever the order in which they were computed.

Floors of floors are one floor, so that five strided convolutions of a map of r x r leave ``ceil(r / 32)``. Decimal
numbers are the fractions that are written, 0.1 a tenth.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import floor, gcd, lcm, prod
from typing import Any

from archspec.budget import spend
from archspec.expressions.code import OPPOSITE, integral
from archspec.expressions.polynomial import Coefficient, Polynomial, Powers
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
    Truth,
)
from archspec.expressions.tree import Number as Literal
from archspec.support.limits import MOST_TERMS_OF_FORMULAS, TERM

TURNED = {"==": "==", "!=": "!=", "<=": ">=", ">=": "<=", "<": ">", ">": "<"}
"""What a comparison is of the negative numbers."""
WHOLE = "whole"
"""The function of an expression that says that a number is whole."""
ONE_OF = "one of"
"""The function of an expression that says that its first argument is one of the others."""
DECIDED_APART: dict[str, Callable[[Any], bool]] = {
    "==": lambda apart: apart == 0,
    "!=": lambda apart: apart != 0,
    "<=": lambda apart: apart <= 0,
    ">=": lambda apart: apart >= 0,
    "<": lambda apart: apart < 0,
    ">": lambda apart: apart > 0,
}
"""Comparisons of two numbers by how far they are apart."""


class Exact(Polynomial):
    """A polynomial with fractions for coefficients, of more terms than code would hold."""

    most_terms = MOST_TERMS_OF_FORMULAS

    @property
    def settled(self) -> Exact:
        """The same with its terms in one order: by their degree, and then by their names."""
        return Exact(sorted(self.terms, key=_rank))


def substituted(formula: Exact, name: str, value: Exact) -> Exact | None:
    """The polynomial with another in the place of a name; None where the name stands inside of something else."""
    total = Exact()
    for coefficient, powers in formula.terms:
        product = Exact([(coefficient, tuple((f, p) for f, p in powers if name not in f.names))])
        rest = [(f, p) for f, p in powers if name in f.names]
        if any(not isinstance(f, Name) or p < 0 for f, p in rest):
            return None
        for _ in range(sum(p for _, p in rest)):
            product = product * value
        total = total + product
    return total


def constant(value: float | Fraction) -> Exact:
    """A number; a decimal one is the fraction that is written."""
    exact = Fraction(repr(value)) if isinstance(value, float) else value
    return Exact([(exact, ())])


def mapped(number: Exact, value: Callable[[Expression], Exact | None]) -> Exact:
    """The polynomial with other values in the place of factors, also of those inside of functions; None keeps one."""
    total = Exact()
    for coefficient, powers in number.terms:
        product = constant(Fraction(coefficient))
        for factor, power in powers:
            found = value(factor) or _mapped_inside(factor, value)
            for _ in range(abs(power)):
                product = product * found if power > 0 else product / found
        total = total + product
    return total


def _mapped_inside(factor: Expression, value: Callable[[Expression], Exact | None]) -> Exact:
    match factor:
        case Function(name, args):
            parts = [mapped(polynomial_of(arg), value) for arg in args]
            if name in _OPERATIONS:
                return _OPERATIONS[name](*parts)
            known = [Fraction(part.constant) for part in parts if part.constant is not None]
            if name in OF_NUMBERS and len(known) == len(parts):
                return constant(OF_NUMBERS[name](*known))
            return atom(Function(name, tuple(map(settled, parts))))
        case Choice(yes, condition, no):
            one, other = (settled(mapped(polynomial_of(side), value)) for side in (yes, no))
            return atom(Choice(one, condition_of(condition, lambda each: mapped(each, value)), other))
        case Binary("/", left, right):
            return mapped(polynomial_of(left), value) / mapped(polynomial_of(right), value)
    return atom(factor)


def condition_of(truth: Expression, value: Callable[[Exact], Exact]) -> Expression:
    """A condition with other numbers in the place of those that it compares."""
    match truth:
        case Comparison(operator, left, Quoted() | Truth()):
            return truth
        case Comparison(operator, left, right):
            return compared(operator, value(polynomial_of(left)) - value(polynomial_of(right)))
        case Function(name, (inner,)) if name == WHOLE:
            found = value(polynomial_of(inner))
            known = found.constant
            return Function(WHOLE, (settled(found),)) if known is None else Truth(Fraction(known).denominator == 1)
        case Function(name, (inner, *values)) if name == ONE_OF:
            made = settled(value(polynomial_of(inner)))
            return Truth(made in values) if polynomial_of(made).constant is not None else truth
        case Logic(operator, left, right):
            return Logic(operator, condition_of(left, value), condition_of(right, value))
        case Negation(inner):
            return Negation(condition_of(inner, value))
    return truth


def atom(expression: Expression) -> Exact:
    """What cannot be taken apart."""
    return Exact([(1, ((expression, 1),))])


def normal(operand: Any) -> Exact:
    """The polynomial of a number, over the names of parameters and what cannot be taken apart; may raise TooLong."""
    if isinstance(operand, int | float):
        return constant(operand)
    number: Any = operand
    waiting = [number]  # not by recursion: a sum of a thousand layers is as deep
    while waiting:
        last = waiting[-1]
        lacking = [a for a in last.args if _is_number(a) and a.normal_form is None] if last.normal_form is None else []
        waiting += lacking
        if not lacking:
            waiting.pop()
            last.normal_form = last.normal_form or _made(last)
    found: Exact = number.normal_form
    return found


def _made(number: Any) -> Exact:
    op, args = number.op, number.args
    if op in ("name", "index"):
        return atom(Name(args[0], number.whole))  # of which two are equal only where both are whole, or neither is
    if op == "choice":
        return atom(Choice(settled(normal(args[1])), condition(args[0]), settled(normal(args[2]))))
    parts = [normal(arg) for arg in args]
    sizes = [1 + len(part.terms) for part in parts]
    spend(TERM * (prod(sizes) if op == "*" else sum(sizes)))
    if op in ("//", "%") and not number.trace.divides(*args):
        quotient = floored(parts[0] / parts[1])
        return quotient if op == "//" else parts[0] - parts[1] * quotient
    made = _OPERATIONS.get(op)
    return made(*parts) if made else atom(Function(op, tuple(settled(part) for part in parts)))


def condition(truth: Any) -> Expression:
    """A condition of a trace as an expression: what depends on parameters to the left, and a number to the right."""
    match truth.op, truth.args:
        case "not", (inner,):
            return opposite(condition(inner))
        case (("and" | "or"), (one, other)):
            return Logic(truth.op, condition(one), condition(other))
        case "whole", (number,):
            return Function(WHOLE, (settled(normal(number)),))
    one, other = truth.args
    if getattr(one, "op", "") == "%":
        return Function(WHOLE, (settled(normal(one.args[0]) / normal(one.args[1])),))
    return compared("==" if truth.op in ("==", "equal") else "<=", normal(one) - normal(other))


def opposite(truth: Expression) -> Expression:
    """The condition that holds where another does not."""
    match truth:
        case Comparison(operator, left, right):
            return Comparison(OPPOSITE[operator], left, right)
    return Negation(truth)


def compared(operator: str, apart: Exact) -> Expression:
    """A number compared with 0, as a condition in whole numbers without a common factor."""
    if apart.constant is not None:
        return Truth(DECIDED_APART[operator](apart.constant))
    least = primitive(apart, signed=True)
    steps = Exact(term for term in least.terms if term[1])
    if steps.settled.terms[0][0] < 0:
        operator, least, steps = TURNED[operator], -least, -steps
    return Comparison(operator, settled(steps), settled(steps - least))


def primitive(polynomial: Exact, signed: bool) -> Exact:
    """The polynomial in whole numbers without a common factor; unless ``signed``, its first term is positive."""
    terms = polynomial.settled.terms
    below = lcm(*(Fraction(c).denominator for c, _ in terms))
    content = Fraction(gcd(*(int(c * below) for c, _ in terms)), below)
    sign = -1 if not signed and terms[0][0] < 0 else 1
    return Exact((c / content * sign, powers) for c, powers in terms)


def settled(polynomial: Exact) -> Expression:
    """The expression of a polynomial, the same for equal ones."""
    return polynomial.settled.tree


def floored(value: Exact) -> Exact:
    """The polynomial rounded down, where what is whole stands outside of the floor and floors inside are merged."""
    outside: list[tuple[Coefficient, Powers]] = []
    inside: list[tuple[Coefficient, Powers]] = []
    for coefficient, powers in value.settled.terms:
        if is_integral(powers):
            # Towards zero, so that what is left of `-r / 2` is that, and not `r / 2 - r`; of a number alone downwards.
            whole = floor(coefficient) if coefficient > 0 or not powers else -floor(-coefficient)
            outside.append((whole, powers))
            inside.append((coefficient - whole, powers))
        else:
            inside.append((coefficient, powers))
    rest = Exact(inside)
    return Exact(outside) + (_floor_of(rest) if rest.terms else Exact())


def _floor_of(rest: Exact) -> Exact:
    """The floor of a sum of fractions: of ``(q + k) / d`` for whole q, of which the first term is positive."""
    if rest.constant is not None:
        return constant(floor(rest.constant))
    if not all(is_integral(powers) for _, powers in rest.terms):
        if rest.settled.terms[0][0] < 0:
            return -atom(Function("ceil", (settled(-rest),)))
        return atom(Function("floor", (settled(rest),)))
    below = lcm(*(Fraction(c).denominator for c, _ in rest.terms))
    above = (rest * constant(below)).settled
    steps = [(c, powers) for c, powers in above.terms if powers]
    if steps[0][0] < 0:
        return -floored(constant(Fraction(below - 1, below)) - rest)
    if len(steps) == 1 and steps[0][0] == 1 and (inner := _inside_of_floor(steps[0][1])) is not None:
        return floored((above - Exact(steps) + inner) * constant(Fraction(1, below)))
    return atom(Function("floor", (settled(rest),)))


def is_integral(powers: Powers) -> bool:
    """Whether a product is whole for whatever whole numbers its names hold."""
    return all(power > 0 and integral(factor) for factor, power in powers)


def _inside_of_floor(powers: Powers) -> Exact | None:
    """What one floor is taken of, where a product is that floor."""
    match powers:
        case ((Function("floor", (inner,)), 1),):
            return polynomial_of(inner)
    return None


def polynomial_of(expression: Expression) -> Exact:
    """The polynomial of an expression of sums, products and quotients."""
    match expression:
        case Literal(value):
            return constant(value)
        case Negative(inner):
            return -polynomial_of(inner)
        case Binary(operator, left, right):
            return _OPERATIONS[operator](polynomial_of(left), polynomial_of(right))
    return atom(expression)


def _is_number(operand: object) -> bool:
    return hasattr(operand, "normal_form")


def _rank(term: tuple[Coefficient, Powers]) -> tuple[int, list[str]]:
    _, powers = term
    return -sum(power for _, power in powers), sorted(f"{factor} {power}" for factor, power in powers)


def _round_to(value: Fraction, multiple: Fraction) -> Fraction:
    nearest = max(floor(value / multiple + Fraction(1, 2)), 1) * multiple
    return nearest + multiple if nearest < Fraction(9, 10) * value else nearest


OF_NUMBERS: dict[str, Callable[..., Fraction]] = {"min": min, "max": max, "round_to": _round_to}
"""The functions of the language that are no operations on polynomials, on fractions."""
_OPERATIONS: dict[str, Callable[..., Exact]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a / b,
    "exact": lambda a, b: a / b,
    "%": lambda a, b: Exact(),
    "near": lambda a: a,
    "floor": floored,
    "ceil": lambda a: -floored(-a),
}
