"""What a network is as volumes: the maps and vectors that its layers make, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archspec.analysis.inferred import Shaped
from archspec.analysis.result import Result
from archspec.budget import spend
from archspec.ir.network import Apply, Branches, Graph, Group, Instance, Repeat, Row, Step
from archspec.ir.walking import every_step
from archspec.op import Op, Shape, Window
from archspec.support.limits import WALKED

MOST_IN_A_ROW = 6
"""Volumes that a row of the table is drawn as; a row of more is one, with its number of repetitions."""
UNSEEN = ("norm", "activation")
"""Kinds of layers that change no shape."""


class Volume(NamedTuple):
    """What a layer makes, or a row of layers that are not looked into."""

    name: str
    """The row, with how often it repeats where it is one volume."""
    kind: str
    """Of the layer: ``conv``, ``pool``, ``fc``; ``input`` and ``block`` as well."""
    shape: Shape
    window: Window | None = None
    """What one of its positions sees of the volume before it; None of a row that is not looked into."""
    groups: int = 1
    """The parts that its channels are made in, each from a part of those before."""
    first: bool = False
    """Whether its row begins with it."""


def joined(rows: Sequence[Row]) -> Row | None:
    """The first row that takes more than what the row above it gives, so that the network is no chain; None in one."""
    above = "in"
    for row in rows:
        if row.sources not in ((), (above,)):
            return row
        above = row.layer
    return None


def volumes_of(result: Result) -> Iterator[Volume]:
    """The input and what the rows make, in order, without what changes no shape."""
    yield Volume("input", "input", result.network.input_shape, first=True)
    for item in result.inferred.rows:
        yield from _of_row(item)


def _of_row(item: Shaped) -> Iterator[Volume]:
    x, y, steps = item.x, item.y, item.row.steps
    if x is None or y is None or steps is None:
        return
    try:
        layers = list(_layers(steps, x))
    except _Deep:
        yield Volume(_repeated(item.row), _kind(item), y, first=True)
        return
    first = True
    for op, before, after in layers:
        if _is_seen(op, before, after):
            groups = getattr(op, "groups", 1)
            yield Volume(item.row.layer, op.drawn_as, after, op.window(before), groups, first)
            first = False


class _Deep(Exception):
    """A row holds blocks, or more layers than are drawn one by one."""


def _layers(steps: Sequence[Step], x: Shape) -> Iterator[tuple[Op, Shape, Shape]]:
    """The layers of steps that are a chain of few, each with its input and its output."""
    count = 0
    for op in _ops(steps):
        spend(WALKED)
        y = op.infer(x)
        count += _is_seen(op, x, y)
        if count > MOST_IN_A_ROW:
            raise _Deep
        yield op, x, y
        x = y


def _ops(steps: Sequence[Step]) -> Iterator[Op]:
    for step in steps:
        if isinstance(step, Apply):
            op, _ = step.own
            if op is None or op.arity != 1:
                raise _Deep
            yield op
        elif isinstance(step, Group):
            yield from _ops(step.steps)
        elif isinstance(step, Repeat) and isinstance(step.times.value, int) and step.times.value <= MOST_IN_A_ROW:
            for times, inner in step.runs(step.times.value):
                for _ in range(times):
                    yield from _ops(inner)
        else:
            raise _Deep


def _is_seen(op: Op, x: Shape, y: Shape) -> bool:
    """Whether a layer makes a volume of its own: those that only change values do not, nor views of their input."""
    return op.drawn_as not in UNSEEN and not op.view and (op.drawn_as != "other" or x != y)


def _kind(item: Shaped) -> str:
    """Of a row that is not looked into: a block, or the kind of most of its layers."""
    if any(isinstance(step, Instance | Branches | Graph) for step in every_step(item.row.steps or ())):
        return "block"
    return next((use.op.drawn_as for use in item.uses if use.op.drawn_as not in UNSEEN), "other")


def _repeated(row: Row) -> str:
    """The name of a row, with how often it repeats where it is one repetition."""
    (step, *others) = row.steps or (None,)
    if others or not isinstance(step, Repeat) or step.times.value is None:
        return row.layer
    return f"{row.layer} ×{step.times.value}"
