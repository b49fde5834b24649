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


class Selection(NamedTuple):
    """What is kept. Selecting from what was selected from parts is selecting from the whole."""

    where: Condition | None = None
    pareto: tuple[str, ...] = ()
    """Columns that are to be small, or large where `-` stands before the name: rows are kept that no other betters."""
    sort: str | None = None
    top: int | None = None

    @property
    def reduces(self) -> bool:
        """Whether rows are compared with one another, so that few are left of many."""
        return bool(self.pareto) or self.top is not None

    def of(self, columns: Columns) -> Columns:
        """The rows that are kept, in their order."""
        if self.where is not None and _length(columns):
            columns = _taken(columns, np.flatnonzero(self.where.holds(columns)))
        if self.pareto:
            columns = _taken(columns, best([_ranks(columns, name) for name in self.pareto]))
        if self.sort is not None:
            columns = _taken(columns, np.argsort(_ranks(columns, self.sort), kind="stable"))
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
    order = np.lexsort(tuple(reversed(objectives)))
    points = np.stack([np.asarray(values)[order] for values in objectives], axis=1)
    at = 0
    while at < len(points):  # a row may be bettered by those before it alone
        here = points[at]
        bettered = (points >= here).all(axis=1) & (points > here).any(axis=1)
        order, points = order[~bettered], points[~bettered]
        at += 1
    return np.sort(order)


def _ranks(columns: Mapping[str, Any], name: str) -> Any:
    """The places of the values of a column in their order, words among them; behind a `-` the largest comes first."""
    ranks = np.unique(columns[name.removeprefix("-")], return_inverse=True)[1]
    return -ranks if name.startswith("-") else ranks


def _taken(columns: Columns, places: Any) -> Columns:
    return {name: values[places] for name, values in columns.items()}


def _length(columns: Columns) -> int:
    return len(next(iter(columns.values()))) if columns else 0
