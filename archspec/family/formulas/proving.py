"""What follows from conditions: between what numbers lie, what is whole, and which conditions others imply.

Every answer is a proof in exact fractions. Where none is found, a condition is not taken to follow.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fractions import Fraction
from itertools import count
from math import ceil, floor
from typing import NamedTuple

from archspec.budget import spend
from archspec.expressions.code import integral
from archspec.expressions.polynomial import Powers
from archspec.expressions.tree import Binary, Choice, Comparison, Expression, Function, Name
from archspec.family.formulas.normal import WHOLE, Exact, atom, constant, polynomial_of
from archspec.support.limits import TERM

MOST_FACTORS, MOST_TERMS, MOST_POWER = 8, 24, 4
"""Up to what size of a polynomial its bounds are looked for."""


class Low(NamedTuple):
    """A lower bound, and whether the number is never equal to it."""

    value: Fraction
    open: bool

    def tighter(self, other: Low | None) -> Low:
        """The one that says more."""
        return self if other is None or (self.value, self.open) > (other.value, other.open) else other


class Known:
    """Some conditions, all of which hold."""

    def __init__(self, conditions: Iterable[Expression]) -> None:
        self._said = {*conditions}
        self._lows: dict[Exact, Low] = {}
        """For a sum without a constant how small it may be; how large by its negative."""
        self._whole = [polynomial_of(x.args[0]) for x in self._said if isinstance(x, Function) and x.name == WHOLE]
        self._names = {x.args[0].id for x in self._said if isinstance(x, Function) and isinstance(x.args[0], Name)}
        for each in self._said:
            match each:
                case Comparison(operator, left, right) if (limit := polynomial_of(right).constant) is not None:
                    self._note(operator, polynomial_of(left), Fraction(limit))
        self._within: set[Expression] = set()
        self._found: dict[Expression, bool] = {}

    def implies(self, condition: Expression) -> bool:
        """Whether a condition is seen to hold wherever these do."""
        if condition not in self._found:
            self._found[condition] = condition in self._said or self._follows(condition)
        return self._found[condition]

    def _follows(self, condition: Expression) -> bool:
        match condition:
            case Comparison("==", left, right):
                return all(self.implies(Comparison(operator, left, right)) for operator in ("<=", ">="))
            case Comparison("!=", left, right):
                return any(self.implies(Comparison(operator, left, right)) for operator in ("<", ">"))
            case Comparison(operator, left, right):
                apart = polynomial_of(left) - polynomial_of(right)
                low = self.least(apart if operator in (">", ">=") else -apart)
                return low is not None and (low.value > 0 or (low.value == 0 and (low.open or operator[1:] == "=")))
            case Function(name, (inner,)) if name == WHOLE:
                return self.is_whole(polynomial_of(inner))
        return False

    def is_whole(self, number: Exact) -> bool:
        """Whether a number is whole: a sum of whole ones, or of one that is known to be."""
        if self._is_sum_of_whole(number):
            return True
        for other in self._whole:
            factor = ratio(number, other)
            if (
                factor is not None
                and factor.denominator == 1
                and self._is_sum_of_whole(number - other * constant(factor))
            ):
                return True
        return False

    def least(self, number: Exact) -> Low | None:
        """How small a number may be, as far as that is seen."""
        steps, rest = split(number)
        if not steps.terms:
            return Low(rest, open=False)
        form, scale = _monic(steps)
        said = self._lows.get(form)
        found = Low(rest + scale * said.value, said.open) if said else None
        shifted = self._shifted(number)
        return shifted.tighter(found) if shifted else found

    def _note(self, operator: str, number: Exact, limit: Fraction) -> None:
        steps, rest = split(number)
        for sign, operators in ((1, (">=", ">", "==")), (-1, ("<=", "<", "=="))):
            if operator in operators and steps.terms:
                form, scale = _monic(steps * constant(sign))
                low = self._raised(form, Low(sign * (limit - rest) / scale, operator in "<>"))
                self._lows[form] = low.tighter(self._lows.get(form))

    def _raised(self, form: Exact, low: Low) -> Low:
        """The bound of a number that takes the values of a lattice alone, as some multiple of it is whole."""
        for factor, rest in self._lattices(form):
            value = factor * low.value + rest
            first = floor(value) + 1 if low.open else ceil(value)
            low = Low((first - rest) / factor, open=False).tighter(low)
        return low

    def _lattices(self, form: Exact) -> Iterable[tuple[Fraction, Fraction]]:
        """A positive number and another one, so that as many times the form and that is whole."""
        if self._is_sum_of_whole(form):
            yield Fraction(1), Fraction(0)
        for other in self._whole:
            steps, rest = split(other)
            factor = ratio(steps, form)
            if factor:
                yield abs(factor), rest if factor > 0 else -rest

    def _is_sum_of_whole(self, number: Exact) -> bool:
        return all(
            Fraction(c).denominator == 1
            and all(power > 0 and integral(factor, self._names) for factor, power in powers)
            for c, powers in number.terms
        )

    def _shifted(self, number: Exact) -> Low | None:
        """The bound by those of all factors: where each is its least and more, no coefficient may be negative."""
        factors = dict.fromkeys((f, p < 0) for _, powers in number.terms for f, p in powers)
        if len(factors) > MOST_FACTORS or len(number.terms) > MOST_TERMS:
            return None
        spend(TERM * (len(number.terms) + len(factors)))
        names, shifts, open_ = count(), dict[tuple[Expression, bool], Exact](), set[Expression]()
        for factor, below in factors:
            more = Name(f"~{next(names)}")
            low, high = self._of_factor(factor, below)
            if low is not None:
                shifts[factor, below] = constant(low.value) + atom(more)
            elif high is not None:
                shifts[factor, below] = constant(-high.value) - atom(more)
            else:
                return None
            if (low or high).open:  # type: ignore[union-attr]
                open_.add(more)
        made = _replaced(number, shifts)
        if made is None or any(c < 0 for c, powers in made.terms if powers):
            return None
        strictly = any(powers and all(f in open_ for f, _ in powers) for _, powers in made.terms)
        return Low(split(made)[1], strictly)

    def _of_factor(self, factor: Expression, below: bool) -> tuple[Low | None, Low | None]:
        """The bounds of a factor and of its negative; of its reciprocal where it stands below a line."""
        if factor in self._within:
            return None, None
        self._within.add(factor)
        low, high = (self._of_atom(factor, sign) for sign in (1, -1))
        self._within.discard(factor)
        if not below:
            return low, high
        if low is None or low.value < 0 or (low.value == 0 and not low.open):
            return None, None
        most = Low(-1 / low.value, low.open) if low.value else None
        return Low(Fraction(0), open=True), most

    def _of_atom(self, factor: Expression, sign: int) -> Low | None:
        said = self._lows.get(_monic(atom(factor) * constant(sign))[0])
        found = self._by_rule(factor, sign)
        return found.tighter(said) if found else said

    def _by_rule(self, factor: Expression, sign: int) -> Low | None:
        match factor:
            case Function("floor" | "ceil" as name, (inner,)):
                low = self.least(polynomial_of(inner) * constant(sign))
                return low and _rounded(low, up=(name == "ceil") == (sign > 0))
            case Function("min" | "max" as name, args):
                lows = [self.least(polynomial_of(arg) * constant(sign)) for arg in args]
                known = [low for low in lows if low]
                if (name == "min") == (sign > 0):
                    return min(known) if len(known) == len(lows) else None
                return max(known, default=None)
            case Function("round_to", (_, multiple)) if sign > 0:
                at_least = polynomial_of(multiple).constant
                return None if at_least is None else Low(Fraction(at_least), open=False)
            case Choice(yes, _, no):
                both = [self.least(polynomial_of(side) * constant(sign)) for side in (yes, no)]
                return None if None in both else min(both)  # type: ignore[type-var]
            case Binary("/", above, divisor) if sign > 0:
                ends = [self.least(polynomial_of(side)) for side in (above, divisor)]
                positive = all(end and end.value >= 0 for end in ends) and ends[1] > Low(Fraction(0), open=False)  # type: ignore[operator]
                return Low(Fraction(0), open=False) if positive else None
        return None


def ratio(one: Exact, other: Exact) -> Fraction | None:
    """How many times another polynomial one is but for a number that is added, where it is that by a number."""
    (mine, _), (theirs, _) = split(one), split(other)
    if len(mine.terms) != len(theirs.terms) or not mine.terms:
        return None
    factor = Fraction(mine.settled.terms[0][0]) / Fraction(theirs.settled.terms[0][0])
    return factor if mine == theirs * constant(factor) else None


def _rounded(low: Low, up: bool) -> Low:
    value = (floor(low.value) + 1 if low.open else ceil(low.value)) if up else floor(low.value)
    return Low(Fraction(value), open=False)


def split(number: Exact) -> tuple[Exact, Fraction]:
    """What depends on something, and the number that is added."""
    rest = sum((Fraction(c) for c, powers in number.terms if not powers), start=Fraction(0))
    return Exact(term for term in number.terms if term[1]), rest


def _monic(steps: Exact) -> tuple[Exact, Fraction]:
    """The sum by the size of its first coefficient, and that."""
    scale = abs(Fraction(steps.settled.terms[0][0]))
    return steps * constant(1 / scale), scale


def _replaced(number: Exact, values: dict[tuple[Expression, bool], Exact]) -> Exact | None:
    """The polynomial with others in the place of factors; None where it is too long."""
    total = Exact()
    for coefficient, powers in number.terms:
        product = constant(Fraction(coefficient))
        for value, power in _with_powers(powers, values):
            if power > MOST_POWER:
                return None
            for _ in range(power):
                product = product * value
        total = total + product
        if len(total.terms) > MOST_TERMS * MOST_POWER:
            return None
    return total


def _with_powers(powers: Powers, values: dict[tuple[Expression, bool], Exact]) -> Iterable[tuple[Exact, int]]:
    return ((values[factor, power < 0], abs(power)) for factor, power in powers)


def needless(conditions: Iterable[Expression], first: Iterable[Expression] = ()) -> list[Expression]:
    """Some conditions without those that follow from the ones that stay; the more complex are left out first.

    Those of ``first`` are left out before others that are as simple.
    """
    gladly = {*first}
    kept = _tightest(conditions, gladly)
    order = sorted(kept, key=lambda x: (_complexity(x), x in gladly), reverse=True)
    for each in order:
        others = [x for x in kept if x is not each]
        if Known(others).implies(each):
            kept = others
    return kept


def _tightest(conditions: Iterable[Expression], gladly: Collection[Expression]) -> list[Expression]:
    """The conditions without bounds of which a tighter one of the same number stands there."""
    found: dict[object, Expression] = {}
    for each in conditions:
        match each:
            case Comparison("<" | "<=" | ">" | ">=" as operator, left, _):
                key = _monic(polynomial_of(left))[0], operator[0]
                before = found.setdefault(key, each)
                if before in gladly or not Known([before]).implies(each):
                    found[key] = each if Known([each]).implies(before) else before
            case _:
                found[each] = each
    return [*found.values()]


def _complexity(condition: Expression) -> tuple[int, int, int]:
    return condition.depth, len(condition.names), len(str(condition))
