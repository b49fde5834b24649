"""Which layer of one graph is which of another: both walked from what they give to what enters, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archspec import ops
from archspec.importing.check import unnamed
from archspec.importing.graph import INPUT, Graph, Layer
from archspec.op import Join, Shape, made


def pairs(one: Graph, other: Graph) -> dict[int, int] | None:
    """The layers of one graph with those of the other that do the same to the same; None where the graphs differ.

    Layers that the outputs do not need are left out. Sums and products may have their inputs in another order, and a
    concatenation may be one of others.
    """
    if len(one.outputs) != len(other.outputs):
        return None
    ours, theirs = _digests(one), _digests(other)
    found: dict[int, int] = {}
    taken: dict[int, int] = {}
    waiting = [(a.layer, b.layer) for a, b in zip(one.outputs, other.outputs, strict=True)]
    while waiting:
        a, b = waiting.pop()
        if found.get(a, b) != b or taken.get(b, a) != a or ours.get(a) != theirs.get(b):
            return None
        if a != INPUT and a not in found:
            found[a], taken[b] = b, a
            waiting += zip(_ordered(one, a, ours), _ordered(other, b, theirs), strict=True)
    return found


def _digests(graph: Graph) -> dict[int, int]:
    """For each layer a number for all that is done up to it, equal for equal layers of any graph of this process."""
    found = {INPUT: hash(("input", graph.input))}
    for place, layer in enumerate(graph.layers):
        sources = [found[source] for source in _ordered(graph, place, found)]
        entering = [graph.input if source == INPUT else graph.layers[source].output for source in layer.sources]
        found[place] = hash((layer.output, *_said(layer, entering), *sources))
    return found


def _said(layer: Layer, entering: Sequence[Shape]) -> tuple[Any, ...]:
    """What a layer does: the modules of torch that compute it, which are the same for all ways to say them."""
    kind = ops.find(layer.op)
    if kind is None or not (calls := unnamed(made(kind, layer.args)).torch(*entering)):
        return (layer.op,)
    return tuple((call.target, *map(repr, (*call.args.values(), *call.options.values()))) for call in calls)


def _ordered(graph: Graph, place: int, digests: Mapping[int, int]) -> Sequence[int]:
    """The sources of a layer: sorted where their order says nothing, those of its parts where it concatenates some."""
    layer = graph.layers[place]
    kind = ops.find(layer.op)
    if kind is not None and kind.joins_dense:
        return _laid_side_by_side(graph, layer)
    if kind is None or not issubclass(kind, Join) or not kind.computes:
        return layer.sources
    return sorted(layer.sources, key=lambda source: digests[source])


def _laid_side_by_side(graph: Graph, layer: Layer) -> list[int]:
    """What a concatenation holds, in order, whatever was concatenated first."""
    found: list[int] = []
    waiting = [*reversed(layer.sources)]
    while waiting:
        source = waiting.pop()
        if source != INPUT and graph.layers[source].op == layer.op:
            waiting += reversed(graph.layers[source].sources)
        else:
            found.append(source)
    return found
