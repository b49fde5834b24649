"""Mends of a printed figure that disagrees: what may have been meant, tried on its row and confirmed on the network.

Nothing is tried before somebody reads the lines of a diagnostic, and little of what a request may spend is spent on it.
"""

from __future__ import annotations

from collections.abc import Iterable

from archspec.analysis.claim_totals import Measure
from archspec.analysis.inferred import Inferred
from archspec.analysis.precision import Precision
from archspec.budget import current
from archspec.diagnostics import Later
from archspec.ir.network import Cell, Claim, Network


class Mends:
    """The mends of the figures of one network; ``measure`` gives totals for the parameters of claims."""

    def __init__(self, network: Network, inferred: Inferred, measure: Measure, precision: Precision) -> None:
        self._network, self._inferred, self._measure, self._precision = network, inferred, measure, precision
        self._budget = current()

    def of(self, figure: Cell | Claim) -> Later:
        """The mends of a cell or a claim that disagrees."""
        return Later(lambda: self._lines(figure))

    def _lines(self, figure: Cell | Claim) -> Iterable[str]:
        from archspec.analysis.mends.search import lines

        if self._budget is not None and not self._budget.may_mend():
            return ()
        return lines(figure, self._network, self._inferred, self._measure, self._precision, self._budget)
