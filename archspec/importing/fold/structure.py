"""Graph to tree: what lies between two outputs through which everything flows is a fork, where its branches are apart.

A layer's dominator is the last output through which all of its input has come. The branches of a join start at its
dominator, and where they share no layer they are chains of the same kind.
"""

from __future__ import annotations


from archspec.budget import spend
from archspec.importing.fold.normal import dominators
from archspec.importing.fold.tree import Chain, Fork, Item, Leaf, Strand, Tangle
from archspec.importing.graph import INPUT, Graph
from archspec.support.limits import COUNTED


def tree_of(graph: Graph, entry: int, end: int) -> Chain:
    """The layers from behind ``entry`` to ``end`` as a chain."""
    return _Builder(graph).chain(entry, end)


class _Builder:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._dominators, _ = dominators(graph)

    def chain(self, entry: int, end: int) -> Chain:
        found: list[Item] = []
        while end != entry:
            spend(COUNTED)
            sources = self._graph.layers[end].sources
            if len(sources) == 1:
                found.append(Leaf(end))
                end = sources[0]
            else:
                start = self._dominators[end]
                found.append(self._joined(start, end))
                end = start
        return tuple(reversed(found))

    def _joined(self, start: int, join: int) -> Item:
        sources = self._graph.layers[join].sources
        if all(self._between(start, source) is not None for source in sources):
            regions = [self._between(start, source) or frozenset() for source in sources]
            if sum(map(len, regions)) == len(frozenset().union(*regions)):
                return Fork(join, tuple(self.chain(start, source) for source in sources))
        return self._tangle(start, join)

    def _between(self, start: int, end: int) -> frozenset[int] | None:
        """The layers on the paths from ``start`` to ``end``, without ``start``; None where a path comes from before."""
        found: set[int] = set()
        waiting = [end]
        while waiting:
            spend(COUNTED)
            position = waiting.pop()
            if position == start or position in found:
                continue
            if position == INPUT or position < start:
                return None
            found.add(position)
            waiting += self._graph.layers[position].sources
        return frozenset(found)

    def _tangle(self, start: int, end: int) -> Tangle:
        """Rows of a region: each a run of layers that nobody but the next takes."""
        inside = sorted(self._between(start, end) or ())
        uses = self._graph.users()
        strand_of: dict[int, int] = {start: -1}
        strands: list[tuple[tuple[int, ...], list[Item]]] = []
        for position in inside:
            sources = self._graph.layers[position].sources
            goes_on = len(sources) == 1 and sources[0] != start and len(set(uses[sources[0]])) == 1
            if goes_on:
                strand_of[position] = strand_of[sources[0]]
                strands[strand_of[position]][1].append(Leaf(position))
            else:
                strand_of[position] = len(strands)
                strands.append((tuple(strand_of[source] for source in sources), [Leaf(position)]))
        return Tangle(tuple(Strand(sources, tuple(chain)) for sources, chain in strands))
