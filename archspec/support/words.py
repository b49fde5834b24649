"""Words for values and for numbers of things, as specs and sentences have them."""

from __future__ import annotations


def spelled(value: object) -> str:
    """The value of a parameter as a spec writes it: ``yes``, ``3x3``, ``0.5``, a word."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)


def number_of(number: int, noun: str) -> str:
    """A number of things whose plural ends in s: ``1 page``, ``1,200 pages``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
