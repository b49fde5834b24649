"""The arithmetic of shapes beyond ``+ - * //``, on whatever stands for a number: a symbol and an array as well.

The rules of ops run on plain numbers when a network is counted, on symbols when code is emitted, and on arrays when
many widths are tried at once. So they ask here for what Python decides by comparing.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import add
from typing import Any, Protocol, TypeVar, runtime_checkable

N = TypeVar("N")
NUMBERS = frozenset({int, float})
"""The types of numbers that Python compares by itself; looked up where shapes are found, which is done often."""


@runtime_checkable
class Symbolic(Protocol):
    """A number that is not decided yet, and gives its choice between itself and another as one more such number."""

    def least(self, other: Any) -> Any:
        """The smaller of the two."""

    def greatest(self, other: Any) -> Any:
        """The larger of the two."""


def least(*values: N) -> N:
    """The smallest of some values, element by element where some are arrays."""
    return min(values) if NUMBERS.issuperset(map(type, values)) else reduce(_lesser, values)  # type: ignore[type-var]


def greatest(*values: N) -> N:
    """The largest of some values, element by element where some are arrays."""
    return max(values) if NUMBERS.issuperset(map(type, values)) else reduce(_greater, values)  # type: ignore[type-var]


def total(values: Iterable[int]) -> int:
    """The sum of some values, one at least: no 0 stands before the first."""
    return reduce(add, values)


def ceil_div(n: int, by: int) -> int:
    """The quotient, rounded up."""
    return -(-n // by)


def quotient(n: Any, by: Any) -> Any:
    """The quotient of numbers of which the first must be a multiple of the second: a symbol divides exactly."""
    return n.quotient(by) if hasattr(n, "quotient") else n // by


def where(condition: Any, yes: N, no: N) -> N:
    """One value where the condition holds, and the other elsewhere."""
    if isinstance(condition, bool):
        return yes if condition else no
    if hasattr(condition, "select"):
        return condition.select(yes, no)  # type: ignore[no-any-return]
    import numpy

    return numpy.where(condition, yes, no)  # type: ignore[call-overload,no-any-return]


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal; arrays are in every element. A value is compared with another one alone."""
    return one is other or everywhere(one == other)


def everywhere(condition: Any) -> bool:
    """Whether a condition holds, for every element of an array."""
    return condition if isinstance(condition, bool) else bool(condition.all())


def rounded(value: float) -> float:
    """A product of decimal fractions as it is written by hand, 0.0005 for 5 * 1e-4; exact where it is undecided."""
    return float(f"{value:.12g}") if plain(value) else value


def plain(*values: Any) -> bool:
    """Whether all values are Python's own numbers."""
    return NUMBERS.issuperset(map(type, values))


def is_open(value: Any) -> bool:
    """Whether a value stands for many numbers, and says itself whether they are whole: a number of a trace."""
    return hasattr(value, "is_whole")


def is_array(value: Any) -> bool:
    """Whether a value is one of numpy's, seen without importing numpy."""
    return hasattr(value, "dtype")


def _lesser(one: Any, other: Any) -> Any:
    for value, against in ((one, other), (other, one)):
        if isinstance(value, Symbolic):
            return value.least(against)
    if not (is_array(one) or is_array(other)):
        return min(one, other)
    import numpy

    return numpy.minimum(one, other)


def _greater(one: Any, other: Any) -> Any:
    for value, against in ((one, other), (other, one)):
        if isinstance(value, Symbolic):
            return value.greatest(against)
    if not (is_array(one) or is_array(other)):
        return max(one, other)
    import numpy

    return numpy.maximum(one, other)
