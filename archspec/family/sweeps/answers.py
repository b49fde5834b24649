"""The answers of one sweep over what is searched: the best members, what proves them, and what has none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, product
from typing import Any, NamedTuple

import numpy as np

from archspec.family.formulas.formula import QUANTITIES
from archspec.family.formulas.pieces import Piece
from archspec.family.member import Member
from archspec.family.sweeps.batch import as_written
from archspec.family.sweeps.beyond import exceeds, limits_of
from archspec.family.sweeps.bounds import Bounds
from archspec.family.sweeps.engine import Space
from archspec.family.sweeps.searched import Searched
from archspec.family.sweeps.selection import Columns, joined, nothing, ranks, selection
from archspec.family.sweeps.sweep import Plan, Sweep, gathered, run
from archspec.ir.network import Value
from archspec.render.formats import value_text
from archspec.support.limits import LARGEST

MOST_SAID = 20
"""Answers of which it is said what else is the same member, and settings without one."""


class Goal(NamedTuple):
    """What is looked for: the most of some parameters, the first first, or what is nearest to a count."""

    wanted: Sequence[str]
    near: tuple[str, Fraction] | None = None
    """A quantity and the count that is to be met as nearly as possible, before anything is to be large."""

    def of(self, columns: Columns, others: Sequence[str]) -> Columns:
        """Of the rows that have the same in the other columns the best one."""
        if not len(next(iter(columns.values()))):
            return columns
        keys = [columns[name] for name in reversed(self.wanted)]
        if self.near is not None:
            name, count = self.near
            away = np.array([-abs(int(value) - count) for value in columns[name].tolist()], dtype=object)
            keys.append(np.unique(away, return_inverse=True)[1])
        return last_of_each(columns, keys, others)


class Asked(NamedTuple):
    """What is to be solved."""

    plan_with: Callable[[Mapping[str, Sequence[Value]]], Plan]
    """The sweep for some values of what is searched."""
    member: Member
    searched: Sequence[str]
    fixed: Mapping[str, Sequence[Value]]
    """The values of the other axes."""
    goal: Goal
    budget: str | None


class Answers:
    """One sweep over values of what is searched: the answers, and what proves them."""

    def __init__(self, asked: Asked, values: Mapping[str, Sequence[Value]]) -> None:
        self._asked, self._values = asked, values
        self._plan = plan = asked.plan_with(values)
        self._others = [name for name in plan.space.names if name not in asked.goal.wanted]
        self._kept = selection(plan.names, [*plan.space.choices], asked.budget, origin="--budget")
        self._named = next(iter([*self._limited, *(n for n in plan.names if n in QUANTITIES)]))
        self.pieces: list[tuple[Mapping[str, Value], Piece]] = []
        """The pieces that were met, each with the choice of words that it is of."""
        self.is_settled = False
        self._alone = 0
        """How many settings were counted one by one, as they are of no piece."""
        self.held: dict[str, set[Value]] = {name: set() for name in values}
        """The values of each parameter that is searched of which a member holds."""
        self._least: list[Columns] = []
        found = gathered(plan, self._parts())
        best = asked.goal.of(found.columns, self._others)
        self.found = Sweep(best, found.refused, found.size, found.held)

    @property
    def met(self) -> list[Piece]:
        """The pieces that were met."""
        return [piece for _, piece in self.pieces]

    @property
    def _limited(self) -> list[str]:
        """The quantities that the budget, or the count, is of."""
        near = self._asked.goal.near
        named = self._kept.names & frozenset(QUANTITIES)
        return [near[0]] if near else sorted(named)

    def _parts(self) -> Iterator[Any]:
        known: set[int] = set()
        for columns, batch in run(self._plan, self._plan.numbers()):
            self._alone += batch.alone
            for chosen, piece in self._plan.space.pieces if isinstance(self._plan.space, Space) else ():
                if id(piece) not in known:
                    known.add(id(piece))
                    self.pieces.append((chosen, piece))
            for name, held in self.held.items():
                held |= set(np.unique(columns[name]).tolist())
            self._least.append(last_of_each(columns, [ranks(columns, f"-{self._named}")], self._others))
            yield self._asked.goal.of(self._kept.of(columns), self._others), batch

    def is_last(self, searched: Searched) -> bool:
        """Whether the last value of a parameter is an answer."""
        return bool(len(self.found)) and bool((self.found[searched.name] == self._values[searched.name][-1]).any())

    def said(self, searched: Sequence[Searched]) -> Iterator[str]:
        """What there is to say of the answers."""
        for each in searched:
            yield from self.tried(each)
        for each in searched:
            yield self._proof(each, searched)
        for each in searched:
            yield from self._alike(each)
        yield from self.lacking()

    def tried(self, searched: Searched) -> Iterator[str]:
        """Which values of a parameter were tried."""
        values, name = self._values[searched.name], searched.name
        if values:
            each = "" if searched.is_lattice or searched.why else ", one for each member"
            first = value_text(values[0])
            several = f"{len(values):,} values of `{name}` were tried, from {first} to {value_text(values[-1])}{each}"
            yield several if len(values) > 1 else f"1 value of `{name}` was tried, {first}{each}"
        if searched.why:
            yield f"where the network changes along `{name}` is not known: {searched.why}"

    def _proof(self, searched: Searched, others: Sequence[Searched]) -> str:
        """Whether it is proven that no larger value is an answer."""
        name = searched.name
        nothing = f"no larger `{name}` " + ("is nearer" if self._asked.goal.near else "meets the budget")
        if self._is_proven(searched, others):
            return f"proven: {nothing}"
        if self.is_last(searched):
            return f"the largest `{name}` tried is an answer: larger ones may be too, give them with `-p`"
        return f"of the values tried, {nothing}: give larger ones with `-p` to look further"

    def _is_proven(self, searched: Searched, others: Sequence[Searched]) -> bool:
        if not self.is_settled or self._alone or not self.pieces or any(each.why for each in others):
            return False
        if searched.has_end and len(others) == 1:
            return True
        return len(self.found) <= MOST_SAID and all(
            self._exceeds(searched, others, place) for place in range(len(self.found))
        )

    def _exceeds(self, searched: Searched, others: Sequence[Searched], place: int) -> bool:
        """Whether all that is beyond what was tried is known to be too much for one of the answers."""
        row = {name: values[place].item() for name, values in self.found.columns.items()}
        goal, fixed = self._asked.goal, self._asked.fixed
        bounds: dict[str, Bounds] = {}
        for name, values in fixed.items():
            ends = values if name in goal.wanted else [row[name]]
            if not all(type(value) in (int, float) for value in ends):
                if name in goal.wanted:
                    return False
                continue
            bounds[name] = min(ends), max(ends)
        for other in others:
            first = other.name == goal.wanted[0] and goal.near is None
            bounds[other.name] = (row[other.name] if first else float(other.least), LARGEST)
        fits = [piece for chosen, piece in self.pieces if all(as_written(v) == row[n] for n, v in chosen.items())]
        return exceeds(fits, searched.name, searched.most, bounds, self._limits(row))

    def _limits(self, row: Mapping[str, Any]) -> list[tuple[str, Fraction]]:
        near, where = self._asked.goal.near, self._kept.where
        found = [] if where is None else [each for each in limits_of(where.tree) if each[0] in QUANTITIES]
        if near is not None:
            found.append((near[0], near[1] + abs(row[near[0]] - near[1])))
        return [each for each in found if each[0] in self._plan.names]

    def _alike(self, searched: Searched) -> Iterator[str]:
        """For each answer the values that make the same member, where they are several."""
        if searched.why or not self.is_settled:
            return
        for value in dict.fromkeys(islice(self.found[searched.name].tolist(), MOST_SAID)):
            stretch = searched.around(value)
            if not stretch.is_point:
                yield f"{searched.name}={value_text(value)} is the member for {stretch.text(searched.name)}"

    def lacking(self) -> Iterator[str]:
        """The settings of the other axes that have no answer, and what the smallest member costs there."""
        least = last_of_each(
            smallest := joined(self._least or [nothing(self._plan.names)]),
            [ranks(smallest, f"-{self._named}")],
            self._others,
        )
        rows = dict(zip(_keys(least, self._others), range(len(least[self._named])), strict=True))
        answered = {*_keys(self.found.columns, self._others)} if len(self.found) else set()
        lacking = (
            [
                key
                for key in product(*(map(as_written, self._asked.fixed[name]) for name in self._others))
                if key not in answered
            ]
            if self._others or not answered
            else []
        )
        for key in lacking[:MOST_SAID]:
            of = ", ".join(f"{name}={value_text(value)}" for name, value in zip(self._others, key, strict=True))
            yield f"no answer{' for ' if of else ''}{of}: {self._smallest(least, rows.get(key))}"
        if len(lacking) > MOST_SAID:
            yield f"and none for {len(lacking) - MOST_SAID:,} more"

    def _smallest(self, least: Columns, place: int | None) -> str:
        if place is None:
            return "no member holds"
        names = self._asked.goal.wanted
        at = ", ".join(f"{name}={value_text(least[name][place].item())}" for name in names)
        return f"the smallest, {at}, has {int(least[self._named][place]):,} {self._named}"


def last_of_each(columns: Columns, keys: Sequence[Any], others: Sequence[str]) -> Columns:
    """Of the rows that have the same in some columns the last by keys, of which the last counts most."""
    if not len(next(iter(columns.values()))):
        return columns
    order = np.lexsort([*keys, *(columns[name] for name in reversed(others))])
    last = np.ones(len(order), dtype=bool)
    changes = [columns[name][order[1:]] != columns[name][order[:-1]] for name in others]
    last[:-1] = np.any(changes, axis=0) if others else False
    return {name: values[order[last]] for name, values in columns.items()}


def _keys(columns: Columns, names: Sequence[str]) -> list[tuple[Any, ...]]:
    size = len(next(iter(columns.values())))
    return [*zip(*(columns[name].tolist() for name in names), strict=True)] if names else [()] * size
