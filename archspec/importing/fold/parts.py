"""The modules of the other program, laid over a tree: which items of a chain one module holds, and its name."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from archspec import ops
from archspec.importing.fold.normal import common
from archspec.importing.fold.tree import Chain, Fork, Item, Leaf, Part, Strand, Tangle, layers_of
from archspec.importing.graph import INPUT, Graph, Scope


def in_parts(graph: Graph, chain: Chain) -> Chain:
    """The chain with neighbouring items of one module in a part, in forks and tangles too."""
    return _Parts(graph).of(chain, 0)


class _Parts:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._layers = Counter(scope.path for layer in graph.layers for scope in layer.scopes)
        self._behind = _joined_behind(graph)
        self._kinds = Counter(scope.kind for scope in {scope for layer in graph.layers for scope in layer.scopes})

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
            kind = inside[0].scope.kind if self._says_less(scope, inside[0].scope) else scope.kind
            return (Part(Scope(scope.path, kind), inside[0].chain),)
        return (Part(scope, inside),)

    def _says_less(self, scope: Scope, inner: Scope) -> bool:
        """Whether a module says less than the only one in it: a container, or a stage that has several elsewhere."""
        return is_container(scope.kind) or (
            not is_container(inner.kind) and self._kinds[inner.kind] > self._kinds[scope.kind]
        )

    def _is_own(self, layer: int, depth: int) -> bool:
        """Whether the module at a depth is the layer itself."""
        return len(self._graph.layers[layer].scopes) == depth + 1

    def _scope_at(self, item: Item, depth: int) -> Scope | None:
        scopes = self._scopes_of(item)
        return scopes[depth] if len(scopes) > depth else None

    def _scopes_of(self, item: Item) -> tuple[Scope, ...]:
        """The modules that hold an item: of a fork those of its join where they are around it; else those of what is
        joined, as DenseNet's layers are joined in the layer behind."""
        layers = self._graph.layers
        if isinstance(item, Leaf):
            return layers[item.layer].scopes
        inside = list(layers_of(item))
        if not isinstance(item, Fork) or len(inside) == 1:
            return common([layers[layer].scopes for layer in inside])
        join = layers[item.join].scopes
        held = common([layers[layer].scopes for layer in inside if layer != item.join])
        if len(inside) == 2 and held[: len(join)] != join:
            return common([held, join])
        inner = held[len(join)].kind if len(held) > len(join) else ""
        return join if held[: len(join)] == join and inner not in self._behind else held

    def _opened(self, item: Item) -> Item:
        """An item whose own chains are in parts too."""
        depth = len(self._scopes_of(item))
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


def _joined_behind(graph: Graph) -> set[str]:
    """The kinds of modules whose output is joined in the next one of the kind, as DenseNet's layers are."""
    found = set()
    for layer in graph.layers:
        kind = ops.find(layer.op)
        if kind is None or not kind.joins_dense or not layer.scopes:
            continue
        (path, own), depth = layer.scopes[-1], len(layer.scopes) - 1
        for source in layer.sources:
            scopes = graph.layers[source].scopes if source != INPUT else ()
            if len(scopes) > depth and scopes[depth].kind == own and scopes[depth].path != path:
                found.add(own)
    return found
