"""Checks at the head of a network's constructor: arguments that the spec refuses raise ``ValueError``, and say why.

``if depth < 10 or (depth - 4) % 6: raise ValueError(f"depth must be 6 * n + 4 and at least 10, not {depth}")``
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import reduce

from archspec.expressions import Binary, Comparison, Expression, Function, Logic, Name, Negation, Number
from archspec.expressions.code import OPPOSITE, code, integral
from archspec.expressions.polynomial import Polynomial, number
from archspec.expressions.symbolic import decided, symbolic
from archspec.expressions.symbols import Symbol
from archspec.expressions.tree import constant
from archspec.targets.torch.demands import Demand, Needed, demands_of
from archspec.targets.torch.item_values import names_in
from archspec.targets.torch.items import Item
from archspec.targets.torch.refusals import Check, statement


def checks_of(items: Sequence[Item], arguments: Mapping[str, Symbol], closed: frozenset[str]) -> list[Check]:
    """The checks of the arguments of a network; raises TooLong where no line could hold one.

    Those that are ``closed`` have the values of known networks alone, and a number may be whole for all of these.
    """
    here = {name: symbol.value if name in closed else symbol for name, symbol in arguments.items()}
    used = names_in(items)  # what code does not use, it does not take
    every = [each for each in demands_of(items, arguments) if each.names <= used]
    needed = [each for each in every if isinstance(each, Needed) and decided(each.comparison, here) is not True]
    demands = [each for each in every if isinstance(each, Demand)]
    known = [(each, symbolic(each.number.tree, here).tree) for each in demands]
    whole = _needed([each for each, tree in known if not _is_whole(tree)])
    runs = _least([each for each, tree in known if each.counts_runs and not _is_positive(tree)])
    found: list[Check] = []
    for demand in whole:
        same = next((run for run in runs if (run.number, run.condition) == (demand.number, demand.condition)), None)
        pair = [_whole(demand)] if same is None else [_at_least_one(same), _whole(demand)]
        runs = [run for run in runs if run is not same]
        found += [_as_one(*pair)] if len(pair) == 2 and pair[0].subjects == pair[1].subjects else pair
    checks = _together([*found, *map(_at_least_one, runs), *_bounded(map(_fits, needed))])
    checks = [*_guarded_once(checks)]
    for check in checks:
        statement(check)
    return checks


def _needed(demands: Sequence[Demand]) -> list[Demand]:
    """The demands that no other implies: where ``32 * alpha`` is whole, so is ``64 * alpha``."""
    kept: list[Demand] = []
    for demand in sorted(_shared(demands), key=lambda each: not each.counts_runs):
        if not any(_implies(other, demand) for other in kept):
            kept = [*(other for other in kept if not _implies(demand, other)), demand]
    return kept


def _shared(demands: Sequence[Demand]) -> list[Demand]:
    """The demands, one for all multiples of a number: ``320 / r`` and ``256 / r`` are whole where ``64 / r`` is."""
    found: dict[tuple[object, ...], Demand] = {}
    for demand in demands:
        [(c, powers), *more] = demand.number.terms
        exact = not (more or demand.counts_runs or isinstance(c, float))
        key = (frozenset(powers), demand.condition) if exact else (demand,)
        known = found.get(key)
        if known is None:
            found[key] = demand
        else:
            share = Polynomial([(_divisor(Fraction(c), Fraction(known.number.terms[0][0])), powers)])
            found[key] = demand._replace(number=share)
    return [*found.values()]


def _divisor(a: Fraction, b: Fraction) -> Fraction:
    """The largest number of which both are multiples."""
    below = math.lcm(a.denominator, b.denominator)
    return Fraction(math.gcd(int(a * below), int(b * below)), below)


def _implies(one: Demand, other: Demand) -> bool:
    """Whether a second number is whole wherever the first is: a multiple of it and whole numbers."""
    if one.condition not in (None, other.condition):
        return False
    theirs = {frozenset(powers): c for c, powers in other.number.terms}
    for c, powers in one.number.terms:
        times = Fraction(theirs.get(frozenset(powers), 0)) / Fraction(c)
        if times and times.denominator == 1:
            return integral((other.number - one.number * number(int(times))).tree)
    return False


def _least(demands: Sequence[Demand]) -> list[Demand]:
    """The numbers of runs that no other is always as large as."""
    kept: list[Demand] = []
    for demand in demands:
        if not any(_is_less(other, demand) for other in kept):
            kept = [*(other for other in kept if not _is_less(demand, other)), demand]
    return kept


def _is_less(one: Demand, other: Demand) -> bool:
    """Whether a second number of runs is at least 1 wherever the first is."""
    if one.condition not in (None, other.condition):
        return False
    bounds = _bound(one.number), _bound(other.number)
    if bounds[0] is not None and bounds[1] is not None and bounds[0][0] == bounds[1][0]:
        return bounds[0][1] >= bounds[1][1]
    more = (other.number - one.number).constant
    return more is not None and more >= 0


def _is_whole(tree: Expression) -> bool:
    """Whether a number is whole whatever its names hold: `round_to(16*w, 8) / 4` is."""
    match tree:
        case Binary("/", above, Number(int() as below)):
            return integral(above) and _share(above) % below == 0
    return integral(tree)


def _share(tree: Expression) -> int:
    """A number of which a whole one is a multiple whatever its names hold."""
    match tree:
        case Number(int() as value):
            return value
        case Function("round_to", (_, Number(int() as multiple))):
            return multiple
        case Binary("*", left, right):
            return _share(left) * _share(right)
        case Binary("+" | "-", left, right):
            return math.gcd(_share(left), _share(right))
        case Function("min" | "max", args):
            return math.gcd(*map(_share, args))
    return 1


def _is_positive(tree: Expression) -> bool:
    """Whether a number of runs is at least 1 whatever its names hold."""
    match tree:
        case Number(value):
            return value >= 1
        case Function("round_to"):
            return True  # a multiple, at least one
        case Function("max", args):
            return any(map(_is_positive, args))
    return False


def _bound(number_of_runs: Polynomial) -> tuple[Name, int] | None:
    """The one whole number that it grows with, and the least at which it is 1."""
    shift, slope, names = Fraction(0), Fraction(0), list[Expression]()
    for c, powers in number_of_runs.terms:
        if not powers:
            shift = Fraction(c)
        else:
            slope, names = Fraction(c), [*names, *(factor for factor, power in powers for _ in range(abs(power)))]
    if slope <= 0 or len(names) != 1 or not (isinstance(names[0], Name) and names[0].whole):
        return None
    return names[0], math.ceil((1 - shift) / slope)


def _at_least_one(demand: Demand) -> Check:
    bound = _bound(demand.number)
    if bound is not None:
        name, least = bound
        refused = Comparison("<", name, constant(least))
        return Check(refused, (name.id,), f"at least {least}", (name.id,), demand.condition)
    tree = demand.number.tree
    match tree:
        case Function("ceil", (Name() as name,)) | Function("ceil", (Binary("*", Number(), Name() as name),)):
            return Check(Comparison("<=", name, Number(0)), (name.id,), "above 0", (name.id,), demand.condition)
    refused = Comparison("<", code(tree), Number(1))
    return Check(refused, (str(tree),), "at least 1", _names(tree), demand.condition)


def _whole(demand: Demand) -> Check:
    refused: Expression
    above, below = (part.tree for part in demand.number.fraction())
    if not (integral(above) and integral(below)):
        tree = demand.number.tree
        refused = Binary("%", Function("near", (code(tree),)), Number(1))
        return Check(refused, (str(tree),), "whole", _names(tree), demand.condition, _guard(below))
    refused = Binary("%", code(above), code(below))
    subject, wanted = str(above), f"a multiple of {below}"
    match above, below:
        case Number(), Name(id):
            subject, wanted = id, f"a divisor of {subject}"
        case Binary("-" | "+" as sign, Name(id), Number(int() as shift)), Number(int() as step):
            rest = (shift if sign == "-" else -shift) % step
            subject, wanted = id, f"{step} * n + {rest}" if rest else f"a multiple of {step}"
    return Check(refused, (subject,), wanted, _names(refused), demand.condition, _guard(below))


def _guard(below: Expression) -> Expression | None:
    """What a divisor must not be for a division to be possible."""
    if not below.names:
        return None
    return Comparison("<", code(below), Number(1)) if integral(below) else Comparison("==", code(below), Number(0))


BOUNDS = {"<=": "at most", ">=": "at least", "<": "below", ">": "above", "==": "equal to", "!=": "other than"}
TURNED = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}


def _fits(needed: Needed) -> Check:
    """``if w > 12: raise ValueError(f"w must be at most 12, not {w}")``."""
    refused: Expression
    match needed.comparison:
        case Comparison(operator, left, right):
            if not left.names:
                operator, left, right = TURNED.get(operator, operator), right, left
            wanted = f"{BOUNDS[operator]} {right}"
            refused = Comparison(OPPOSITE[operator], code(left), code(right))
            return Check(refused, (str(left),), wanted, _names(needed.comparison), needed.condition)
    refused = code(Negation(needed.comparison))
    return Check(refused, (str(needed.comparison),), "true", _names(needed.comparison), needed.condition)


def _bounded(checks: Iterable[Check]) -> list[Check]:
    """Checks, one for the least and the most that a number may be."""
    found: dict[tuple[object, ...], Check] = {}
    for check in dict.fromkeys(checks):
        key = (check.subjects, check.where)
        first = found.get(key)
        if first is not None:
            refused = Logic("or", first.refused, check.refused)
            check = first._replace(refused=refused, wanted=f"{first.wanted} and {check.wanted}")
        found[key] = check
    return [*found.values()]


def _as_one(one: Check, other: Check) -> Check:
    return other._replace(refused=Logic("or", one.refused, other.refused), wanted=f"{other.wanted} and {one.wanted}")


def _together(checks: Sequence[Check]) -> list[Check]:
    """Checks, one for all numbers that must be the same: ``min(d1, d2, d3) < 1``."""
    found: dict[tuple[object, ...], list[Check]] = {}
    for check in dict.fromkeys(checks):
        found.setdefault((check.wanted, check.where, check.guard, type(check.refused)), []).append(check)
    return [reduce(_joined, same) for same in found.values()]


def _guarded_once(checks: Iterable[Check]) -> Iterator[Check]:
    """Checks, without what an earlier one has refused already."""
    refused = set[Expression]()
    for check in checks:
        if check.refused not in refused:
            yield check._replace(guard=None) if check.guard in refused else check
        if check.where is None and check.guard is not None:
            refused.add(check.guard)


def _joined(one: Check, other: Check) -> Check:
    match one.refused, other.refused:
        case Comparison("<", Function("min", args), least), Comparison(_, tree, _):
            refused: Expression = Comparison("<", Function("min", (*args, tree)), least)
        case Comparison("<", first, least), Comparison(_, tree, _):
            refused = Comparison("<", Function("min", (first, tree)), least)
        case _:
            refused = Logic("or", one.refused, other.refused)
    names = tuple(dict.fromkeys((*one.names, *other.names)))
    return one._replace(refused=refused, subjects=(*one.subjects, *other.subjects), names=names)


def _names(tree: Expression) -> tuple[str, ...]:
    return tuple(sorted(tree.names))
