"""Shapes to figures: one ``RowCost`` a row, and the totals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archspec.conventions import Counting
from archspec.ir import Network
from archspec.op import Shape, Weighted
from archspec.shapes import Shaped


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
    field, jump = (1, 1), (1, 1)
    for item in shaped:
        if item.x is None or item.y is None:
            continue
        field, jump = _seen(item, field, jump)
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
                receptive_field=field,
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


def _seen(item: Shaped, field: tuple[int, int], jump: tuple[int, int]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Receptive field and stride after a row: each window of k adds (k - 1) times the stride so far."""
    for use in item.uses:
        window = use.op.window(use.x)
        field, jump = _widened(field, jump, window.extent, window.stride, use.times)
    return field, jump


def _widened(
    field: tuple[int, int], jump: tuple[int, int], extent: tuple[int, int], stride: tuple[int, int], times: int
) -> tuple[tuple[int, int], tuple[int, int]]:
    axes = [_axis(*values, times) for values in zip(field, jump, extent, stride, strict=True)]
    return (axes[0][0], axes[1][0]), (axes[0][1], axes[1][1])


def _axis(field: int, jump: int, extent: int, stride: int, times: int) -> tuple[int, int]:
    if stride == 1:
        return field + times * (extent - 1) * jump, jump
    # A geometric series; a strided layer repeats at one shape on maps of one pixel alone.
    for _ in range(min(times, 64)):
        field, jump = field + (extent - 1) * jump, jump * stride
    return field, jump
