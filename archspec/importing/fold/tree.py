"""A graph of layers as a tree: chains of layers, forks whose branches a join brings together, and what is neither."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from archspec.importing.graph import Scope


class Leaf(NamedTuple):
    """One layer, by its position in the graph."""

    layer: int


class Fork(NamedTuple):
    """Branches that start at one output, and the layer that joins them; an empty branch is that output itself."""

    join: int
    branches: tuple[Chain, ...]


class Strand(NamedTuple):
    """One row of a tangle: a chain, and the positions of the strands that it takes; -1 is what enters the tangle."""

    sources: tuple[int, ...]
    chain: Chain
    """Where it takes several, its first item is the leaf of the join."""


class Tangle(NamedTuple):
    """Layers between two outputs that are no fork: named rows say them."""

    strands: tuple[Strand, ...]


class Part(NamedTuple):
    """What one module of the other program holds."""

    scope: Scope
    chain: Chain


Item: TypeAlias = Leaf | Fork | Tangle | Part
Chain: TypeAlias = tuple[Item, ...]


def layers_of(item: Item) -> Iterator[int]:
    """The positions of all its layers."""
    if isinstance(item, Leaf):
        yield item.layer
        return
    for chain in inner(item):
        for each in chain:
            yield from layers_of(each)
    if isinstance(item, Fork):
        yield item.join


def inner(item: Item) -> tuple[Chain, ...]:
    """The chains that an item holds."""
    if isinstance(item, Fork):
        return item.branches
    if isinstance(item, Tangle):
        return tuple(strand.chain for strand in item.strands)
    return (item.chain,) if isinstance(item, Part) else ()


def shifted(item: Item, by: int) -> Item:
    """An item of a graph whose layers stand so many places later in another."""

    def chain(items: Chain) -> Chain:
        return tuple(shifted(each, by) for each in items)

    if isinstance(item, Leaf):
        return Leaf(item.layer + by)
    if isinstance(item, Fork):
        return Fork(item.join + by, tuple(map(chain, item.branches)))
    if isinstance(item, Tangle):
        return Tangle(tuple(each._replace(chain=chain(each.chain)) for each in item.strands))
    return Part(item.scope, chain(item.chain))
