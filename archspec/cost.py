"""Shapes to figures: one ``RowCost`` a row, and the totals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archspec.conventions import Counting
from archspec.ir import Network
from archspec.op import Shape, Weighted
from archspec.shapes import Lens, Shaped


class RowCost(NamedTuple):
    """What one row of the table costs, for one image, under the network's counting rule."""

    layer: str
    op: str
    input: Shape
    output: Shape
    params: int
    mult_adds: int
    activations: int
    connections: int
    receptive_field: tuple[int, int]
    """H x W of the input that one output position sees, padding included."""


class Totals(NamedTuple):
    """The sums over all rows, and the number of layers that papers count as weight layers."""

    params: int
    mult_adds: int
    activations: int
    connections: int
    weight_layers: int


def rows_of(shaped: Sequence[Shaped], counting: Counting) -> list[RowCost]:
    """The costs of the rows that have shapes."""
    rows: list[RowCost] = []
    lens = Lens()
    for item in shaped:
        if item.x is None or item.y is None:
            continue
        lens = lens.then(item.lens)
        entry = not rows and not item.uses and counting.with_input
        rows.append(
            RowCost(
                layer=item.row.layer,
                op=item.row.op,
                input=item.x,
                output=item.y,
                params=sum(use.times * counting.params(use.op, use.x) for use in item.uses),
                mult_adds=sum(use.times * counting.mult_adds(use.op, use.y, use.x) for use in item.uses),
                activations=sum(use.times * counting.activations(use.op, use.y) for use in item.uses)
                + (item.y.size if entry else 0),
                connections=sum(use.times * counting.connections(use.op, use.y, use.x) for use in item.uses),
                receptive_field=lens.field,
            )
        )
    return rows


def totals_of(network: Network, shaped: Sequence[Shaped], rows: Sequence[RowCost], counting: Counting) -> Totals:
    """The sums; the input counts among the activations once, if the rule says so, also without a row of its own."""
    own_row = bool(shaped) and not shaped[0].uses
    entry = network.input_shape.size if counting.with_input and not own_row else 0
    return Totals(
        params=sum(row.params for row in rows),
        mult_adds=sum(row.mult_adds for row in rows),
        activations=sum(row.activations for row in rows) + entry,
        connections=sum(row.connections for row in rows),
        weight_layers=sum(use.times for item in shaped for use in item.uses if isinstance(use.op, Weighted)),
    )
