"""Conditions of a block's steps by what is known of its uses: ``s == 1 and in == c``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from archspec.arguments import STRIDES
from archspec.importing.fold.amounts import Values
from archspec.importing.fold.parameters import Open

Holds = Callable[[int], bool]
"""Whether a condition holds in a use."""


def conditions(
    parameters: Sequence[Open], enters: Values, leaves: Values, out: str | None
) -> Iterator[tuple[str, Holds]]:
    """What may be said of uses, the plainest first, with what it is for each; ``out`` says the channels that leave."""
    for each in parameters:
        if each.is_switch:
            yield each.name, partial(_holds, each.values, bool)
            yield f"not {each.name}", partial(_holds, each.values, lambda value: not value)
    numbers = [each for each in parameters if each.is_number]
    # A stride that is open is 1.
    strides = {each.name: [value or 1 for value in each.values] for each in numbers if each.name in STRIDES}
    for name, steps in strides.items():
        yield f"{name} == 1", partial(_holds, steps, lambda value: value == 1)
        yield f"{name} > 1", partial(_holds, steps, lambda value: value > 1)
    if out is not None:
        yield f"in == {out}", partial(_equal, enters, leaves)
        yield f"in != {out}", partial(_differ, enters, leaves)
        for name, steps in strides.items():
            yield f"{name} == 1 and in == {out}", partial(_stays, steps, enters, leaves)
            yield f"{name} > 1 or in != {out}", partial(_changes, steps, enters, leaves)
    for each in numbers:
        if each.name not in strides and None not in each.values:
            yield f"{each.name} > 0", partial(_holds, each.values, lambda value: value > 0)
            yield f"{each.name} > 1", partial(_holds, each.values, lambda value: value > 1)
            yield f"{each.name} == 1", partial(_holds, each.values, lambda value: value == 1)
            yield f"{each.name} != in", partial(_differ, each.values, enters)
            yield f"{each.name} == in", partial(_equal, each.values, enters)


def _holds(values: Values, holds: Callable[[Any], bool], use: int) -> bool:
    return values[use] is not None and holds(values[use])


def _equal(values: Values, others: Values, use: int) -> bool:
    return values[use] == others[use]


def _differ(values: Values, others: Values, use: int) -> bool:
    return values[use] is not None and values[use] != others[use]


def _stays(strides: Values, enters: Values, leaves: Values, use: int) -> bool:
    return strides[use] == 1 and enters[use] == leaves[use]


def _changes(strides: Values, enters: Values, leaves: Values, use: int) -> bool:
    return not _stays(strides, enters, leaves, use)
