"""What a reader is told of the settings that a formula holds for: all that was decided, and all that is demanded.

A setting meets the conditions if and only if its formula holds for it, but for numbers that are too large to be
counted. What others imply is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from math import ceil, floor
from typing import NamedTuple

from archspec.expressions.tree import Choice, Comparison, Expression, Function, Logic, Name, Truth, every_part
from archspec.family.formulas.normal import (
    ONE_OF,
    TURNED,
    WHOLE,
    condition,
    condition_of,
    constant,
    opposite,
    polynomial_of,
    settled,
)
from archspec.family.formulas.pieces import Piece
from archspec.family.formulas.proving import Known, needless, ratio, split
from archspec.family.formulas.simpler import EXTREMES, reduced, simpler, with_values

Conditions = Mapping[Expression, bool]
"""Conditions, and whether each is demanded: where it does not hold, no other formula does either."""


class Facts(NamedTuple):
    """The conditions of a formula."""

    decided: Sequence[Expression] = ()
    """What was decided, and may be decided otherwise for other settings: ``k != 1``."""
    demanded: Sequence[Expression] = ()
    """What any setting has to meet: that numbers are whole, and large enough."""

    @property
    def all(self) -> tuple[Expression, ...]:
        """All conditions."""
        return (*self.decided, *self.demanded)

    @property
    def equal(self) -> dict[str, Fraction]:
        """The parameters that have to be one number."""
        return _equal(self.all)

    def implies(self, other: Facts) -> bool:
        """Whether the other conditions hold wherever these do."""
        return all(map(Known(self.all).implies, other.all))


def facts_of(piece: Piece) -> Facts:
    """The conditions of a piece; raises TooLong where they are no text that anybody reads."""
    return _facts(_conditions(piece))


def joined(one: Facts, other: Facts) -> Facts | None:
    """What holds where one of two does; None where it is no such conditions.

    They have to be on two sides of one condition, and to say the same beside it.
    """
    for parted in one.decided:
        rest = {each: each not in one.decided for each in one.all if each != parted}
        beyond = _facts({**rest, opposite(parted): False})
        if beyond.implies(other) and other.implies(beyond):
            return _facts(rest)
    return None


def _facts(conditions: dict[Expression, bool]) -> Facts:
    found = _with_values(_simpler(conditions))
    plain = Known(each for each in found if not _chooses(each))
    found = _simpler({condition_of(each, partial(reduced, known=plain)): asked for each, asked in found.items()})
    kept = needless(found, first=[each for each, asked in found.items() if not asked])
    demands = [each for each in kept if found[each]]
    wholes = [each for each in demands if is_whole(each)]
    said = dict.fromkeys((*wholes, *(_on_lattice(each, wholes) for each in demands)))
    return Facts([each for each in kept if not found[each]], [*said])


def is_whole(condition: Expression) -> bool:
    """Whether a condition is that a number is whole."""
    return isinstance(condition, Function) and condition.name == WHOLE


def _conditions(piece: Piece) -> dict[Expression, bool]:
    """All that was decided but for what says that numbers are none too large."""
    made: dict[Expression, bool] = {}
    for truth, asked in piece.decisions.items():
        if not truth.of_size:
            each = _as_members(condition(truth) if truth.value else opposite(condition(truth)))
            made[each] = asked or made.get(each, False)
    return made


def _simpler(conditions: Conditions) -> dict[Expression, bool]:
    found: dict[Expression, bool] = {}
    for whole, asked in conditions.items():
        for each in simpler(whole):
            found[each] = asked or found.get(each, False)
    return found


def _with_values(conditions: dict[Expression, bool]) -> dict[Expression, bool]:
    """The conditions with the values of parameters that have to be one number, and of those that are one of few."""
    while True:
        equal = _equal(conditions)
        value = partial(with_values, values=equal)
        made = {x if _equal([x]) else condition_of(x, value): asked for x, asked in conditions.items()}
        found = _of_few(_simpler(made))
        if found == conditions:
            return found
        conditions = found


def _equal(conditions: Iterable[Expression]) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    for each in conditions:
        match each:
            case Comparison("==", Name(id), right) if (value := polynomial_of(right).constant) is not None:
                found[id] = Fraction(value)
    return found


def _as_members(condition: Expression) -> Expression:
    """That a parameter is one number or another, as one condition."""
    alternatives = _alternatives(condition)
    names = {each.left for each in alternatives if isinstance(each, Comparison) and each.operator == "=="}
    if len(alternatives) > 1 and len(names) == 1 and all(_equal([each]) for each in alternatives):
        values = dict.fromkeys(value for each in alternatives for value in _equal([each]).values())
        return _one_of(names.pop(), [*values])
    return condition


def _alternatives(condition: Expression) -> list[Expression]:
    match condition:
        case Logic("or", left, right):
            return [*_alternatives(left), *_alternatives(right)]
    return [condition]


def _one_of(name: Expression, values: Sequence[Fraction]) -> Expression:
    return Function(ONE_OF, (name, *(settled(constant(value)) for value in values)))


def _of_few(conditions: dict[Expression, bool]) -> dict[Expression, bool]:
    """The conditions with what they leave of the values of a parameter that is one of few."""
    found = dict(conditions)
    for each in conditions:
        match each:
            case Function(name, (Name(id) as parameter, *args)) if name == ONE_OF and each in found:
                values = [Fraction(polynomial_of(arg).constant or 0) for arg in args]
                others = [x for x in conditions if x is not each and x.names == {id} and _is_settled(x, id, values)]
                left = [value for value in values if all(_holds(x, id, value) for x in others)]
                if not left:
                    continue
                asked = all(conditions[x] for x in others if not all(_holds(x, id, value) for value in values))
                for x in (each, *others):
                    found.pop(x, None)
                only = settled(constant(left[0]))
                found[_one_of(parameter, left) if left[1:] else Comparison("==", parameter, only)] = asked
    return found


def _is_settled(condition: Expression, name: str, values: Sequence[Fraction]) -> bool:
    """Whether it is known of each of some values whether a condition holds."""
    found = (condition_of(condition, partial(with_values, values={name: value})) for value in values)
    return all(isinstance(each, Truth) for each in found)


def _holds(condition: Expression, name: str, value: Fraction) -> bool:
    return condition_of(condition, partial(with_values, values={name: value})) == Truth(True)


def _chooses(condition: Expression) -> bool:
    """Whether something in a condition chooses between numbers."""
    return any(isinstance(x, Choice) or (isinstance(x, Function) and x.name in EXTREMES) for x in every_part(condition))


def _on_lattice(each: Expression, wholes: Sequence[Expression]) -> Expression:
    """A bound of a number of which some multiple has to be whole, as a bound of that: ``(depth - 4)/6 >= 1``."""
    if not isinstance(each, Comparison) or each.operator in ("==", "!="):
        return each
    steps, limit = polynomial_of(each.left), polynomial_of(each.right).constant
    for whole in () if limit is None else wholes:
        inner = polynomial_of(whole.parts[0])
        factor = ratio(inner, steps)
        if factor:
            operator = each.operator if factor > 0 else TURNED[each.operator]
            end = factor * Fraction(limit or 0) + split(inner)[1]
            least = floor(end) + 1 if operator == ">" else ceil(end)
            most = ceil(end) - 1 if operator == "<" else floor(end)
            up = operator in (">", ">=")
            return Comparison(">=" if up else "<=", whole.parts[0], settled(constant(least if up else most)))
    return each
