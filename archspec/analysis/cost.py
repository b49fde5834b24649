"""Shapes to figures: one ``RowCost`` a row, and the totals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from archspec.analysis.applied import Applied
from archspec.analysis.inferred import Inferred, Shaped, Use, without_loss
from archspec.budget import spend
from archspec.counting.conventions import Counting
from archspec.counting.quantities import ACTIVATIONS, SUMS
from archspec.ir.network import Network
from archspec.op import Shape
from archspec.support.bound import is_known
from archspec.support.limits import COUNTED

FIELDS = tuple(quantity.field for quantity in SUMS)
ENTRY = SUMS.index(ACTIVATIONS)
"""Which of the sums the input belongs to."""


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
    receptive_field: tuple[int, int] | None
    """H x W of the input that one output position sees, padding included; None behind a layer that is not known."""
    stride: tuple[float, float] | None
    """How far apart in the input two neighbouring output positions stand, (H, W); None likewise."""
    centre: tuple[float, float] | None
    """Where the first output position looks, in pixels from the first of the input, (H, W); None likewise."""
    kept: int
    """Elements that training keeps for the backward pass of the row."""
    filters: str | None
    """The shapes of the filters of its layers as papers print them, ``3x3x3x32``; None where one is not known."""

    @property
    def unknown(self) -> frozenset[str]:
        """The fields that are lower bounds, or None: what a layer that is not known has of them is missing."""
        return _unknown(self)


class Totals(NamedTuple):
    """The sums over all rows, and the number of weight layers on the longest path through the network."""

    params: int
    mult_adds: int
    activations: int
    connections: int
    weight_layers: int
    kept: int
    """Elements that training keeps for the backward pass."""

    @property
    def unknown(self) -> frozenset[str]:
        """The fields that are lower bounds: what layers that are not known have of them is missing."""
        return _unknown(self)


def _unknown(costs: RowCost | Totals) -> frozenset[str]:
    return frozenset(name for name, value in costs._asdict().items() if value is None or not is_known(value))


def costs_of(inferred: Inferred, counting: Counting) -> list[RowCost]:
    """The costs of all rows of a network that have shapes, as the rule sees them."""
    return rows_of(rows_seen(inferred, counting), counting)


def rows_seen(inferred: Inferred, counting: Counting) -> Sequence[Shaped]:
    """The rows as a rule sees them: what runs the network sees no soft-max that belongs to the loss."""
    return without_loss(inferred.rows) if counting.runs else inferred.rows


def heads_seen(inferred: Inferred, counting: Counting) -> list[Shaped]:
    """The rows of the heads, where a rule counts them."""
    return [item for rows in inferred.heads.values() for item in rows] if counting.with_heads else []


def uses_seen(inferred: Inferred, counting: Counting) -> Iterator[Use]:
    """Every layer that a total counts by a rule."""
    for item in (*rows_seen(inferred, counting), *heads_seen(inferred, counting)):
        yield from item.uses


def rows_of(shaped: Sequence[Shaped], counting: Counting, first: bool = True) -> list[RowCost]:
    """The costs of the rows that have shapes; the first may stand for the input."""
    return [
        RowCost(
            layer=item.row.layer,
            op=item.row.op,
            input=item.x,
            output=item.y,
            **dict(zip(FIELDS, sums, strict=True)),
            receptive_field=item.lens.field if item.lens.known else None,
            stride=item.lens.stride if item.lens.known else None,
            centre=item.lens.centre if item.lens.known else None,
            kept=item.kept,
            filters=_filters(item.uses),
        )
        for item, sums in sums_of(shaped, counting, first)
        if item.x is not None and item.y is not None and item.lens is not None
    ]


def _filters(uses: Sequence[Use]) -> str | None:
    """The filters of layers; None where one of them may have any."""
    if not all(use.op.known for use in uses):
        return None
    return "; ".join([use.layer.filters for use in uses if use.layer.filters])


def sums_of(shaped: Iterable[Shaped], counting: Counting, first: bool = True) -> Iterator[tuple[Shaped, list[int]]]:
    """The rows that have shapes, with what each has of the quantities that are ``SUMS``; the first may be the input."""
    rules = counting.rules
    for item in shaped:
        if item.x is None or item.y is None:
            continue
        spend(COUNTED * (1 + len(item.uses)), item.row.span)
        sums = [0] * len(SUMS)
        for use in item.uses:
            times = use.times
            sums = [so_far + times * more for so_far, more in zip(sums, amounts(rules, use.layer), strict=True)]
        if first and not item.uses and counting.with_input:
            sums[ENTRY] += item.y.size
        first = False
        yield item, sums


def amounts(rules: tuple[str, ...], layer: Applied) -> tuple[int, ...]:
    """What one layer has of the quantities that are ``SUMS``, worked out once for a rule and its inputs."""
    known = layer.amounts
    if rules not in known:
        known[rules] = layer.total([q.of_use(_counting(rules), layer.op, layer.y, layer.xs) for q in SUMS if q.of_use])
    return known[rules]


@lru_cache(256)
def _counting(rules: tuple[str, ...]) -> Counting:
    return Counting(rules)


def totals_of(network: Network, inferred: Inferred, counting: Counting) -> Totals:
    """The sums, with those of the heads if the rule says so; the input counts among the activations once, likewise."""
    heads, rows = heads_seen(inferred, counting), rows_seen(inferred, counting)
    shaped = [*rows, *heads]
    own_row = bool(shaped) and not shaped[0].uses
    sums, kept = [0] * len(SUMS), 0
    if counting.with_input and not own_row:
        sums[ENTRY] = network.input_shape.size
    for item, own in chain(sums_of(rows, counting), sums_of(heads, counting, first=False)):
        sums = [so_far + more for so_far, more in zip(sums, own, strict=True)]
        kept += item.kept
    depth = inferred.rows[-1].depth if inferred.rows else 0
    return Totals(**dict(zip(FIELDS, sums, strict=True)), weight_layers=depth, kept=kept)
