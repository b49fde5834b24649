"""All printed figures of a network as they would be with a mend, so that it is known what else the mend changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from archspec.analysis.claim_totals import Measure, rules_of
from archspec.analysis.cost import RowCost, Totals, costs_of, totals_of
from archspec.analysis.inferred import Inferred
from archspec.analysis.precision import Precision
from archspec.budget import spend
from archspec.counting.conventions import Counting
from archspec.counting.printed import Verdict, is_reported
from archspec.counting.quantities import find
from archspec.diagnostics import Diagnostic
from archspec.ir.network import Cell, Claim, Network, Printed
from archspec.support.limits import CLAIMED


class Standing(NamedTuple):
    """One printed figure, the row or the source that it is of, what the arithmetic gives and whether that agrees."""

    figure: Printed
    source: str
    value: int | str
    verdict: Verdict

    @property
    def holds(self) -> bool:
        """Whether it agrees, or is marked and does not."""
        return self.verdict not in ("unknown", "unchecked") and self.figure.marked == (self.verdict == "disagrees")

    @property
    def fails(self) -> bool:
        """Whether it contradicts that; what a layer that is not known hides does not."""
        return not self.holds and self.verdict != "unchecked"


def figures(network: Network, inferred: Inferred, measure: Measure | None) -> Iterator[Standing]:
    """Every figure that arithmetic checks; claims for other parameters are left out where nothing measures them."""
    precision = Precision(network)
    if not network.overridden:
        costs = dict(zip(_shaped(inferred), costs_of(inferred, Counting(network.counted)), strict=True))
        for cell in network.cells:
            spend(CLAIMED, cell.place)
            layer = network.rows[cell.row].layer
            yield _standing(cell, layer, costs.get(cell.row), network.units, precision.of(cell))
    known: dict[tuple[str, ...], Totals] = {}
    for claim in network.claims:
        rules = rules_of(network, claim)
        unknown = claim.parameters and measure is None
        if is_reported(claim.quantity) or claim.figure is not None or unknown:
            continue
        spend(CLAIMED, claim.place)
        totals: Totals | Diagnostic | None = None
        if claim.parameters and measure is not None:
            totals = measure(claim.parameters, Counting(rules))
        elif inferred.whole:
            totals = known[rules] = known.get(rules) or totals_of(network, inferred, Counting(rules))
        found = totals if isinstance(totals, Totals) else None
        yield _standing(claim, claim.source, found, {}, precision.of(claim))


def _shaped(inferred: Inferred) -> Iterator[int]:
    """The rows that have shapes, by their positions."""
    return (i for i, item in enumerate(inferred.rows) if item.x is not None and item.y is not None)


def _standing(
    figure: Cell | Claim, source: str, cost: RowCost | Totals | None, units: Mapping[str, int], precision: int
) -> Standing:
    """Where a figure stands; unknown where a mistake hides what the network is."""
    if cost is None:
        return Standing(figure, source, "", "unknown")
    quantity = find(figure.quantity)
    return Standing(figure, source, *quantity.form.compared(figure.printed, quantity.of(cost), units, precision))
