"""Counts that are lower bounds: what is known of a number whose other parts nobody knows."""

from __future__ import annotations

from collections.abc import Iterable


class AtLeast(int):
    """A whole number that may be larger. It counts, compares and stands in JSON as what is known of it.

    A sum or a product of one and of counts is one too, and so is what is left where a known count is taken from it. It
    is printed as ``>= 1,234``. What else is computed of it, such as a quotient, is a plain number.
    """

    __slots__ = ()

    def __add__(self, other: int) -> AtLeast:
        found = int.__add__(self, other)
        return found if found is NotImplemented else AtLeast(found)

    __radd__ = __add__

    def __mul__(self, other: int) -> AtLeast:
        found = int.__mul__(self, other)
        return found if found is NotImplemented else AtLeast(found)

    __rmul__ = __mul__

    def __sub__(self, other: int) -> int:
        found = int.__sub__(self, other)
        return found if found is NotImplemented or isinstance(other, AtLeast) else AtLeast(found)

    def __format__(self, spec: str) -> str:
        return f">= {int(self):{spec}}"

    def __str__(self) -> str:
        return f"{self:d}"

    def __repr__(self) -> str:
        return f"AtLeast({int(self)})"


def at_least(number: int) -> int:
    """A count that may be larger. One that stands for many cannot say so itself: whoever makes it does."""
    return AtLeast(number) if isinstance(number, int) else number


def is_known(number: object) -> bool:
    """Whether a number is what it says, and no lower bound."""
    return not isinstance(number, AtLeast)


def largest(numbers: Iterable[int]) -> int:
    """The largest of some counts: a lower bound where one of them is."""
    every = [*numbers]
    most = max(every)
    return most if all(map(is_known, every)) else AtLeast(most)


def total(amounts: Iterable[int | None]) -> int | None:
    """The sum of differences; None where one is not known."""
    every = [*amounts]
    known = [amount for amount in every if amount is not None]
    return sum(known) if len(known) == len(every) else None


def difference(a: int, b: int) -> int | None:
    """How much more the second count is than the first; None where that is not known."""
    return b - a if is_known(a) and is_known(b) else None
