"""Where each printed figure comes from, as its spec says."""

from __future__ import annotations

from archspec.ir.network import Claim, Network, Printed, Provenance
from archspec.naming import Starts


class Origins:
    """The provenance of the figures of a network: by their source or their column, else as all others."""

    def __init__(self, network: Network) -> None:
        self._named = {name: each.provenance for each in network.taken_from for name in each.names}
        self._others = next((each.provenance for each in reversed(network.taken_from) if not each.names), None)
        self._starts = Starts(self._named)

    def of(self, figure: Printed) -> Provenance | None:
        """Where a figure comes from; None where its spec does not say."""
        if not isinstance(figure, Claim):
            return self.column(figure.quantity)
        name = next(self._starts.of(figure.source), None)
        return self._others if name is None else self._named[name]

    def column(self, name: str) -> Provenance | None:
        """Where the cells of a column come from."""
        return self._named.get(name, self._others)
