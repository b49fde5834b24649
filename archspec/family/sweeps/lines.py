"""Numbers of a trace as lines over one parameter, wherever nothing is rounded or compared otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

MOST_LINES = 8
"""Lines of which a number may be one."""


class Line(NamedTuple):
    """``slope * x + start``."""

    slope: Fraction
    start: Fraction

    def crosses(self, level: Fraction) -> Fraction:
        """Where it has a value."""
        return (level - self.start) / self.slope


STEPS: frozenset[Line] = frozenset()
"""What a number is that has one value, whichever, between breakpoints."""
Form = frozenset[Line] | None
"""The lines of which a number is one between breakpoints; None where it is bent, so that nothing is known."""


def computed(op: str, forms: Sequence[Form]) -> Form:
    """What an operation makes of lines; None where that is no line."""
    if any(form is None for form in forms):
        return None
    sides = [form or () for form in forms]
    steps = [form == STEPS for form in forms]
    if any(steps):
        return STEPS if all(step or is_constant(form) for step, form in zip(steps, forms, strict=True)) else None
    if op in ("near", "min", "max", "choice"):
        found = frozenset(line for side in sides for line in side)
    else:
        made = [_of_two(op, one, other) for one in sides[0] for other in sides[1]]
        if None in made:
            return None
        found = frozenset(line for line in made if line is not None)
    return found if len(found) <= MOST_LINES else None


def _of_two(op: str, one: Line, other: Line) -> Line | None:
    match op:
        case "+":
            return Line(one.slope + other.slope, one.start + other.start)
        case "-":
            return Line(one.slope - other.slope, one.start - other.start)
        case "*" if not (one.slope and other.slope):
            return Line(one.slope * other.start + other.slope * one.start, one.start * other.start)
        case "/" | "exact" if not other.slope and other.start:
            return Line(one.slope / other.start, one.start / other.start)
    return None


def is_constant(form: Form) -> bool:
    """Whether a number is the same for all values of the parameter."""
    return form is not None and bool(form) and not any(line.slope for line in form)
