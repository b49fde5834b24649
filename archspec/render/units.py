"""Counts in thousands, millions and billions, as papers print them: ``25.6M``, ``4.09G``."""

from __future__ import annotations

from archspec.support.bound import is_known

SCALES = {"": 1, "K": 1_000, "M": 1_000_000, "G": 1_000_000_000}
AUTO = "auto"
CHOICES = (AUTO, "K", "M", "G")


def in_units(number: int, unit: str = AUTO) -> str:
    """A count to three digits, in one unit or in that which fits it; in one unit at most two of them are decimals."""
    if not is_known(number):
        return f">= {in_units(int(number), unit)}"
    if unit != AUTO:
        return _said(number, unit)
    return next(said for each in SCALES if (said := _said(number, each)) and (_fits(said) or each == "G"))


def _said(number: int, unit: str) -> str:
    if not unit:
        return f"{number:,}"
    digits = next((d for d in (2, 1) if _rounded(number * 10**d, SCALES[unit]) < 1_000), 0)
    whole, rest = divmod(_rounded(number * 10**digits, SCALES[unit]), 10**digits)
    decimals = f".{rest:0{digits}d}" * bool(digits)
    return f"{whole:,}{decimals}{unit}" if number else "0"


def _rounded(number: int, by: int) -> int:
    """A quotient to the nearest whole number, halves up; no float is in it, which a large count would not fit."""
    return (2 * number + by) // (2 * by)


def _fits(said: str) -> bool:
    """Whether fewer than a thousand of the unit are said."""
    return "," not in said
