"""Whether a member with a larger parameter than any that was tried may meet a budget: bounds say where none does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from archspec.expressions.tree import Comparison, Expression, Logic, Name
from archspec.family.formulas.normal import polynomial_of
from archspec.family.formulas.pieces import Piece
from archspec.family.formulas.trace import Number, Truth
from archspec.family.sweeps.bounds import Bounds, bounds_of
from archspec.support.limits import LARGEST

Limits = Sequence[tuple[str, Fraction]]
"""Quantities, and what none may be more than."""

FACTORS = (2.0, 1.25, 1.05)
"""How long ranges are, as bounds show less of longer ones."""


def limits_of(condition: Expression) -> Iterator[tuple[str, Fraction]]:
    """What a budget says that quantities are at most; what else it says may only leave out more members."""
    match condition:
        case Logic("and", left, right):
            yield from limits_of(left)
            yield from limits_of(right)
        case Comparison("<=" | "<" | "==", Name(name), right) if (most := polynomial_of(right).constant) is not None:
            yield name, Fraction(most)
        case Comparison(">=" | ">" | "==", left, Name(name)) if (most := polynomial_of(left).constant) is not None:
            yield name, Fraction(most)


def exceeds(pieces: Sequence[Piece], name: str, start: Fraction, others: Mapping[str, Bounds], limits: Limits) -> bool:
    """Whether every member whose parameter is at least ``start`` has more than a limit, the others within bounds.

    True where bounds of one of the pieces show it, range by range.
    """
    low = float(start)
    while low < LARGEST:
        ends = (min(factor * low, LARGEST) for factor in FACTORS)
        shown = (e for e in ends if any(_all_exceed(p, {**others, name: (low, e)}, limits) for p in pieces))
        high = next(shown, None)
        if high is None:
            return False
        low = high
    return True


def _all_exceed(piece: Piece, box: Mapping[str, Bounds], limits: Limits) -> bool:
    """Whether each member within bounds is refused, or has more than a limit, all of them being of this piece."""
    known = bounds_of(piece.program, box)
    for truth, demanded in piece.decisions.items():
        found = known[id(truth)]
        if found is not None and found != truth.value:
            return demanded  # all are refused, or are of another piece
        if found is None and not demanded:
            return False
    return piece.refused or any(_least(piece.totals[name], known) > most for name, most in limits)


def _least(total: Any, known: Mapping[int, Any]) -> Any:
    if not isinstance(total, Number | Truth):
        return total
    bounds = known[id(total)]
    return -1 if bounds is None else bounds[0] * (1 - 1e-9) if isinstance(bounds[0], float) else bounds[0]
