"""Where figures come from, without what names none of them: a family names the sources of all its variants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archspec.elaborate.provenance import column_named
from archspec.ir.network import Cell, Claim, Network, Paper, TakenFrom, quoted_as
from archspec.naming import Starts


class Sources:
    """The papers and the sources of a network, for some of its figures."""

    def __init__(self, network: Network, cells: Sequence[Cell], claims: Sequence[Claim]) -> None:
        self._network = network
        named = [name for taken in network.taken_from for name in taken.names]
        starts = Starts([*named, *(name for paper in network.papers for name in paper.quoted_as)])
        self._used = {name for claim in claims for name in starts.of(claim.source)}
        self._columns = {cell.quantity for cell in cells}

    def taken_from(self) -> Iterator[TakenFrom]:
        """What is said of sources and columns that figures have, and of all others: of two that do, the last."""
        last = {name: i for i, taken in enumerate(self._network.taken_from) for name in taken.names or ("",)}
        for i, taken in enumerate(self._network.taken_from):
            names = tuple(name for name in taken.names if last[name] == i and self._is_used(name))
            if names or (not taken.names and last[""] == i):
                yield taken.replaced(names=names)

    def _is_used(self, name: str) -> bool:
        return name in self._used or column_named(name) in self._columns

    def papers(self) -> Iterator[Paper]:
        """The papers of the network, and those that print figures of it."""
        for paper in self._network.papers:
            idle = [text for text in paper.references if (name := quoted_as((text,))) and not self._used & {*name}]
            if not idle or len(idle) < len(paper.quoted_as):
                yield paper.replaced(references=tuple(text for text in paper.references if text not in idle))
