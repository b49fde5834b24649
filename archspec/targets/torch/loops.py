"""Loops over an index: runs of a repetition that differ in growing numbers alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archspec.expressions.symbols import Symbol, series
from archspec.targets.torch.items import Again, Made


def growing(runs: Sequence[Again]) -> list[Again]:
    """Runs, those that differ in a growing number alone as one loop over an index: ``Dense(64 + 32 * i)``."""
    found: list[Again] = []
    start = 0
    while start < len(runs):
        stop = start + 1
        while stop < len(runs) and _alike(runs[start], runs[stop]):
            # Three in a row tell whether the series goes on; to ask all of them each time would be quadratic.
            if stop - start > 1 and _loop(runs[stop - 2 : stop + 1]) is None:
                break
            stop += 1
        # Two are not a series: any two numbers grow by the same amount. One may start at the next run.
        loop = _loop(runs[start:stop]) if stop - start > 2 else None
        found.append(loop or runs[start])
        start = stop if loop else start + 1
    return found


def _alike(one: Again, other: Again) -> bool:
    """Whether two runs are each one use of the same class."""
    if not (once(one.times) and once(other.times) and len(one.items) == len(other.items) == 1):
        return False
    a, b = one.items[0], other.items[0]
    return isinstance(a, Made) and isinstance(b, Made) and a.of is b.of


def _loop(runs: Sequence[Again]) -> Again | None:
    uses = [item for run in runs for item in run.items if isinstance(item, Made)]
    used = frozenset[str]().union(*(v.names for use in uses for v in use.values.values() if isinstance(v, Symbol)))
    index = next(name for name in ("i", "j", "n", "index") if name not in used)
    values: dict[str, Any] = {}
    for name in uses[0].of.arguments:
        values[name] = series([use.values[name] for use in uses], index)
        if values[name] is None:
            return None
    whole = {**uses[0].values, **values}
    return Again(len(uses), [Made(uses[0].of, whole)], index)


def once(times: Any) -> bool:
    """Whether something runs once, whatever names stand for."""
    return not isinstance(times, Symbol) and bool(times == 1)
