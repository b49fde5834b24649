"""Whether a spec has the layers of a graph: each op on its shapes, as often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from archspec import ops
from archspec.compiled import Compiled
from archspec.importing.graph import INPUT, Graph, Layer, rounded
from archspec.op import Op, Shape, made

Work = tuple[Op, tuple[Shape, ...], Shape]


def differences(graph: Graph, compiled: Compiled) -> list[str]:
    """The layers that one has and the other lacks, in words; none where they have the same."""
    wanted, found = _of_graph(graph), _of_spec(compiled)
    lines = [f"lacks {_said(work, count)}" for work, count in (wanted - found).items()]
    return lines + [f"has {_said(work, count)} too many" for work, count in (found - wanted).items()]


def _of_graph(graph: Graph) -> Counter[Work]:
    def shapes(layer: Layer) -> tuple[Shape, ...]:
        return tuple(graph.input if source == INPUT else graph.layers[source].output for source in layer.sources)

    return Counter(dict(_summed((_op(layer), shapes(layer), layer.output, 1) for layer in graph.layers)))


def _of_spec(compiled: Compiled) -> Counter[Work]:
    inferred = compiled.inferred
    rows = [*inferred.rows, *(row for rows in inferred.heads.values() for row in rows)]
    return Counter(dict(_summed((use.op, use.xs, use.y, use.times) for row in rows for use in row.uses)))


def _summed(uses: Iterator[tuple[Op | None, tuple[Shape, ...], Shape, int]]) -> Iterator[tuple[Work, int]]:
    """How often each op works on each shape, without the paths on which nothing is done."""
    found: Counter[Work] = Counter()
    for op, xs, y, times in uses:
        if op is not None and not op.passes_on:
            found[unnamed(op.replaced(**_settled(op))), _unordered(op, xs), y] += times
    yield from found.items()


def _settled(op: Op) -> dict[str, Any]:
    """The arguments of an op, also those that are not written."""
    implied = op.implied(op.__dict__)
    given = {name: getattr(op, name) for name in op.arguments}
    return {name: rounded(implied.get(name) if value is None else value) for name, value in given.items()}


def unnamed(op: Op) -> Op:
    """An op without the text that names it, which is not what it does."""
    return op if op.texted is None else op.replaced(**{op.texted: ""})


def _unordered(op: Op, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """The inputs of an op, in an order of their own where theirs changes nothing."""
    return xs if op.joins_dense or len(xs) < 2 else tuple(sorted(xs, key=lambda x: x.dims))


def _op(layer: Layer) -> Op | None:
    kind = ops.find(layer.op)
    return made(kind, layer.args) if kind is not None else None


def _said(work: Work, count: int) -> str:
    op, xs, y = work
    return f"{count} x {op!r} on {', '.join(map(str, xs))} to {y}"
