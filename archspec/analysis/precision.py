"""How precise figures are: as precise as the columns of the tables are in which they are printed."""

from __future__ import annotations

from collections.abc import Hashable

from archspec.counting.printed import LEAST_PRECISION, precision_of
from archspec.counting.quantities import NUMBERS
from archspec.ir.network import Claim, Network, Printed


class Precision:
    """The significant digits of the figures of a network, which ``compare`` takes."""

    def __init__(self, network: Network) -> None:
        columns: dict[Hashable, list[str]] = {}
        for figure in (*network.cells, *network.claims):
            plain = not isinstance(figure, Claim) or figure.figure is None
            if plain and figure.quantity in NUMBERS:
                columns.setdefault(_column(figure), []).append(figure.printed)
        self._digits = {column: precision_of(figures) for column, figures in columns.items()}

    def of(self, figure: Printed) -> int:
        """How many digits of a figure are significant."""
        return self._digits.get(_column(figure), LEAST_PRECISION)


def _column(figure: Printed) -> Hashable:
    """The column of a table: of the layers' own, or of the table that a source names."""
    return figure.quantity, figure.table if isinstance(figure, Claim) else None
