"""The modules of the other program, laid over a tree: which items of a chain one module holds, and its name."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from archspec.importing.fold.normal import common
from archspec.importing.fold.tree import Chain, Fork, Item, Leaf, Part, Strand, Tangle, layers_of
from archspec.importing.graph import Graph, Scope


def in_parts(graph: Graph, chain: Chain) -> Chain:
    """The chain with neighbouring items of one module in a part, in forks and tangles too."""
    return _Parts(graph).of(chain, 0)


class _Parts:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._layers = Counter(scope.path for layer in graph.layers for scope in layer.scopes)

    def of(self, chain: Chain, depth: int) -> Chain:
        """A chain in parts, of which so many modules around it are known."""
        found: list[Item] = []
        for scope, run in groupby(chain, lambda item: self._scope_at(item, depth)):
            items = tuple(run)
            if scope is None:
                found += [self._opened(item) for item in items]
            elif len(items) == 1 and isinstance(items[0], Leaf) and self._is_own(items[0].layer, depth):
                found += items
            else:
                found += self._part(scope, self.of(items, depth + 1))
        return tuple(found)

    def _part(self, scope: Scope, inside: Chain) -> Chain:
        """A module. One that holds another and nothing else is one with it, under the name that says more; of one that
        is in pieces, which take what others give, its items."""
        if sum(1 for item in inside for _ in layers_of(item)) < self._layers[scope.path]:
            return inside
        if len(inside) == 1 and isinstance(inside[0], Part):
            inner = inside[0]
            return (Part(Scope(scope.path, inner.scope.kind) if is_container(scope.kind) else scope, inner.chain),)
        return (Part(scope, inside),)

    def _is_own(self, layer: int, depth: int) -> bool:
        """Whether the module at a depth is the layer itself."""
        return len(self._graph.layers[layer].scopes) == depth + 1

    def _scope_at(self, item: Item, depth: int) -> Scope | None:
        scopes = scopes_of(self._graph, item)
        return scopes[depth] if len(scopes) > depth else None

    def _opened(self, item: Item) -> Item:
        """An item whose own chains are in parts too."""
        depth = len(scopes_of(self._graph, item))
        if isinstance(item, Fork):
            return Fork(item.join, tuple(self.of(branch, depth) for branch in item.branches))
        if isinstance(item, Tangle):
            return Tangle(tuple(self._strand(strand, depth) for strand in item.strands))
        return item

    def _strand(self, strand: Strand, depth: int) -> Strand:
        """A row of a tangle; its join belongs to no module, as that would have to take several inputs."""
        joins = len(strand.sources) > 1
        head = strand.chain[:joins]
        return Strand(strand.sources, head + self.of(strand.chain[joins:], depth))


CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict", "SequentialBlock", "Module"})
"""Kinds of modules that say nothing of what they hold."""


def is_container(kind: str) -> bool:
    """Whether a kind of module says nothing of what it holds."""
    return kind in CONTAINERS


def scopes_of(graph: Graph, item: Item) -> tuple[Scope, ...]:
    """The modules that hold an item. A join counts as what it joins: DenseNet's layers join in the layer behind."""
    if isinstance(item, Leaf):
        return graph.layers[item.layer].scopes
    inside = list(layers_of(item))
    held = [graph.layers[layer].scopes for layer in inside if not isinstance(item, Fork) or layer != item.join]
    alone = isinstance(item, Fork) and len(held) < 2
    return common([graph.layers[layer].scopes for layer in inside] if alone or not held else held)
