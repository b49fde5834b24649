"""The settings of a sweep: an axis for each parameter, in the order of its values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import islice, product
from math import prod
from typing import Any, NamedTuple

from archspec.diagnostics import ArchError
from archspec.elaborate.messages import on_one_line
from archspec.elaborate.options import plain_values, setting
from archspec.elaborate.scope import within_bounds
from archspec.family.sweeps.messages import no_axis, no_number, too_many_values
from archspec.ir.network import Value
from archspec.support.limits import LARGEST

MOST_VALUES = 1_000_000
"""Values of one axis."""


ALL = "all"


class Box(NamedTuple):
    """Some of the settings: for each axis where it begins and ends."""

    spans: tuple[tuple[int, int], ...]

    @property
    def size(self) -> int:
        """The number of settings."""
        return prod(end - start for start, end in self.spans)


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
    except (InvalidOperation, ValueError):
        raise ArchError([no_axis(name, text, "a range is FIRST:LAST:STEP")]) from None
    if (
        part.count(":") > 2
        or not (first.is_finite() and last.is_finite() and step.is_finite())
        or step <= 0
        or last < first
    ):
        raise ArchError([no_axis(name, text, "a range is FIRST:LAST:STEP, and ends behind its start")])
    if max(abs(first), abs(last)) > LARGEST:
        raise ArchError([no_axis(name, text, f"numbers are at most {LARGEST:,}")])
    if last - first >= MOST_VALUES * step:
        raise ArchError([too_many_values(name, MOST_VALUES)])
    for i in range(int((last - first) / step) + 1):
        value = first + i * step
        yield int(value) if value == value.to_integral_value() else float(value)


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
    sides = value if isinstance(value, tuple) else (value,)
    return bool(sides) and all(isinstance(s, str | bool | int | float) and within_bounds(s) for s in sides)


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


def boxes(lengths: Sequence[int], most: int) -> Iterator[Box]:
    """All settings in their order, in boxes of no more than so many: the last axes whole, as far as they fit."""
    whole, size = len(lengths), 1
    while whole and size * lengths[whole - 1] <= most:
        whole -= 1
        size *= lengths[whole]
    tail = tuple((0, length) for length in lengths[whole:])
    if not whole:
        yield Box(tail)
        return
    step = max(1, most // size)
    split = whole - 1
    for place in product(*(range(length) for length in lengths[:split])):
        head = tuple((i, i + 1) for i in place)
        for start in range(0, lengths[split], step):
            yield Box((*head, (start, min(start + step, lengths[split])), *tail))
