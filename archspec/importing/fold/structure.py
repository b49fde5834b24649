"""Graph to tree: what lies between two outputs through which everything flows is a fork, where its branches are apart.

A layer's dominator is the last output through which all of its input has come. The branches of a join start at its
dominator, and where they share no layer they are chains of the same kind. Otherwise they are a tangle, in whose strands
everything that has one way in and one way out is again a fork or a tangle of its own.
"""

from __future__ import annotations

from archspec.budget import spend
from archspec.importing.fold.normal import dominators
from archspec.importing.fold.tree import Chain, Fork, Item, Leaf, Strand, Tangle
from archspec.importing.graph import Graph
from archspec.support.limits import COUNTED


def tree_of(graph: Graph, entry: int, end: int) -> Chain:
    """The layers from behind ``entry`` to ``end`` as a chain."""
    return _Builder(graph).chain(entry, end)


class _Builder:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._dominators, _ = dominators(graph)
        self._users = graph.users()

    def chain(self, entry: int, end: int) -> Chain:
        found: list[Item] = []
        while end != entry:
            spend(COUNTED)
            item, end = self._item(end)
            found.append(item)
        return tuple(reversed(found))

    def _item(self, end: int) -> tuple[Item, int]:
        """The layer, the fork or the tangle that ends in a layer, and the output that it starts from."""
        sources = self._graph.layers[end].sources
        if len(sources) == 1:
            return Leaf(end), sources[0]
        start = self._dominators[end]
        regions = [self._between(start, source) for source in sources]
        if sum(map(len, regions)) == len(frozenset().union(*regions)):
            return Fork(end, tuple(self.chain(start, source) for source in sources)), start
        return self._tangle(start, end), start

    def _between(self, start: int, end: int) -> frozenset[int]:
        """The layers on the paths from ``start`` to ``end``, without ``start``, which all paths come through."""
        found: set[int] = set()
        waiting = [end]
        while waiting:
            spend(COUNTED)
            position = waiting.pop()
            if position != start and position not in found:
                found.add(position)
                waiting += self._graph.layers[position].sources
        return frozenset(found)

    def _tangle(self, start: int, end: int) -> Tangle:
        """Rows of a region: each a run of items that nobody but the next takes."""
        items: dict[int, tuple[Item, tuple[int, ...]]] = {}
        waiting = [end]
        while waiting:
            position = waiting.pop()
            if position != start and position not in items:
                items[position] = self._within(position, start, end)
                waiting += items[position][1]
        users: dict[int, int] = {}
        for _, sources in items.values():
            for source in sources:
                users[source] = users.get(source, 0) + 1
        return Tangle(tuple(_strands(items, users, start)))

    def _within(self, position: int, start: int, end: int) -> tuple[Item, tuple[int, ...]]:
        """An item of a tangle with the outputs that it takes: one, but for the joins of the tangle itself."""
        sources = self._graph.layers[position].sources
        above = self._dominators[position]
        if len(sources) == 1 or position == end or above == start or not self._is_closed(above, position):
            return Leaf(position), sources
        item, origin = self._item(position)
        return item, (origin,)

    def _is_closed(self, start: int, end: int) -> bool:
        """Whether nothing outside takes what lies between."""
        inside = self._between(start, end)
        return all(user in inside for each in inside if each != end for user in self._users[each])


def _strands(items: dict[int, tuple[Item, tuple[int, ...]]], users: dict[int, int], start: int) -> list[Strand]:
    place = {start: -1}
    found: list[tuple[tuple[int, ...], list[Item]]] = []
    for position in sorted(items):
        item, sources = items[position]
        if len(sources) == 1 and sources[0] != start and users[sources[0]] == 1:
            place[position] = place[sources[0]]
            found[place[position]][1].append(item)
        else:
            place[position] = len(found)
            found.append((tuple(place[source] for source in sources), [item]))
    return [Strand(sources, tuple(chain)) for sources, chain in found]
