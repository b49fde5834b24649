"""The largest member of a family that meets a budget, or the nearest to a count, by counting all that may be it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from archspec.budget import apart
from archspec.diagnostics import ArchError
from archspec.family.formulas.exploring import steps_of, told
from archspec.family.formulas.formula import QUANTITIES
from archspec.family.formulas.messages import no_variable
from archspec.family.formulas.over import free
from archspec.family.formulas.pieces import SIDES, piece_of, value_of
from archspec.family.member import Member
from archspec.family.sweeps.conditions import plain_units
from archspec.family.sweeps.messages import no_near, not_searched, nothing_meets
from archspec.family.sweeps.selection import Columns
from archspec.family.sweeps.sweep import Plan, Sweep, gathered, run
from archspec.ir.network import Value
from archspec.support.limits import MOST_TRACED

TRIED, MORE = 2_000, 8
"""Values of a parameter that are tried where none are given, and how many times as many where the last is best."""
MOST_TRIED = 128_000
MOST_TOGETHER = 4_000_000
"""Settings of all parameters for which no values are given."""
NEAR = re.compile(r"\s*(\w+)\s*==?\s*(\S.*?)\s*")
COUNT = re.compile(r"[\d.]+(e\+?\d{1,2})?", re.ASCII)
"""A count, of which no exponent makes more digits than memory holds."""


class Goal(NamedTuple):
    """What is looked for: the most of some parameters, the first first, or what is nearest to a count."""

    wanted: Sequence[str]
    near: tuple[str, Fraction] | None = None
    """A quantity and the count that is to be met as nearly as possible, before anything is to be large."""

    def of(self, columns: Columns, others: Sequence[str]) -> Columns:
        """Of the rows that have the same in the other columns the best one."""
        if not len(next(iter(columns.values()))):
            return columns
        keys = [columns[name] for name in (*reversed(self.wanted), *reversed(others))]
        if self.near is not None:
            name, count = self.near
            away = np.array([-abs(int(value) - count) for value in columns[name].tolist()], dtype=object)
            keys.insert(len(self.wanted), np.unique(away, return_inverse=True)[1])
        order = np.lexsort(keys)
        last = np.ones(len(order), dtype=bool)
        if others:
            last[:-1] = np.any([columns[name][order[1:]] != columns[name][order[:-1]] for name in others], axis=0)
        else:
            last[:-1] = False
        return {name: values[order[last]] for name, values in columns.items()}


class Solved(NamedTuple):
    """What was found, and how far was looked for it."""

    found: Sweep
    tried: tuple[str, ...]
    """For each parameter that was searched what was tried of it, a line each."""


def near_of(text: str | None) -> tuple[str, Fraction] | None:
    """A quantity and its count, ``params = 36.5M``; raises ArchError where a text is no such thing."""
    if text is None:
        return None
    match = NEAR.fullmatch(text)
    if match is None or match[1] not in QUANTITIES:
        raise ArchError([no_near(text)])
    count = plain_units(match[2]).replace(",", "")
    try:
        if COUNT.fullmatch(count):
            return match[1], Fraction(count)
    except ValueError:  # several points, or more digits than Python reads
        pass
    raise ArchError([no_near(text)])


def solve(plan_with: Callable[[int], Plan], searched: Sequence[str], goal: Goal, budget: str) -> Solved:
    """For each setting of the other axes the best member; raises ArchError where none meets the budget.

    ``plan_with`` gives the sweep for so many values of what is searched. Where the last value that was tried is an
    answer, more are tried.
    """
    number = min(TRIED, int(MOST_TOGETHER ** (1 / max(len(searched), 1))))
    while True:
        plan = plan_with(number)
        found = _best(plan, goal, budget)
        ends = {name: _values(plan, name)[-1] for name in searched}
        open_ = [name for name in searched if (found[name] == ends[name]).any()]
        if not open_ or len(searched) > 1 or number >= MOST_TRIED:
            return Solved(found, tuple(_tried(plan, name, name in open_) for name in searched))
        number = min(number * MORE, MOST_TRIED)


def _tried(plan: Plan, name: str, reached: bool) -> str:
    values = _values(plan, name)
    more = f", and the last of them is an answer: a larger `{name}` may be one, give it with `-p`" if reached else ""
    return f"{len(values):,} values of `{name}` were tried, from {values[0]} to {values[-1]}{more}"


def _values(plan: Plan, name: str) -> Sequence[Value]:
    return [*plan.space.choices.get(name, ()), *plan.space.axes.get(name, ())]


def _best(plan: Plan, goal: Goal, budget: str) -> Sweep:
    others = [name for name in plan.space.names if name not in goal.wanted]
    parts = ((goal.of(columns, others), batch) for columns, batch in run(plan, plan.numbers()))
    found = gathered(plan, parts)
    if not len(found):
        raise ArchError([nothing_meets(budget, found.held)])
    return Sweep(goal.of(found.columns, others), found.refused, found.size, found.held)


def searched(member: Member, name: str, number: int) -> tuple[Value, ...]:
    """So many values of a number, where none are given: every one that keeps whole what must be whole."""
    known = (*member.architecture.parameters, *SIDES)
    if name not in known:
        raise ArchError([no_variable(name, known)])
    if name not in free(member) and (name not in SIDES or name in member.architecture.parameters):
        raise ArchError([not_searched(name)])
    own: Any = value_of(member.architecture, name)
    with apart(MOST_TRACED):
        piece = piece_of(member, [name], member.counting)
    step = steps_of(told(piece).demanded).get(name, Fraction(1))
    start = Fraction(repr(own)) % step or step
    values = (start + i * step for i in range(number))
    return tuple(float(v) if isinstance(own, float) or v.denominator > 1 else int(v) for v in values)
