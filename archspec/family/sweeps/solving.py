"""The largest member of a family that meets a budget, found by counting every one that could be it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from archspec.diagnostics import ArchError
from archspec.family.formulas.exploring import steps_of
from archspec.family.formulas.facts import demanded
from archspec.family.formulas.messages import no_variable
from archspec.family.formulas.over import free
from archspec.family.formulas.pieces import SIDES, piece_of, value_of
from archspec.family.member import Member
from archspec.family.sweeps.messages import not_searched, nothing_meets
from archspec.family.sweeps.selection import Columns
from archspec.family.sweeps.sweep import Plan, Sweep, gathered, run
from archspec.ir.network import Value

MOST = 2_000
"""Values of a parameter that are tried where none are given."""


def solved(plan: Plan, wanted: Sequence[str], budget: str) -> Sweep:
    """For each setting of the other axes the member that has most of the first of some parameters, then of the next.

    Raises ArchError where none meets the budget.
    """
    others = [name for name in plan.space.names if name not in wanted]
    parts = ((largest(columns, others, wanted), batch) for columns, batch in run(plan, plan.numbers()))
    found = gathered(plan, parts)
    if not len(found):
        raise ArchError([nothing_meets(budget, found.held)])
    return Sweep(largest(found.columns, others, wanted), found.refused, found.size, found.held)


def largest(columns: Columns, others: Sequence[str], wanted: Sequence[str]) -> Columns:
    """Of the rows that have the same in some columns the one that is largest in the wanted ones, the first first."""
    if not len(next(iter(columns.values()))):
        return columns
    order = np.lexsort([columns[name] for name in (*reversed(wanted), *reversed(others))])
    last = np.ones(len(order), dtype=bool)
    if others:
        last[:-1] = np.any([columns[name][order[1:]] != columns[name][order[:-1]] for name in others], axis=0)
    else:
        last[:-1] = False
    return {name: values[order[last]] for name, values in columns.items()}


def searched(member: Member, name: str) -> tuple[Value, ...]:
    """The values of a number that are tried where none are given: every one that keeps whole what must be whole."""
    known = (*member.architecture.parameters, *SIDES)
    if name not in known:
        raise ArchError([no_variable(name, known)])
    if name not in free(member) and (name not in SIDES or name in member.architecture.parameters):
        raise ArchError([not_searched(name)])
    own: Any = value_of(member.architecture, name)
    step = steps_of(demanded(piece_of(member, [name], member.counting))).get(name, Fraction(1))
    start = Fraction(repr(own)) % step or step
    values = (start + i * step for i in range(MOST))
    return tuple(float(v) if isinstance(own, float) or v.denominator > 1 else int(v) for v in values)
