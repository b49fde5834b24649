"""Shapes to figures: one ``RowCost`` a row, and the totals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archspec.budget import spend
from archspec.conventions import Counting
from archspec.flows import Inferred, Shaped
from archspec.ir import Network
from archspec.limits import COUNTED
from archspec.op import Shape


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
    stride: tuple[float, float]
    """How far apart in the input two neighbouring output positions stand, (H, W)."""
    centre: tuple[float, float]
    """Where the first output position looks, in pixels from the first of the input, (H, W)."""
    kept: int
    """Elements that training keeps for the backward pass of the row."""


class Totals(NamedTuple):
    """The sums over all rows, and the number of weight layers on the longest way through the network."""

    params: int
    mult_adds: int
    activations: int
    connections: int
    weight_layers: int
    kept: int
    """Elements that training keeps for the backward pass."""


def rows_of(shaped: Sequence[Shaped], counting: Counting, first: bool = True) -> list[RowCost]:
    """The costs of the rows that have shapes; the first may stand for the input."""
    rows: list[RowCost] = []
    for item in shaped:
        if item.x is None or item.y is None or item.lens is None:
            continue
        spend(COUNTED * (1 + len(item.uses)), item.row.place)
        entry = first and not rows and not item.uses and counting.with_input
        rows.append(
            RowCost(
                layer=item.row.layer,
                op=item.row.op,
                input=item.x,
                output=item.y,
                params=sum(use.times * counting.params(use.op, *use.xs) for use in item.uses),
                mult_adds=sum(use.times * counting.mult_adds(use.op, use.y, *use.xs) for use in item.uses),
                activations=sum(use.times * counting.activations(use.op, use.y) for use in item.uses)
                + (item.y.size if entry else 0),
                connections=sum(use.times * counting.connections(use.op, use.y, *use.xs) for use in item.uses),
                receptive_field=item.lens.field,
                stride=item.lens.stride,
                centre=item.lens.centre,
                kept=item.kept,
            )
        )
    return rows


def totals_of(network: Network, inferred: Inferred, counting: Counting) -> Totals:
    """The sums, with those of the heads if the rule says so; the input counts among the activations once, likewise."""
    heads = [item for rows in inferred.heads.values() for item in rows] if counting.with_heads else []
    shaped = [*inferred.rows, *heads]
    rows = rows_of(inferred.rows, counting) + rows_of(heads, counting, first=False)
    own_row = bool(shaped) and not shaped[0].uses
    entry = network.input_shape.size if counting.with_input and not own_row else 0
    return Totals(
        params=sum(row.params for row in rows),
        mult_adds=sum(row.mult_adds for row in rows),
        activations=sum(row.activations for row in rows) + entry,
        connections=sum(row.connections for row in rows),
        weight_layers=inferred.rows[-1].depth if inferred.rows else 0,
        kept=sum(row.kept for row in rows),
    )
