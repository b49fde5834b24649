"""Numbers of the uses of a block by others: by what enters or a parameter, times a ratio, and perhaps rounded."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple

from archspec.expressions.values import round_to
from archspec.importing.graph import EXACT, MOST_PARTS
from archspec.ir.node import Value

Values = Sequence[Value | None]
"""What stands at one place in each use; None where a use has no such step."""
DIVISORS = (2, 3, 4, 6, 8, 12, 16, 24)
"""By what the channels of a squeeze are divided before they are rounded."""
MULTIPLE = 8
"""To what MobileNets and what came after them round channels."""
LEAST_SHARES = 3
"""How many different rates are said as parts of one number."""


def is_whole(value: object) -> bool:
    """Whether a value is a number of channels, say, and no switch."""
    return isinstance(value, int) and not isinstance(value, bool)


def key(value: object) -> tuple[type, object]:
    """What tells values apart: ``1`` and ``yes`` are equal in Python."""
    return type(value), value


def multiple_of(values: Values, base: str, over: Values) -> str | None:
    """The one multiple of other numbers that these are, ``4*in`` or ``in/4``, where there is one of small terms."""
    pairs = [pair for pair in zip(values, over, strict=True) if pair[0] is not None]
    if not all(other for _, other in pairs):
        return None
    ratios = {Fraction(int(value), int(other)) for value, other in pairs}  # type: ignore[arg-type]
    if len(ratios) != 1:
        return None
    ratio = ratios.pop()
    if ratio.numerator != 1 and ratio.denominator > 4:
        return None
    above = base if ratio.numerator == 1 else f"{ratio.numerator}*{base}"
    return above if ratio.denominator == 1 else f"{above}/{ratio.denominator}"


def factors(values: Values, over: Values) -> list[int | None] | None:
    """By what whole numbers others are multiplied; None where these are not whole, or no fewer than the numbers."""
    pairs: list[tuple[Any, Any]] = [*zip(values, over, strict=True)]
    if not all(value is None or (other and value % other == 0) for value, other in pairs):
        return None
    found = [None if value is None else value // other for value, other in pairs]
    return found if len({*found}) < len({*values}) else None


def rounded(values: Values, base: str, over: Values) -> str | None:
    """``round_to(in/4, 8)``, where that is what numbers are."""
    pairs: list[tuple[Any, Any]] = [pair for pair in zip(values, over, strict=True) if pair[0] is not None]
    if not all(is_whole(other) for _, other in pairs):
        return None
    for divisor in DIVISORS:
        if all(round_to(other / divisor, MULTIPLE) == value for value, other in pairs):
            return f"round_to({base}/{divisor}, {MULTIPLE})"
    return None


class Shares(NamedTuple):
    """Rates as so many parts of one number: 0.025 and 0.0375 are 2 and 3 of 80."""

    parts: Values
    of: int


def shares(values: Values) -> Shares | None:
    """Numbers as parts of one number, where there is one and they are plainer so."""
    known: list[Any] = [value for value in values if value is not None]
    if len({*known}) < LEAST_SHARES or not all(isinstance(value, float) for value in known):
        return None
    near = [Fraction(value).limit_denominator(MOST_PARTS) for value in known]
    of = lcm(*(each.denominator for each in near))
    if of > MOST_PARTS or any(abs(float(each) - value) > EXACT for each, value in zip(near, known, strict=True)):
        return None
    parts = iter(near)
    return Shares([None if value is None else int(next(parts) * of) for value in values], of)
