"""Shapes to figures: one ``RowCost`` a row, and the totals."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from archspec.analysis.inferred import Inferred, Shaped
from archspec.budget import spend
from archspec.counting.conventions import Counting
from archspec.counting.quantities import ACTIVATIONS, SUMS
from archspec.ir.network import Network
from archspec.op import Op, Shape
from archspec.support.limits import COUNTED, MOST_REMEMBERED


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
        work = [(use.times, amounts(counting.rules, use.op, use.y, use.xs)) for use in item.uses]
        sums: dict[str, Any] = {
            quantity.field: sum([times * each[i] for times, each in work]) for i, quantity in enumerate(SUMS)
        }
        if entry:
            sums[ACTIVATIONS.field] += item.y.size
        rows.append(
            RowCost(
                layer=item.row.layer,
                op=item.row.op,
                input=item.x,
                output=item.y,
                **sums,
                receptive_field=item.lens.field,
                stride=item.lens.stride,
                centre=item.lens.centre,
                kept=item.kept,
            )
        )
    return rows


@lru_cache(MOST_REMEMBERED)
def amounts(rules: tuple[str, ...], op: Op, y: Shape, xs: tuple[Shape, ...]) -> tuple[int, ...]:
    """What one layer has of the quantities that are ``SUMS``, worked out once for a rule and its inputs."""
    counting = _counting(rules)
    return tuple([quantity.of_use(counting, op, y, xs) for quantity in SUMS if quantity.of_use])


@lru_cache(256)
def _counting(rules: tuple[str, ...]) -> Counting:
    return Counting(rules)


def totals_of(network: Network, inferred: Inferred, counting: Counting) -> Totals:
    """The sums, with those of the heads if the rule says so; the input counts among the activations once, likewise."""
    heads = [item for rows in inferred.heads.values() for item in rows] if counting.with_heads else []
    shaped = [*inferred.rows, *heads]
    rows = rows_of(inferred.rows, counting) + rows_of(heads, counting, first=False)
    own_row = bool(shaped) and not shaped[0].uses
    entry = network.input_shape.size if counting.with_input and not own_row else 0
    sums: dict[str, Any] = {quantity.field: sum(map(quantity.of, rows)) for quantity in SUMS}
    sums[ACTIVATIONS.field] += entry
    return Totals(
        **sums,
        weight_layers=inferred.rows[-1].depth if inferred.rows else 0,
        kept=sum(row.kept for row in rows),
    )
