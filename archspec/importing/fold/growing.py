"""Rates that grow evenly, as those of stochastic depth: said by the last, and that they grow.

They grow from block to block. Where a block in between drops nothing, as it has no residual, it gets a layer with a
rate of 0, so that those behind it have their places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isclose
from typing import Any, NamedTuple

from archspec import ops
from archspec.budget import spend
from archspec.importing.graph import Graph, Layer, Scope, exact
from archspec.ir.node import Value
from archspec.op import Join
from archspec.support.limits import COUNTED

LEAST = 3
"""Over how many layers rates grow at least, if they are said to."""
MOST_PER_BLOCK = 8
"""How many layers of one rate a block has at most."""


class Grows(NamedTuple):
    """What a kind of layer says of its rates: their number, the switch, and how many are in a block."""

    number: str
    switch: str
    per_block: str


class Place(NamedTuple):
    """A layer that drops something, in its block."""

    layer: int
    block: Scope | None
    rate: float


def growing(graph: Graph) -> Graph:
    """The graph in which rates that grow evenly over all layers of a kind, or all blocks, are one number."""
    for op in dict.fromkeys(layer.op for layer in graph.layers):
        kind = ops.find(op)
        if kind is not None and kind.grows is not None:
            graph = _evenly(graph, op, Grows(*kind.grows))
    return graph


def _evenly(graph: Graph, op: str, says: Grows) -> Graph:
    places = [
        Place(at, layer.scopes[-2] if len(layer.scopes) > 1 else None, _number(layer.args[says.number]))
        for at, layer in enumerate(graph.layers)
        if layer.op == op
    ]
    if len(places) < LEAST:
        return graph
    rates = [place.rate for place in places]
    for many in range(1, MOST_PER_BLOCK + 1):
        if len(rates) % many == 0 and _is_even([at // many + 1 for at in range(len(rates))], rates):
            given = {says.number: exact(rates[-1]), says.switch: True, **({says.per_block: many} if many > 1 else {})}
            return _with(graph, dict.fromkeys((place.layer for place in places), given))
    return _with_gaps(graph, places, says)


def _number(value: Value) -> float:
    assert isinstance(value, int | float)
    return value


def _is_even(places: Sequence[int], rates: Sequence[float]) -> bool:
    """Whether rates are their places times one number."""
    return all(isclose(rate, rates[-1] * place / places[-1]) for place, rate in zip(places, rates, strict=True))


def _with_gaps(graph: Graph, places: Sequence[Place], says: Grows) -> Graph:
    """The graph with a layer that drops nothing in each block that has none; as it is where rates grow otherwise."""
    ends = _ends(graph, {place.block.kind for place in places if place.block})
    order = {block: at for at, block in enumerate(ends)}
    held = [order[place.block] for place in places if place.block]
    if len(held) < len(places) or len(set(held)) < len(held):
        return graph
    (first, rate), (second, other) = zip(held[:2], (places[0].rate, places[1].rate), strict=True)
    before = round(first - rate * (second - first) / (other - rate)) if other > rate else first
    if before >= first or not _is_even([at - before for at in held], [place.rate for place in places]):
        return graph
    given = {says.number: exact(places[-1].rate), says.switch: True}
    sample = graph.layers[places[0].layer]
    made = _with(graph, dict.fromkeys((place.layer for place in places), given))
    gaps = [block for block, at in order.items() if before < at < held[-1] and at not in held]
    if any(_is_join(graph.layers[ends[block]]) for block in gaps):
        return graph  # behind which nothing is dropped
    for block in reversed(gaps):
        made = _behind(made, ends[block], sample, {**given, says.number: 0.0}, block)
    return made


def _is_join(layer: Layer) -> bool:
    kind = ops.find(layer.op)
    return kind is not None and issubclass(kind, Join)


def _ends(graph: Graph, kinds: set[str]) -> dict[Scope, int]:
    """The last layer of each module of some kinds, in the order of their first."""
    found: dict[Scope, int] = {}
    for at, layer in enumerate(graph.layers):
        for scope in layer.scopes:
            if scope.kind in kinds:
                found[scope] = at
    return found


def _with(graph: Graph, given: Mapping[int, Mapping[str, Any]]) -> Graph:
    layers = [layer._replace(args=given.get(at, layer.args)) for at, layer in enumerate(graph.layers)]
    return graph._replace(layers=tuple(layers))


def _behind(graph: Graph, at: int, sample: Layer, args: Mapping[str, Any], block: Scope) -> Graph:
    """The graph with one more layer of a block behind its last, whose output all take in its place."""
    spend(COUNTED * len(graph.layers))
    last, own = graph.layers[at], sample.scopes[-1]
    name = own.path.rpartition(".")[2]
    within = last.scopes[: last.scopes.index(block) + 1]
    more = Layer(sample.op, args, (at,), last.output, (*within, Scope(f"{block.path}.{name}", own.kind)))

    def later(layer: Layer) -> Layer:
        return layer._replace(sources=tuple(source + (source >= at) for source in layer.sources))

    layers = (*graph.layers[: at + 1], more, *map(later, graph.layers[at + 1 :]))
    outputs = tuple(output._replace(layer=output.layer + (output.layer >= at)) for output in graph.outputs)
    return graph._replace(layers=layers, outputs=outputs)
