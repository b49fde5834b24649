"""Prints of figures that are not plain counts: shares, bytes, ratios, differences and bounds.

``94.86 %``, ``93 MB``, ``8 to 9 times less``, ``81 % more``, ``2.5 million``, ``< 25 million``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from archspec.counting.printed import FIGURE, last_places_of, places_of
from archspec.support.limits import SHORT_CELL

PERCENT, TIMES = "%", "times"
BYTES = {"bytes": 0, "kb": 1, "mb": 2, "gb": 3, "kib": 1, "mib": 2, "gib": 3}
"""The units of sizes, by the power of a thousand, or of 1024, that they stand for."""
RELATIONS = {
    **{sign: sign for sign in ("<=", ">=", "<", ">")},
    **{"≤": "<=", "≥": ">=", "at most": "<=", "at least": ">="},
    **{"less than": "<", "fewer than": "<", "under": "<", "more than": ">", "over": ">"},
}
MORE, LESS = frozenset({"more", "larger"}), frozenset({"less", "fewer", "smaller"})
STATED = (
    rf"(?:(?P<relation>{'|'.join(RELATIONS)})\s*)?"
    r"(?P<sign>[-−+])?(?P<figures>\d.*?)"
    rf"\s*(?P<unit>%|(?:times|x|×)(?=$|\s)|(?<=[\d ])(?:{'|'.join(BYTES)})(?=$|\s))?"
    rf"(?:\s+(?P<direction>{'|'.join(sorted(MORE | LESS))}))?"
)
RANGE = r"\s+to\s+|\s*–\s*|\s*\.\.\s*"


class Stated(NamedTuple):
    """What a print says: a bound or a figure, or two that it lies between, in a unit."""

    figures: tuple[str, ...]
    relation: str = ""
    unit: str = ""
    direction: str = ""
    """``more`` or ``less``, where it is said."""
    negative: bool = False

    @property
    def sized(self) -> bool:
        """Whether it is so many bytes."""
        return self.unit in BYTES


def stated(text: str) -> Stated | None:
    """What a text says as the print of a figure, or None where it is none."""
    match = re.fullmatch(STATED, text, re.IGNORECASE) if len(text) <= SHORT_CELL else None
    if match is None:
        return None
    figures = tuple(re.split(RANGE, match["figures"]))
    if len(figures) > 2 or not all(FIGURE.fullmatch(figure) for figure in figures):
        return None
    relation = RELATIONS[match["relation"].lower()] if match["relation"] else ""
    negative = (match["sign"] or "+") in "-−"
    if len(figures) == 2 and (relation or negative or not _ascend(*figures)):
        return None
    said = (match["unit"] or "").lower()
    unit = TIMES if said in (TIMES, "x", "×") else said
    word = (match["direction"] or "").lower()
    direction = "more" if word in MORE else "less" if word in LESS else ""
    return Stated(figures, relation, unit, direction, negative)


def _ascend(low: str, high: str) -> bool:
    """Whether the second of two figures is not the smaller one, in all of their decimal places."""
    a, b = places_of(low), places_of(high)
    return last_places_of(low) * int(10**b) <= last_places_of(high) * int(10**a)
