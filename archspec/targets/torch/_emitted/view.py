"""Functions of the language that Python lacks."""

from __future__ import annotations


def near(x: float) -> float:
    """Undo the rounding error of a product that should be whole: 0.7 * 10 is 7."""
    whole = round(x)
    return whole if abs(x - whole) <= 1e-9 * abs(x) else x


def round_to(x: float, multiple: int) -> int:
    """Round to the nearest multiple: at least one, and at most a tenth below x."""
    x = near(x)
    nearest = max(int(x / multiple + 0.5), 1) * multiple
    return nearest + multiple if nearest < 0.9 * x else nearest
