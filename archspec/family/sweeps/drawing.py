"""Members of a search space by chance, each as likely as any other; and how a quantity is spread over all of them."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np

from archspec.diagnostics import ArchError
from archspec.family.sweeps.boxes import places_of
from archspec.family.sweeps.distribution import Spread, collected, spread_of
from archspec.family.sweeps.messages import no_spread
from archspec.family.sweeps.selection import Selection
from archspec.family.sweeps.sums import Sums
from archspec.family.sweeps.sweep import Plan, Sweep, gathered
from archspec.family.sweeps.terms import NoTerms

MOST_LISTED = 10_000_000
"""Settings that are counted one by one for a distribution."""
SHARES = (0, 1, 5, 25, 50, 75, 95, 99, 100)
"""The shares of members, in percent, of which a summary says the value."""


def sampled(plan: Plan, number: int, seed: int) -> Sweep:
    """So many different settings, each as likely as any other, of which those are kept that the plan keeps.

    The same seed gives the same ones. All settings, where there are no more.
    """
    pen, size = Random(seed), plan.space.size
    drawn: dict[int, None] = {}
    while len(drawn) < min(number, size):
        drawn[pen.randrange(size)] = None
    batch = plan.space.at(np.array([places_of(place, plan.space.lengths) for place in drawn], dtype=np.int64))
    columns = plan.selection.of({name: batch.columns[name] for name in plan.names})
    return gathered(plan, [(columns, batch._replace(columns={}))])


def distribution(plan: Plan, quantity: str) -> Sweep:
    """Every value of a quantity with the number of members that have it; raises ArchError where that takes too long."""
    space = plan.space
    try:
        if isinstance(space, Sums):
            spread = spread_of(space.terms, space.axes, quantity)
        elif space.size > MOST_LISTED:
            raise NoTerms(plan.why_not or "there are too many settings")
        else:
            return _listed(plan, quantity)
    except NoTerms as why:
        raise ArchError([no_spread(quantity, space.size, str(why))]) from None
    return _sweep(quantity, spread, space.size)


def _listed(plan: Plan, quantity: str) -> Sweep:
    parts = [plan.space.part(number, Selection(), (quantity,)) for number in plan.numbers()]
    whole = gathered(plan, [({name: np.zeros(0) for name in plan.names}, batch) for _, batch in parts])
    found = _sweep(quantity, collected([columns[quantity] for columns, _ in parts]), whole.size)
    return Sweep(found.columns, whole.refused, whole.size, whole.held)


def _sweep(quantity: str, spread: Spread, size: int) -> Sweep:
    found = Sweep({quantity: spread.values, "members": spread.members}, (), size, size)
    found.within = spread.within
    return found


def summary(found: Sweep) -> list[tuple[str, int]]:
    """The values that shares of the members have at most, and the mean."""
    [values, members] = found.columns.values()
    below, total = np.cumsum(members), int(members.sum())
    rows = [(f"{share}%", int(values[_first(below, share * total)])) for share in SHARES]
    return [*rows, ("mean", round(sum(int(v) * int(m) for v, m in zip(values, members, strict=True)) / total))]


def _first(below: Any, hundredths: int) -> int:
    """The first value that so many members have at most."""
    return int(np.searchsorted(below, max(-(-hundredths // 100), 1)))
