"""The members of a family along one parameter: stretches of values between breakpoints, each with one that is short."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from archspec.family.sweeps.breakpoints import ABOVE, ALONE, BELOW, Breakpoints

APART = Fraction(1, 10**8)
"""How near to a breakpoint, as a part of it, a value is not taken: the language tells nine decimals apart."""
MOST_DECIMALS = 12


class Stretch(NamedTuple):
    """Values of a parameter that make one member."""

    low: Fraction
    high: Fraction | None
    """None where no end is known."""
    with_low: bool = True
    with_high: bool = True

    @property
    def is_point(self) -> bool:
        """Whether it is one value."""
        return self.low == self.high

    def short(self, own: Fraction | None = None) -> Fraction | None:
        """The value with the fewest decimals, nearest to the middle, or the one that the spec has if it is one of them.

        None where the language tells no value from the breakpoints.
        """
        if self.is_point:
            return self.low
        low = self.low if self.with_low else self.low * (1 + APART)
        high = (2 * low + 2 if self.high is None else self.high) * (1 if self.with_high else 1 - APART)
        if own is not None and low <= own <= high:
            return own
        for decimals in range(MOST_DECIMALS):
            one = Fraction(1, 10**decimals)
            least, most = max(ceil(low / one), 1), floor(high / one)
            if least <= most:
                return min(max(round((low + high) / 2 / one), least), most) * one
        return None

    def text(self, name: str) -> str:
        """What the values are, for a reader."""
        low = f"{_shown(self.low)} <{'=' if self.with_low else ''} "
        high = f" <{'=' if self.with_high else ''} {_shown(self.high)}" if self.high is not None else ""
        return f"{low if self.low or self.high is None else ''}{name}{high}"


def stretches(found: Breakpoints, most: Fraction) -> Iterator[Stretch]:
    """Those up to a value of the parameter, in their order; the last has no end where no breakpoints follow.

    Breakpoints that repeat for ever are followed to ``most``; what lies above the last of them is left out.
    """
    points = found.points(most)
    low, with_low = Fraction(0), False
    for at, side in points.items():
        # where one of both ends holds alone, and nothing is decided there, nothing between them does
        if not (found.is_lattice and any(end and end not in found.roots for end in (low, at))):
            yield Stretch(low, at, with_low, side == BELOW)
        if side == ALONE:
            yield Stretch(at, at)
        low, with_low = at, side == ABOVE
    if not found.roundings:
        yield Stretch(low, None, with_low)


def around(found: Breakpoints, value: Fraction) -> Stretch:
    """The stretch to which a value belongs."""
    if value in found.points(value):
        value_side = found.points(value)[value]
        if value_side == ALONE:
            return Stretch(value, value)
    most = 2 * value + 2 / found.density if found.roundings else value + 1
    for each in stretches(found, most):
        below = each.low < value or (each.with_low and each.low == value)
        above = each.high is None or value < each.high or (each.with_high and value == each.high)
        if below and above:
            return each
    return Stretch(value, value)


def _shown(value: Fraction) -> str:
    """A number with as few decimals as tell it from its neighbours."""
    return f"{float(value):.6g}"
