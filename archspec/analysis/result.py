"""All that is found out about one network, counted by one rule, as plain data: what tables show and reports study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from archspec.analysis.checked import Checked
from archspec.analysis.cost import RowCost, Totals
from archspec.analysis.inferred import Inferred
from archspec.counting.conventions import Counting
from archspec.diagnostics import Diagnostic
from archspec.ir.network import Network
from archspec.support.frozen import Frozen

if TYPE_CHECKING:
    from archspec.analysis.misprints import Misprinted


class Result(Frozen):
    """One network with its shapes, its costs, and its printed figures against the arithmetic."""

    network: Network
    inferred: Inferred
    counting: Counting
    rows: Sequence[RowCost]
    totals: Totals
    heads: Mapping[str, Sequence[RowCost]]
    """The rows of the heads for training alone, by their names."""
    cells: Sequence[Checked]
    claims: Sequence[Checked]
    misprints: Sequence[Misprinted]
    """The cells that are printed wrong."""
    diagnostics: tuple[Diagnostic, ...]
    """Warnings, and printed figures that disagree."""

    @property
    def name(self) -> str:
        """The name of the network, with its variant."""
        return self.network.label

    @property
    def convention(self) -> str:
        """The rule by which it is counted."""
        return self.counting.name
