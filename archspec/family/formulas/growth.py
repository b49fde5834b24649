"""How a formula grows: what it comes to for large numbers, and by how much it changes with each of them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import prod

from archspec.expressions.polynomial import Powers
from archspec.expressions.tree import Expression, Function, Name
from archspec.family.formulas.normal import Exact, atom, constant, polynomial_of
from archspec.ir.network import Value

ROUNDING = frozenset({"floor", "ceil", "round_to"})


def smooth(formula: Exact) -> Exact:
    """The formula without its rounding, which changes nothing about how it grows."""
    total = Exact()
    for coefficient, powers in formula.terms:
        product = constant(Fraction(coefficient))
        for factor, power in powers:
            base = _smooth(factor)
            for _ in range(abs(power)):
                product = product * base if power > 0 else product / base
        total = total + product
    return total


def _smooth(factor: Expression) -> Exact:
    match factor:
        case Function(name, (inner, *_)) if name in ROUNDING:
            return smooth(polynomial_of(inner))
        case Name(id):
            return atom(Name(id))
    return atom(factor)


def leading(formula: Exact) -> Exact:
    """The terms of a smooth formula that no other one outgrows."""
    return Exact(
        (c, powers)
        for c, powers in formula.terms
        if not any(_outgrows(others, powers) for _, others in formula.terms if others != powers)
    )


def _outgrows(one: Powers, other: Powers) -> bool:
    """Whether a product grows at least as fast as another in everything, and faster in something."""
    mine, theirs = dict(one), dict(other)
    return mine != theirs and all(mine.get(f, 0) >= theirs.get(f, 0) for f in {*mine, *theirs})


def derivative(formula: Exact, name: str) -> Exact | None:
    """The derivative of a smooth formula; None where the name stands inside of something else."""
    found = Exact()
    for coefficient, powers in formula.terms:
        if any(name in factor.names and not isinstance(factor, Name) for factor, _ in powers):
            return None
        power = dict(powers).get(Name(name), 0)
        rest = tuple((f, p - (f == Name(name))) for f, p in powers)
        if power:
            found = found + Exact([(coefficient * power, tuple((f, p) for f, p in rest if p))])
    return found


def elasticity(formula: Exact, name: str, values: Mapping[str, Value]) -> float | None:
    """By how many percent a smooth formula grows for one percent of a number, at some values; None where unknown."""
    slope = derivative(formula, name)
    if slope is None:
        return None
    here, steep = _at(formula, values), _at(slope, values)
    at = values[name]
    assert isinstance(at, int | float)
    return None if here is None or steep is None or here == 0 else float(steep * Fraction(repr(at)) / here)


def _at(formula: Exact, values: Mapping[str, Value]) -> Fraction | None:
    if any(not isinstance(factor, Name) for _, powers in formula.terms for factor, _ in powers):
        return None
    return sum(
        (
            Fraction(c) * prod(_exact(values, factor) ** power for factor, power in powers)
            for c, powers in formula.terms
        ),
        start=Fraction(0),
    )


def _exact(values: Mapping[str, Value], factor: Expression) -> Fraction:
    assert isinstance(factor, Name)
    return Fraction(repr(values[factor.id]))
