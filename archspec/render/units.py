"""Counts in thousands, millions and billions, as papers print them: ``25.6M``, ``4.09G``."""

from __future__ import annotations

SCALES = {"": 1, "K": 1_000, "M": 1_000_000, "G": 1_000_000_000}
AUTO = "auto"
CHOICES = (AUTO, "K", "M", "G")


def in_units(number: int, unit: str = AUTO) -> str:
    """A count to three digits, in one unit or in that which fits it; in one unit at most two of them are decimals."""
    if unit != AUTO:
        return _said(number, unit)
    return next(said for each in SCALES if (said := _said(number, each)) and (_fits(said) or each == "G"))


def _said(number: int, unit: str) -> str:
    if not unit:
        return f"{number:,}"
    amount = number / SCALES[unit]
    digits = next((d for d in (2, 1) if round(amount, d) < 10 ** (3 - d)), 0)
    return f"{amount:,.{digits}f}{unit}" if number else "0"


def _fits(said: str) -> bool:
    """Whether fewer than a thousand of the unit are said."""
    return "," not in said
