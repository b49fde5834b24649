"""Numbers that need not be whole beside their prints: ``94.86 %``, ``8 to 9 times less``, ``93 MB``, ``< 25 million``.

What a print says of a number is undone, so that ``12 times fewer`` is compared with the inverse of a ratio; then it is
a figure as any other. All of it is exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from archspec.counting.printed import Verdict, compare, last_places_of, places_of
from archspec.counting.stated import BYTES, PERCENT, TIMES, Stated, stated

LEAST_PLACES = 2
"""Decimal places in which a value is shown at least, where it is not whole."""


class Compared(NamedTuple):
    """A value as it is shown, in the unit of the print, and whether the print agrees."""

    shown: str
    verdict: Verdict


def compared(printed: str, value: Fraction, in_percent: bool = False) -> Compared:
    """A value beside its print; ``in_percent`` says that the value is one of percents already, as error rates are."""
    said = stated(printed)
    assert said is not None
    found = [*_readings(said, value, in_percent)]
    best = min(found, key=lambda each: _RANKS.index(each.verdict))
    if best.verdict != "disagrees":
        return best
    return Compared(", ".join(dict.fromkeys(each.shown for each in found)), "disagrees")


def compared_at_least(printed: str, value: Fraction) -> Compared:
    """A lower bound beside a print, which is unchecked unless all numbers that are as large agree or disagree."""
    found, said = compared(printed, value), stated(printed)
    assert said is not None
    if said.relation in (">", ">="):
        told = found.verdict != "disagrees"
    else:
        told = found.verdict == "disagrees" and all(size >= exactly(said.figures[-1]) for size in _sizes(said, value))
    return found if told else found._replace(verdict="unchecked")


def _sizes(said: Stated, value: Fraction) -> list[Fraction]:
    """A number in each unit that its print may have."""
    power = BYTES[said.unit] if said.sized else 0
    return [value / base**power for base in (1000, 1024)]


def _readings(said: Stated, value: Fraction, in_percent: bool) -> Iterator[Compared]:
    """The value in the unit of the print, in each of those that the unit may stand for: MB is 10^6 bytes or 2^20."""
    if not said.sized or not BYTES[said.unit]:
        unit = {PERCENT: " %", TIMES: " times"}.get(said.unit, f" {said.unit}" if said.unit else "")
        yield _reading(said, _meant(said, value, in_percent), unit + (f" {said.direction}" if said.direction else ""))
        return
    power, binary = BYTES[said.unit], said.unit[1] == "i"
    name = said.unit[0].upper()
    for base, shown in ((1000, f" {name}B"), (1024, f" {name}iB")):
        if base == 1024 or not binary:
            yield _reading(said, value / base**power, shown)


def _meant(said: Stated, value: Fraction, in_percent: bool) -> Fraction | None:
    """The number of which the print speaks; None where there is none, as nothing is so many times less than zero."""
    if said.unit == TIMES and said.direction == "less":
        return 1 / value if value else None
    if said.unit == PERCENT and not in_percent:
        value = (value - 1 if said.direction else value) * 100
    return -value if said.direction == "less" else value


def _reading(said: Stated, value: Fraction | None, unit: str) -> Compared:
    if value is None:
        return Compared("infinite", "disagrees")
    places = max(map(places_of, said.figures))
    text = shown(value, places) + unit
    if said.relation:
        bound = bound_of(said)
        holds = {"<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound}[said.relation]
        return Compared(text, "exact" if holds else "disagrees")
    if len(said.figures) == 1:
        return Compared(text, compare(said.figures[0], -value if said.negative else value))
    low, high = map(exactly, said.figures)
    near = {compare(figure, value) for figure in said.figures} & {"exact", "rounds"}
    return Compared(text, "exact" if low <= value <= high else "rounds" if near else "disagrees")


def bound_of(said: Stated) -> Fraction:
    """The number that a print gives as a bound, with its sign."""
    bound = exactly(said.figures[0])
    return -bound if said.negative else bound


def exactly(figure: str) -> Fraction:
    """The number that a figure's digits stand for, with its decimal places."""
    return Fraction(last_places_of(figure), 10 ** places_of(figure))


def shown(value: Fraction, places: int = 0) -> str:
    """A number in decimal digits, rounded half up where it is not whole: so many places, two at least, and more where
    it is small."""
    if value.denominator == 1:
        return f"{int(value):,}"
    places = max(places, LEAST_PLACES if abs(value) < 1000 else 1)
    while places < 12 and abs(value) * 10**places < 10:
        places += 1
    scaled = (abs(value) * 10**places * 2 + 1) // 2
    whole, part = divmod(scaled, 10**places)
    return f"{'-' if value < 0 else ''}{whole:,}.{part:0{places}d}"


_RANKS: tuple[Verdict, ...] = ("exact", "rounds", "cut", "coarse", "disagrees")
