"""Chains that have most of their steps in common, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from archspec.budget import spend
from archspec.support.limits import WALKED

MOST_PAIRS = 2500
"""Pairs of steps that are compared where chains differ: two chains of 50 steps, and those of papers have five."""


class Differ(Exception):
    """Blocks differ in more than the values that are fixed in them."""


Slot = dict[int, Any]
"""What stands in one place of the chains that have a step there, by their numbers."""


def slots(chains: Mapping[int, Sequence[Any]], fit: Callable[[Slot], bool]) -> list[Slot]:
    """The places of all chains in order, each with the steps that can be one step there."""
    found: list[Slot] = []
    for number, chain in chains.items():
        pairs = _matched(found, chain, lambda slot, step, number=number: fit(slot | {number: step}))  # type: ignore[misc]
        made: list[Slot] = []
        at = 0
        for place, slot in enumerate(found):
            if place in pairs:
                made += [{number: step} for step in chain[at : pairs[place]]]
                slot = slot | {number: chain[pairs[place]]}
                at = pairs[place] + 1
            made.append(slot)
        found = made + [{number: step} for step in chain[at:]]
    return found


def _matched(one: Sequence[Any], other: Sequence[Any], fit: Callable[[Any, Any], bool]) -> dict[int, int]:
    """Places of both sequences that belong together: as many as there can be without crossing."""
    spend(WALKED * (1 + len(one)))
    if len(one) == len(other) and all(fit(a, b) for a, b in zip(one, other, strict=True)):
        return {i: i for i in range(len(one))}
    if len(one) * len(other) > MOST_PAIRS:
        raise Differ
    spend(WALKED * len(one) * len(other))
    best = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    fits = [[fit(a, b) for b in other] for a in one]
    for i in reversed(range(len(one))):
        for j in reversed(range(len(other))):
            both = best[i + 1][j + 1] + 1 if fits[i][j] else 0
            best[i][j] = max(both, best[i + 1][j], best[i][j + 1])
    found: dict[int, int] = {}
    i = j = 0
    while i < len(one) and j < len(other):
        if fits[i][j] and best[i][j] == best[i + 1][j + 1] + 1:
            found[i] = j
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return found
