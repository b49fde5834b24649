"""A graph in its plainest form, before it is read as a tree: what changes nothing goes, and growing joins are nested.

DenseNet as libraries write it joins all outputs so far at each layer. The channels of ``concat(a, b, c)`` are those of
``concat(concat(a, b), c)``, so that where the inner join is there already, the outer one takes its output.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from archspec import ops
from archspec.budget import spend
from archspec.importing.fold.growing import growing
from archspec.importing.graph import INPUT, Graph, Layer, Scope
from archspec.op import Elementwise, Op, Refused, Shape, made
from archspec.support.limits import COUNTED

PAD = "pad"


def normalised(graph: Graph) -> Graph:
    """The graph without what nobody takes and what does nothing, with joins as few and as small as they can be."""
    graph = growing(_padded_alike(_nested(_without(graph, _idle(graph)))))
    while (grouped := _grouped(graph)) is not graph:
        graph = grouped
    return graph


def kind_of(layer: Layer) -> type[Op] | None:
    """The op of a layer; None where it is opaque."""
    return ops.find(layer.op)


def _idle(graph: Graph) -> Mapping[int, int]:
    """Layers that do nothing, each with the one in whose place it stands: what takes one input and is a join or
    an identity, and a flattening before a fully connected layer, which flattens by itself."""
    users = graph.users()
    found = {}
    for position, layer in enumerate(graph.layers):
        kind = kind_of(layer)
        if kind is None or len(layer.sources) != 1:
            continue
        nothing = kind.arity is None or kind.passes_on
        if nothing or (kind.flattens and not kind.makes and _ends_in_flattening(graph, users, position)):
            found[position] = layer.sources[0]
    return found


def _ends_in_flattening(graph: Graph, users: Sequence[Sequence[int]], position: int) -> bool:
    """Whether all that takes the layer flattens by itself, perhaps behind layers that work on single elements."""
    waiting = list(users[position])
    if not waiting:
        return False
    while waiting:
        spend(COUNTED)
        user = waiting.pop()
        kind = kind_of(graph.layers[user])
        if kind is None:
            return False
        if kind.flattens:
            continue
        if not issubclass(kind, Elementwise) or not users[user]:
            return False
        waiting += users[user]
    return True


def _without(graph: Graph, idle: Mapping[int, int]) -> Graph:
    """The graph without these layers, and without what no output needs."""

    def real(position: int) -> int:
        while position in idle:
            position = idle[position]
        return position

    needed: set[int] = set()
    waiting = [real(output.layer) for output in graph.outputs]
    while waiting:
        position = waiting.pop()
        if position != INPUT and position not in needed:
            spend(COUNTED)
            needed.add(position)
            waiting += [real(source) for source in graph.layers[position].sources]
    kept = sorted(needed)
    place = {INPUT: INPUT} | {old: new for new, old in enumerate(kept)}
    layers = [
        graph.layers[old]._replace(sources=tuple(place[real(source)] for source in graph.layers[old].sources))
        for old in kept
    ]
    outputs = tuple(output._replace(layer=place[real(output.layer)]) for output in graph.outputs)
    return graph._replace(layers=tuple(layers), outputs=outputs)


def _padded_alike(graph: Graph) -> Graph:
    """The graph in which layers of one kind say their padding by the word that some need, where that pads the same: at
    stride 1, TensorFlow's padding is the usual one."""
    words = {layer.op: word for layer in graph.layers if isinstance(word := layer.args.get(PAD), str)}
    layers = [_padded_by(graph, layer, words[layer.op]) if layer.op in words else layer for layer in graph.layers]
    return graph._replace(layers=tuple(layers))


def _padded_by(graph: Graph, layer: Layer, word: str) -> Layer:
    kind = kind_of(layer)
    assert kind is not None
    own, other = made(kind, layer.args), made(kind, {**layer.args, PAD: word})
    enters = [graph.input if source == INPUT else graph.layers[source].output for source in layer.sources]
    pads = any(own.implied(own.__dict__).get(PAD, ()))
    is_alike = pads and _is_allowed(other, enters) and own.torch(*enters) == other.torch(*enters)
    return layer._replace(args={**layer.args, PAD: word}) if is_alike else layer


def _is_allowed(op: Op, enters: Sequence[Shape]) -> bool:
    try:
        op.check(*enters)
    except Refused:
        return False
    return True


def _nested(graph: Graph) -> Graph:
    """Each join of channels takes the longest join there is of its first inputs, in their place."""
    known: dict[tuple[int, ...], int] = {}
    layers = list(graph.layers)
    idle: dict[int, int] = {}
    for position, layer in enumerate(layers):
        kind = kind_of(layer)
        if kind is None or not kind.joins_dense or layer.args:
            continue
        sources = layer.sources
        spend(COUNTED * len(sources))
        if sources in known:
            idle[position] = known[sources]
            continue
        for many in range(len(sources) - 1, 1, -1):
            if sources[:many] in known:
                layers[position] = layer._replace(sources=(known[sources[:many]], *sources[many:]))
                break
        known[sources] = position
    return _without(graph._replace(layers=tuple(layers)), idle)


def _grouped(graph: Graph) -> Graph:
    """The graph with a join of their own for neighbouring inputs of a join of channels that come from one layer, where
    others do not: two ends of one branch. The same graph where there are none."""
    above, _ = dominators(graph)
    for position, layer in enumerate(graph.layers):
        kind = kind_of(layer)
        if kind is None or not kind.joins_dense or layer.args:
            continue
        origins = [_origin(above, above[position], source) for source in layer.sources]
        many = [(origin, len(list(run))) for origin, run in groupby(origins)]
        start = 0
        for origin, count in many:
            if count > 1 and len(many) > 1 and origin is not None:
                return _inserted(graph, position, start, count)
            start += count
    return graph


def _origin(above: Sequence[int], start: int, position: int) -> int | None:
    """The first layer behind ``start`` through which all comes that reaches a layer; None where that is ``start``."""
    if position == start:
        return None
    while above[position] != start:
        spend(COUNTED)
        position = above[position]
    return position


def _inserted(graph: Graph, position: int, start: int, count: int) -> Graph:
    """The graph with a join of some of the inputs of a join before it."""
    join = graph.layers[position]
    inner = join.sources[start : start + count]
    shapes = [graph.layers[source].output if source != INPUT else graph.input for source in inner]
    made = join._replace(
        sources=inner,
        output=shapes[0]._replace(channels=sum(shape.channels for shape in shapes)),
        scopes=common([graph.layers[source].scopes for source in inner if source != INPUT]),
    )
    outer = join._replace(sources=(*join.sources[:start], position, *join.sources[start + count :]))

    def later(layer: Layer) -> Layer:
        return layer._replace(sources=tuple(source + (source >= position) for source in layer.sources))

    layers = (*graph.layers[:position], made, outer, *map(later, graph.layers[position + 1 :]))
    outputs = tuple(output._replace(layer=output.layer + (output.layer >= position)) for output in graph.outputs)
    return graph._replace(layers=layers, outputs=outputs)


def common(scopes: Sequence[tuple[Scope, ...]]) -> tuple[Scope, ...]:
    """The modules that hold all of some layers."""
    if not scopes:
        return ()
    found = []
    for at_depth in zip(*scopes, strict=False):
        if len(set(at_depth)) > 1:
            break
        found.append(at_depth[0])
    return tuple(found)


def dominators(graph: Graph) -> tuple[list[int], list[int]]:
    """For each layer its immediate dominator, through which all of its input has come last; and its depth."""
    depth = {INPUT: 0}
    above: dict[int, int] = {}
    for position, layer in enumerate(graph.layers):
        spend(COUNTED)
        first, *others = layer.sources
        for other in others:
            while first != other:
                if depth[first] >= depth[other]:
                    first = above[first]
                else:
                    other = above[other]
        above[position], depth[position] = first, depth[first] + 1
    order = range(len(graph.layers))
    return [above[each] for each in order], [depth[each] for each in order]
