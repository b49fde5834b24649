"""Which rows of a sweep are kept: those of a condition, those that nothing betters, the first by some column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from archspec.diagnostics import ArchError
from archspec.family.sweeps.conditions import Condition
from archspec.family.sweeps.messages import unknown_column
from archspec.family.sweeps.settings import at_least_one

Columns = dict[str, Any]
MANY, SAMPLE, PIVOTS = 10_000, 1_000, 8
"""Of more rows than these so many are looked at first, and those of them by which most others are bettered."""


class Selection(NamedTuple):
    """What is kept. Selecting from what was selected from parts is selecting from the whole."""

    where: Condition | None = None
    pareto: tuple[str, ...] = ()
    """Columns that are to be small, or large where `-` stands before the name: rows are kept that no other betters."""
    sort: str | None = None
    top: int | None = None

    @property
    def chooses(self) -> bool:
        """Whether rows may be left out, or change their order."""
        return self.where is not None or self.reduces or self.sort is not None

    @property
    def names(self) -> frozenset[str]:
        """The columns that decide what is kept."""
        compared = (*self.pareto, *([self.sort] if self.sort is not None else []))
        named = frozenset(name.removeprefix("-") for name in compared)
        return named | (self.where.tree.names if self.where is not None else frozenset())

    @property
    def reduces(self) -> bool:
        """Whether rows are compared with one another, so that few are left of many."""
        return bool(self.pareto) or self.top is not None

    def of(self, columns: Columns) -> Columns:
        """The rows that are kept, in their order."""
        if self.where is not None and _length(columns):
            columns = _taken(columns, np.flatnonzero(self.where.holds(columns)))
        if self.pareto:
            columns = _taken(columns, best([ranks(columns, name) for name in self.pareto]))
        if self.sort is not None:
            columns = _taken(columns, np.argsort(ranks(columns, self.sort), kind="stable"))
        return columns if self.top is None else {name: values[: self.top] for name, values in columns.items()}


def selection(
    names: Sequence[str],
    words: Sequence[str],
    where: str | None = None,
    pareto: Sequence[str] = (),
    sort: str | None = None,
    top: int | None = None,
    origin: str = "--where",
) -> Selection:
    """What is kept of columns with these names; raises ArchError for a name, a condition or a number that is none."""
    if top is not None:
        at_least_one("top", top)
    wrong = [
        unknown_column(origin, name, names)
        for origin, asked in (("--pareto", pareto), ("--sort", [] if sort is None else [sort]))
        for name in asked
        if name.removeprefix("-") not in names
    ]
    if wrong:
        raise ArchError(wrong)
    return Selection(Condition(where, names, words, origin) if where is not None else None, tuple(pareto), sort, top)


def nothing(names: Sequence[str]) -> Columns:
    """Columns without rows."""
    return {name: np.zeros(0, dtype=np.int64) for name in names}


def joined(parts: Sequence[Columns]) -> Columns:
    """Columns below one another."""
    filled = [part for part in parts if _length(part)] or parts[:1]
    return {name: np.concatenate([part[name] for part in filled]) for name in parts[0]}


def best(objectives: Sequence[Any]) -> Any:
    """The places of the rows of which no other is as small in everything, and smaller in something."""
    if not objectives or not len(objectives[0]):
        return np.arange(len(objectives[0]) if objectives else 0)
    places = np.arange(len(objectives[0]))
    if len(places) > MANY:  # most rows are bettered by one of a few
        front = best([values[:: len(places) // SAMPLE] for values in objectives]) * (len(places) // SAMPLE)
        for row in front[:: max(1, len(front) // PIVOTS)]:
            places = places[~_bettered([v[places] for v in objectives], [v[row] for v in objectives])]
    points = [np.asarray(values)[places] for values in objectives]
    order = np.lexsort(tuple(reversed(points)))
    kept = order[_of_two(*(v[order] for v in points))] if len(points) == 2 else _of_many(points, order)
    return np.sort(places[kept])


def _of_two(one: Any, other: Any) -> Any:
    """Which rows are kept of those in order: as small in the second as the first of the smallest so far."""
    least = np.minimum.accumulate(other)
    new = np.ones(len(other), dtype=bool)
    new[1:] = least[1:] < least[:-1]
    first = np.maximum.accumulate(np.where(new, np.arange(len(other)), 0))
    return (other == least) & (one == one[first])


def _of_many(points: Sequence[Any], order: Any) -> Any:
    at = 0
    while at < len(order):  # a row may be bettered by those before it alone
        better = _bettered([values[order] for values in points], [values[order[at]] for values in points])
        order = order[~better]
        at += 1
    return order


def _bettered(points: Sequence[Any], here: Sequence[Any]) -> Any:
    """Which rows are nowhere smaller than one, and somewhere larger."""
    pairs = [*zip(points, here, strict=True)]
    return np.all([v >= h for v, h in pairs], axis=0) & np.any([v > h for v, h in pairs], axis=0)


def ranks(columns: Mapping[str, Any], name: str) -> Any:
    """The places of the values of a column in their order, words among them; behind a `-` the largest comes first."""
    values = columns[name.removeprefix("-")]
    found = values if values.dtype.kind in "if" else np.unique(values, return_inverse=True)[1]
    return -found if name.startswith("-") else found


def _taken(columns: Columns, places: Any) -> Columns:
    return {name: values[places] for name, values in columns.items()}


def _length(columns: Columns) -> int:
    return len(next(iter(columns.values()))) if columns else 0
