"""The settings of a sweep: an axis for each parameter, in the order of its values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

from archspec.diagnostics import ArchError
from archspec.elaborate.messages import on_one_line
from archspec.elaborate.options import plain_values, setting
from archspec.elaborate.scope import within_bounds
from archspec.family.sweeps.messages import needs_numpy, no_axis, no_number, too_many_values
from archspec.ir.network import Value
from archspec.support.limits import LARGEST

MOST_VALUES = 1_000_000
"""Values of one axis."""
MOST_DECIMALS = 12
"""Decimals of a number of an axis."""

ALL = "all"


def axis(name: str, text: str) -> tuple[Value, ...]:
    """The values that a text says: ``0.25:1.5:0.01``, ``1:10``, ``A,B,C``; raises ArchError where it says none.

    The end of a range is one of them. Steps are decimal: the third after 0.25 by 0.01 is 0.28.
    """
    found = [value for part in text.split(",") for value in _part(name, text, part.strip())]
    if len({repr(value) for value in found}) < len(found):
        raise ArchError([no_axis(name, text, "a value stands there twice")])
    return tuple(found)


def _part(name: str, text: str, part: str) -> Iterator[Value]:
    if ":" not in part:
        yield setting(f"{name}={part}")[1]
        return
    try:
        first, last, step = (Decimal(each) for each in (*part.split(":"), "1")[:3])
    except (ArithmeticError, ValueError):
        raise ArchError([no_axis(name, text, "a range is FIRST:LAST:STEP")]) from None
    if part.count(":") > 2 or not all(each.is_finite() for each in (first, last, step)) or step <= 0 or last < first:
        raise ArchError([no_axis(name, text, "a range is FIRST:LAST:STEP, and ends behind its start")])
    if first < -LARGEST or last > LARGEST:
        raise ArchError([no_axis(name, text, f"numbers are at most {LARGEST:,}")])
    step = min(step, Decimal(2 * LARGEST + 1))  # of which the second would be behind any end
    if last - first >= MOST_VALUES * step:
        raise ArchError([too_many_values(name, MOST_VALUES)])
    places = max(0, *(-int(each.normalize().as_tuple().exponent) for each in (first, last, step)))
    if places > MOST_DECIMALS:
        raise ArchError([no_axis(name, text, f"numbers have at most {MOST_DECIMALS} decimals")])
    whole = 10**places  # whole numbers of the last decimal are exact, and fast
    start, end, apart = (int(each.scaleb(places)) for each in (first, last, step))
    yield from (n // whole if n % whole == 0 else n / whole for n in range(start, end + 1, apart))


def axes_of(given: Mapping[str, Any]) -> dict[str, tuple[Value, ...]]:
    """The axes of a call: of each name a text, a value, or several; raises ArchError where one is none."""
    found: dict[str, tuple[Value, ...]] = {}
    for name, values in given.items():
        found[name] = axis(name, values) if isinstance(values, str) else tuple(_several(name, values))
        if len(found[name]) > MOST_VALUES:
            raise ArchError([too_many_values(name, MOST_VALUES)])
        if not found[name] or not all(map(_is_value, found[name])):
            raise ArchError([no_axis(name, on_one_line(values), "values are numbers, words, sizes, or yes and no")])
    return found


def with_choices(axes: Mapping[str, Any], choices: Mapping[str, tuple[str, tuple[Value, ...]]]) -> dict[str, Any]:
    """The axes of a search space: all that it lets choose where none are given.

    `k=all` is all that `k` may be, and a choice by row is that of every row. Raises ArchError for `all` of another one.
    """
    if not axes:
        return {parameter: values for parameter, (_, values) in choices.items()}
    found: dict[str, Any] = {}
    for name, given in axes.items():
        whole = isinstance(given, str) and given.strip() == ALL
        of_rows = [parameter for parameter, (chosen, _) in choices.items() if chosen == name]
        if whole and not of_rows and name not in choices:
            raise ArchError([no_axis(name, ALL, f"the spec does not say what `{name}` is one of")])
        for parameter in of_rows or [name]:
            found[parameter] = choices[parameter][1] if whole else given
    return found


def _several(name: str, values: Any) -> list[Value]:
    """The values of a sequence or an array, or the one value."""
    try:
        several = [values] if isinstance(values, bool | int | float) else [*islice(values, MOST_VALUES + 1)]
        return [plain_values({name: value})[name] for value in several]
    except (TypeError, ValueError, RuntimeError):  # what cannot be gone through, or has no values
        return []


def _is_value(value: object) -> bool:
    if type(value) is int or type(value) is float:
        return within_bounds(value)
    sides = value if isinstance(value, tuple) else (value,)
    return bool(sides) and all(isinstance(s, str | bool | int | float) and within_bounds(s) for s in sides)


def with_numpy() -> None:
    """Raises ArchError where NumPy is not installed, with which sweeps compute."""
    try:
        __import__("numpy")
    except ImportError:
        raise ArchError([needs_numpy()]) from None


def at_least_one(name: str, value: object) -> int:
    """The number of rows or processes; raises ArchError where it is none."""
    if type(value) is not int or value < 1:
        raise ArchError([no_number(name, on_one_line(value))])
    return value


def one_of_shards(shard: object) -> tuple[int, int]:
    """Which shard of how many; raises ArchError where it is none."""
    match shard:
        case (int(place), int(of)) if 1 <= place <= of:
            return place, of
    raise ArchError([no_number("shard", f"{on_one_line(shard)}: write `shard=(3, 16)`")])
