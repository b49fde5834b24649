"""Ways that pass rows: which rows they lead from and to, and on which lane each runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archspec.ir.network import Row
from archspec.ir.node import IN


class Lane(NamedTuple):
    """From one row, or the input as -1, to rows below that do not stand right under it."""

    source: int
    targets: tuple[int, ...]
    track: int
    """Counted from the boxes outwards."""


def lanes_of(rows: Sequence[Row]) -> list[Lane]:
    """The lanes of a table; two that stand beside one another have tracks of their own, a short way the inner one."""
    known: dict[str, int] = {IN: -1}
    leading: dict[int, list[int]] = {}
    for i, row in enumerate(rows):
        for name in dict.fromkeys(row.sources):
            if known[name] != i - 1:
                leading.setdefault(known[name], []).append(i)
        known[row.layer] = i
    taken: list[list[tuple[int, int]]] = []
    found = []
    for source, targets in sorted(leading.items(), key=lambda each: (each[1][-1] - each[0], each[0])):
        end = targets[-1]
        track = next((i for i, spans in enumerate(taken) if _free(spans, source, end)), len(taken))
        if track == len(taken):
            taken.append([])
        taken[track].append((source, end))
        found.append(Lane(source, tuple(targets), track))
    return found


def _free(spans: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    return all(end < low or high < start for low, high in spans)


def width_of_lanes(lanes: Sequence[Lane], each: float) -> float:
    """How wide all lanes are together."""
    return each * (1 + max((lane.track for lane in lanes), default=-1)) + (each if lanes else 0)
