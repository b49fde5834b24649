"""Items by what the conditions come to under which they stand: without these, for one outcome, or with all settled."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from archspec.targets.torch.items import Fork, Item, Maybe, inside, settled, within


def unconditional(items: Iterable[Item]) -> list[Item]:
    """Items that are made whatever conditions come to, also inside others."""
    return [within(item, unconditional) for item in settled(items) if not isinstance(item, Maybe)]


def with_outcome(items: Iterable[Item], names: frozenset[str], holds: bool) -> list[Item]:
    """Items for one outcome of all conditions over some names alone, also inside others."""
    found: list[Item] = []
    for item in (within(item, partial(with_outcome, names=names, holds=holds)) for item in settled(items)):
        asks = isinstance(item, Maybe) and item.condition.names and item.condition.names <= names
        found += [*inside(item)] * holds if asks else [item]
    return found


def remaining(items: Iterable[Item]) -> list[Item]:
    """Items with all that is under conditions settled, also inside others, and without branches that are never left."""
    found = [within(item, remaining) for item in settled(items)]
    return [
        item._replace(branches=[branch for branch in item.branches if True in branch.left])
        if isinstance(item, Fork)
        else item
        for item in found
    ]
