"""Figures as papers print them, compared with the arithmetic at the precision of the print."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from archspec import ops
from archspec.op import Shape
from archspec.support.bound import AtLeast

if TYPE_CHECKING:
    from fractions import Fraction

LEAST_PRECISION = 2
"""The digits of a print that are significant where its column does not tell: of 60M the zero is."""
PARTS_OFF = 20
"""The arithmetic may be off a print that is cut or coarse by one of so many parts of itself."""
ABOUT = "≈~"
"""What stands before a figure that is about so much."""
PLACES_OFF = 2
"""How far such a figure may be off, in its last significant place: ResNeXt's 7.8 for 7.97, 70k for 71,456."""
Verdict = Literal["exact", "rounds", "cut", "coarse", "disagrees", "reported", "unchecked", "unknown"]

LOOSE: tuple[Verdict, ...] = ("cut", "coarse")
"""The verdicts of figures that agree, and not by rounding."""
UNITS = {"": 0, "k": 3, "m": 6, "g": 9, "b": 9, "bn": 9, "t": 12, "thousand": 3, "million": 6, "billion": 9}
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
FIGURE = re.compile(
    r"(?:[≈~]\s*)?(?P<whole>\d{1,3}(?:,\d{3}){1,10}|\d{1,30})(?:\.(?P<part>\d{1,30}))?"
    r"(?:e(?P<exp>\d{1,2})|\s*[x×·]\s*10(?:\^(?P<ten>\d{1,2})|(?P<raised>[⁰¹²³⁴-⁹]{1,2}))|\s*(?P<unit>k|m|g|bn|b|t|thousand|million|billion))?",
    re.IGNORECASE | re.ASCII,
)
SIZE = re.compile(r"(?:\d{1,12}(?:²|\^2)(?:\s*[x×]\s*\d{1,12})?|\d{1,12}(?:\s*[x×]\s*\d{1,12}){0,2})", re.ASCII)
SIDES_OF_FILTERS = r"\d{1,12}(?:\s*[x×]\s*\d{1,12}){1,4}"
PERCENT = re.compile(r"\d{1,3}(?:\.\d{1,6})?\s*%?", re.ASCII)


def is_reported(quantity: str) -> bool:
    """Whether a claim reports an experiment, such as `top-1 error`, which no arithmetic can check."""
    return quantity.endswith(("error", "accuracy"))


def dims_of(printed: str) -> list[int]:
    """The numbers of a printed size, in which ``7²`` stands for two sides."""
    both = re.sub(r"(\d+)(?:²|\^2)", r"\1x\1", printed)
    return [int(part) for part in re.split(r"\s*[x×]\s*", both)]


def channels_last(printed: str) -> str:
    """A printed size of three sides whose first are channels as H x W x C; any other as it is."""
    dims = dims_of(printed)
    return "x".join(map(str, (*dims[1:], dims[0]))) if len(dims) == 3 else printed


def same_shape(printed: str, shape: Shape) -> bool:
    """Whether a shape is what is printed: H x W x C, H x W alone, or features, also as 1x1xN or 1x1."""
    dims = dims_of(printed)
    if len(dims) == 2:
        return dims == (shape.dims[:2] if shape.is_map else [1, 1])
    return _unboxed(dims) == _unboxed(shape.dims)


def is_filters(printed: str) -> bool:
    """Whether a print is the shape of the filters of a layer: ``3 × 3 × 3 × 32``, ``3 × 3 × 32 dw``, ``Pool 7 × 7``."""
    return _filters().fullmatch(printed) is not None


@cache
def _filters() -> re.Pattern[str]:
    """The shapes of filters as the layers have them; imports every layer."""
    forms = {tuple(op.filters_as.split()) for op in ops.every()}
    parts = ([SIDES_OF_FILTERS if word == "{}" else re.escape(word) for word in form] for form in sorted(forms))
    return re.compile("|".join(map(r"\s+".join, parts)), re.ASCII | re.IGNORECASE)


def filters_of(printed: str) -> str:
    """Printed shapes of filters in the one way in which those of layers are said: ``3x3x32 dw; 1x1x32x64``."""
    parts = re.sub(r"\s*[x×]\s*", "x", printed.lower()).split(";")
    return "; ".join(" ".join(part.split()) for part in parts)


def _unboxed(dims: list[int]) -> list[int]:
    return dims[2:] if dims[:2] == [1, 1] else dims


def compare(
    printed: str, actual: int | Fraction, units: Mapping[str, int] = {}, precision: int = LEAST_PRECISION
) -> Verdict:
    """How a count, or a number that need not be whole, agrees with its print.

    `exact`; `rounds` to the last printed place; `cut` off there; `coarse`: rounds to it, or is cut to it, where the
    trailing zeros of a whole number are not significant, as in 15300M; or `disagrees`. ``units`` holds what units mean
    where it is not a power of ten, such as 1024 for K. ``precision`` is how many digits are significant, as the column
    shows them. A print that says that it is about, `≈70k`, is coarse up to two of its last place. What is cut or
    coarse is off by a twentieth at most. A lower bound leaves a print `unchecked`, unless it exceeds that.
    """
    if isinstance(actual, AtLeast):
        verdict = compare(printed, int(actual), units, precision)
        return "disagrees" if verdict == "disagrees" and actual > value_of(printed, units) else "unchecked"
    digits, quantum, places = _figure(printed, units)
    found: Any = actual * int(10**places)  # compare in units of the last printed place
    value = digits * quantum
    if found == value:
        return "exact"
    if abs(found - value) * 2 <= quantum:
        return "rounds"
    if abs(found - value) * PARTS_OFF > found:
        return "disagrees"
    if value <= found < value + quantum:
        return "cut"
    kept = significant(printed)
    zeros = max(len(str(digits)) - max(precision, kept), 0) if "." not in printed else 0
    coarse = quantum * 10**zeros
    about = printed[0] in ABOUT and abs(found - value) <= PLACES_OFF * coarse
    return "coarse" if about or value <= found < value + coarse or abs(found - value) * 2 <= coarse else "disagrees"


def cut_too_far(printed: str, actual: int, units: Mapping[str, int] = {}) -> bool:
    """Whether a print is a count that is cut off, and yet more than a twentieth below it: 1.3M for 1,369,727."""
    digits, quantum, places = _figure(printed, units)
    found = actual * int(10**places)
    behind = found - digits * quantum
    return 0 <= behind < quantum and behind * PARTS_OFF > found


def significant(printed: str) -> int:
    """How many digits of a print are significant for sure: without the zeros that end a whole number."""
    digits = str(_figure(printed, {})[0])
    return len(digits if "." in printed else digits.rstrip("0") or "0")


def precision_of(column: Iterable[str]) -> int:
    """How many digits are significant in a column: as many as half of its figures show at least, and two."""
    shown = sorted(map(significant, column), reverse=True)
    return max(LEAST_PRECISION, shown[(len(shown) - 1) // 2] if shown else 0)


def places_of(printed: str) -> int:
    """The decimal places of a print: 1 for 3.8G."""
    return _figure(printed, {})[2]


def last_places_of(printed: str) -> int:
    """The number that a print stands for, in units of its last decimal place: 38 for 3.8, 38,000 for 3.8K."""
    digits, quantum, _ = _figure(printed, {})
    return digits * quantum


def value_of(printed: str, units: Mapping[str, int] = {}) -> int:
    """The number that a print stands for, by its digits alone: 3,800,000,000 for 3.8G."""
    digits, quantum, places = _figure(printed, units)
    return digits * quantum // int(10**places)


def exact_value_of(printed: str) -> Fraction:
    """The same without cutting it to a whole number: 3,504,872 and a half for 3504872.5."""
    from fractions import Fraction

    digits, quantum, places = _figure(printed, {})
    return Fraction(digits * quantum, int(10**places))


def _figure(printed: str, units: Mapping[str, int]) -> tuple[int, int, int]:
    """The digits of a print, what its unit stands for, and its decimal places: 1.5K is (15, 1000, 1)."""
    match = FIGURE.fullmatch(printed)
    assert match is not None
    part, unit = match["part"] or "", (match["unit"] or "").lower()
    raised = (match["raised"] or "").translate(RAISED)
    power = int(match["exp"] or match["ten"] or raised or 0) or UNITS[unit]
    return int(match["whole"].replace(",", "") + part), units.get(unit, 10**power), len(part)
