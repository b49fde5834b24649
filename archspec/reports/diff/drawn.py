"""Differences as a figure: the rows of both networks side by side."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.compiled import Compiled
from archspec.figures.figure import Figure, Width, points_of
from archspec.figures.twofold import Pair, twofold
from archspec.reports.diff.compare import Difference
from archspec.reports.diff.rows import Change


def as_figure(found: Difference, a: Compiled, b: Compiled, width: Width = None) -> Figure:
    """The figure of two networks with what differs in colour; raises ArchError where it would be too large."""
    blocks = [change.name for change in found.blocks]
    return Figure(twofold(a.result, b.result, [*_pairs(found)], blocks, points_of(width)))


def _pairs(found: Difference) -> Iterator[Pair]:
    """The rows by their places, in the order of the report."""
    left = right = 0
    for part in found.rows:
        if isinstance(part, Change):
            yield Pair(left if part.a else None, right if part.b else None, same=False)
            left, right = left + bool(part.a), right + bool(part.b)
        else:
            for i in range(max(part.rows, part.instead)):
                mine, theirs = (at + i if i < many else None for at, many in ((left, part.rows), (right, part.instead)))
                yield Pair(mine, theirs, same=True)
            left, right = left + part.rows, right + part.instead
