"""What a reader is told of the settings that a formula holds for: what was decided, and what is demanded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from archspec.expressions.polynomial import TooLong
from archspec.expressions.tree import Comparison, Expression, Function, Name, Truth
from archspec.family.formulas.normal import Exact, condition, opposite, polynomial_of
from archspec.family.formulas.pieces import Piece

FAR = 10**6
"""A bound that is farther away than this keeps numbers from being too large, and tells no reader anything."""


def decided(piece: Piece) -> list[Expression]:
    """What was decided for a piece and may be decided otherwise for other settings: ``k != 1``."""
    bounds = {(left, limit) for left, limit, _ in _bounds(piece)}
    made = _distinct(_conditions(piece, demanded=False))
    return [each for each in made if not (_is_far(each) or _is_of_positive(each) or _is_bounded(each, bounds))]


def demanded(piece: Piece) -> list[Expression]:
    """What is demanded of settings: that numbers are whole, and that they are large enough."""
    made = _distinct(_conditions(piece, demanded=True))
    whole = [each for each in made if isinstance(each, Function)]
    telling = [each for each in whole if not isinstance(each.args[0], Name) and not _follows(each, whole)]
    least = [each for _, limit, each in _bounds(piece) if 1 < limit < FAR and not _is_of_positive(each)]
    return [*telling, *_distinct(least)]


def _conditions(piece: Piece, demanded: bool) -> Iterator[Expression]:
    for truth, asked in piece.decisions.items():
        if asked == demanded:
            try:
                made = condition(truth)
            except TooLong:
                continue
            yield made if truth.value else opposite(made)


def _bounds(piece: Piece) -> Iterator[tuple[Expression, Fraction, Expression]]:
    """What is demanded to be no less than a number, that number, and the condition."""
    for each in _conditions(piece, demanded=True):
        match each:
            case Comparison(">=" | ">" as operator, left, right):
                if (limit := polynomial_of(right).constant) is not None:
                    yield left, Fraction(limit) + (operator == ">"), each


def _distinct(conditions: Iterable[Expression]) -> list[Expression]:
    return list({str(each): each for each in conditions}.values())


def _is_far(each: Expression) -> bool:
    if not isinstance(each, Comparison):
        return False
    limit = polynomial_of(each.right).constant
    return limit is not None and each.operator not in ("==", "!=") and abs(Fraction(limit)) >= FAR


def _is_of_positive(each: Expression) -> bool:
    """Whether a condition holds of positive numbers, as all sizes are: that a sum of them is not zero."""
    match each:
        case Comparison(str(operator), left, right) if operator in ("!=", ">", ">="):
            limit = polynomial_of(right).constant
            terms = polynomial_of(left).terms
            positive = all(c > 0 and powers for c, powers in terms)
            least = 1 if operator == ">=" else 0
            return positive and limit is not None and limit <= least
    return isinstance(each, Truth)


def _is_bounded(each: Expression, bounds: set[tuple[Expression, Fraction]]) -> bool:
    """Whether a condition follows from what is demanded."""
    match each:
        case Comparison("!=" | ">" | ">=", left, right):
            limit = polynomial_of(right).constant
            return limit is not None and any(known == left and least > limit for known, least in bounds)
    return False


def _follows(each: Function, whole: list[Function]) -> bool:
    """Whether a number is whole because another one is, of which it is a multiple."""
    mine = polynomial_of(each.args[0])
    for other in whole:
        factor = _ratio(mine, polynomial_of(other.args[0]))
        if other is not each and factor is not None and factor.denominator == 1 and abs(factor) > 1:
            return True
    return False


def _ratio(one: Exact, other: Exact) -> Fraction | None:
    """How many times another polynomial one is, where it is that by a number."""
    if len(one.terms) != len(other.terms) or not one.terms:
        return None
    factor = Fraction(one.settled.terms[0][0]) / Fraction(other.settled.terms[0][0])
    return factor if (one - other * Exact([(factor, ())])).constant == 0 else None
