"""The modules of the other program, laid over a tree: which items of a chain one module holds, and what it is called."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from archspec.importing.fold.normal import common
from archspec.importing.fold.tree import Chain, Fork, Item, Leaf, Part, Strand, Tangle, layers_of
from archspec.importing.graph import Graph, Scope


def in_parts(graph: Graph, chain: Chain, depth: int = 0) -> Chain:
    """The chain with neighbouring items of one module in a part; ``depth`` modules around it are known."""
    found: list[Item] = []
    for scope, run in groupby(chain, lambda item: _scope_at(graph, item, depth)):
        items = tuple(run)
        if scope is None:
            found += [_opened(graph, item) for item in items]
        elif len(items) == 1 and isinstance(items[0], Leaf) and len(graph.layers[items[0].layer].scopes) == depth + 1:
            found += items
        else:
            found.append(_part(scope, in_parts(graph, items, depth + 1)))
    return tuple(found)


def _part(scope: Scope, inside: Chain) -> Part:
    """A module; one that holds another and nothing else is one with it, under the name that says more."""
    if len(inside) == 1 and isinstance(inside[0], Part):
        inner = inside[0]
        return Part(inner.scope if is_container(scope.kind) else scope, inner.chain)
    return Part(scope, inside)


CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict", "SequentialBlock", "Module"})
"""Kinds of modules that say nothing of what they hold."""


def is_container(kind: str) -> bool:
    """Whether a kind of module says nothing of what it holds."""
    return kind in CONTAINERS


def scopes_of(graph: Graph, item: Item) -> tuple[Scope, ...]:
    """The modules that hold an item; a join counts only where it stands deeper than what it joins, or joins nothing.

    DenseNet's layers join what came before in the layer behind.
    """
    if isinstance(item, Leaf):
        return graph.layers[item.layer].scopes
    inside = list(layers_of(item))
    if isinstance(item, Fork):
        inside.remove(item.join)
        joins = common([graph.layers[item.join].scopes, *(graph.layers[layer].scopes for layer in inside)])
        held = common([graph.layers[layer].scopes for layer in inside])
        return held if inside and _is_module(graph, inside, held) else joins
    return common([graph.layers[layer].scopes for layer in inside])


def _is_module(graph: Graph, inside: Sequence[int], scopes: tuple[Scope, ...]) -> bool:
    """Whether the layers are several, so that the module that holds them is no layer."""
    return len(inside) > 1 and bool(scopes)


def _scope_at(graph: Graph, item: Item, depth: int) -> Scope | None:
    scopes = scopes_of(graph, item)
    return scopes[depth] if len(scopes) > depth else None


def _opened(graph: Graph, item: Item) -> Item:
    """An item whose own chains are in parts too."""
    if isinstance(item, Fork):
        depth = len(scopes_of(graph, item))
        return Fork(item.join, tuple(in_parts(graph, branch, depth) for branch in item.branches))
    if isinstance(item, Tangle):
        depth = len(scopes_of(graph, item))
        return Tangle(tuple(Strand(each.sources, in_parts(graph, each.chain, depth)) for each in item.strands))
    return item
