"""How a quantity is spread over all members of a search space, however many: terms are convolved, and never listed.

A parameter that several terms share is eliminated like a variable of a factor graph: for each setting of what is left,
the terms that it stands in are convolved, and then added up over its values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from math import gcd, prod
from typing import Any, NamedTuple

import numpy as np

from archspec.family.sweeps.terms import NoTerms, Term
from archspec.ir.network import Value

MOST_SETTINGS = 20_000
"""Settings of parameters that are left beside one that is eliminated."""
MOST_PAIRS = 4_000_000
"""Pairs of values of which every sum is written down."""
MOST_CELLS, MOST_ADDED = 4_000_000, 2_000_000_000
"""Cells of a grid on which sums are added up, and how many additions that may take."""
COARSE = 2_000
"""Values that are left where there are too many."""


class Spread(NamedTuple):
    """Values with the number of members that have each, in their order."""

    values: Any
    members: Any
    within: int = 0
    """How far values may be from the true ones: 0 where all are exact."""


class _Factor(NamedTuple):
    names: tuple[str, ...]
    spreads: Any
    """For each setting of the names one spread."""


def spread_of(terms: Sequence[Term], axes: Mapping[str, Sequence[Value]], quantity: str) -> Spread:
    """How many members have which value; raises NoTerms where too many parameters hang together."""
    size = prod(map(len, axes.values()))
    kind = np.int64 if size < 2**62 else object
    factors = [_factor(term, quantity, kind) for term in terms]
    left = [*axes]
    while left:
        name = min(left, key=lambda each: _price(each, factors, axes))
        left.remove(name)
        here = [factor for factor in factors if name in factor.names]
        factors = [factor for factor in factors if name not in factor.names] + [_without(name, here, axes, kind)]
    found: Spread = reduce(_convolved, sorted((f.spreads[()] for f in factors), key=lambda s: len(s.values)))
    return found


def collected(parts: Iterable[Any]) -> Spread:
    """The spread of values that are listed."""
    found = [np.unique(values, return_counts=True) for values in parts]
    return _merged([Spread(values, counts) for values, counts in found])


def _factor(term: Term, quantity: str, kind: Any) -> _Factor:
    table = term.tables[quantity]
    spreads = np.empty(table.shape, dtype=object)
    for at in np.ndindex(*table.shape):
        spreads[at] = Spread(np.array([table[at]]), np.ones(1, dtype=kind))
    return _Factor(term.names, spreads)


def _price(name: str, factors: Sequence[_Factor], axes: Mapping[str, Sequence[Value]]) -> int:
    return prod(len(axes[each]) for each in _joint(name, factors))


def _joint(name: str, factors: Sequence[_Factor]) -> list[str]:
    """The parameters that hang together with one."""
    return [*dict.fromkeys(n for factor in factors if name in factor.names for n in factor.names if n != name)]


def _without(name: str, factors: Sequence[_Factor], axes: Mapping[str, Sequence[Value]], kind: Any) -> _Factor:
    """Some factors as one, added up over a parameter."""
    names, values = _joint(name, factors), range(len(axes[name]))
    lengths = [len(axes[each]) for each in names]
    if prod(lengths) > MOST_SETTINGS:
        raise NoTerms(f"{name} hangs together with {', '.join(names)}, which have {prod(lengths):,} settings")
    spreads = np.empty(lengths, dtype=object)
    nothing = Spread(np.zeros(1, dtype=np.int64), np.ones(1, dtype=kind))
    for at in np.ndindex(*lengths):
        setting = dict(zip(names, at, strict=True))
        parts = [
            reduce(_convolved, [f.spreads[tuple({**setting, name: i}[n] for n in f.names)] for f in factors], nothing)
            for i in values
        ]
        spreads[at] = _merged(parts)
    return _Factor(tuple(names), spreads)


def _convolved(one: Spread, other: Spread) -> Spread:
    """The spread of the sum of two that are chosen independently."""
    small, large = sorted((one, other), key=lambda spread: len(spread.values))
    within = one.within + other.within
    if len(small.values) * len(large.values) <= MOST_PAIRS:
        values = np.add.outer(small.values, large.values).ravel()
        return _gathered(values, np.multiply.outer(small.members, large.members).ravel(), within)
    step = gcd(*(int(d) for spread in (small, large) for d in np.unique(np.diff(spread.values))))
    cells = sum(int(spread.values[-1] - spread.values[0]) // step for spread in (small, large)) + 1
    if cells > MOST_CELLS or cells * len(small.values) > MOST_ADDED:
        return _convolved(_coarse(small), large) if len(small.values) > COARSE else _convolved(small, _coarse(large))
    return _on_grid(small, large, step, cells, within)


def _on_grid(small: Spread, large: Spread, step: int, cells: int, within: int) -> Spread:
    """The same where sums meet so often that every cell of a grid is nearer than every pair."""
    start = int(small.values[0] + large.values[0])
    dense = np.zeros(int(large.values[-1] - large.values[0]) // step + 1, dtype=large.members.dtype)
    dense[((large.values - large.values[0]) // step).astype(np.int64)] = large.members
    total = np.zeros(cells, dtype=large.members.dtype)
    for value, members in zip(small.values, small.members, strict=True):
        place = int(value - small.values[0]) // step
        total[place : place + len(dense)] += members * dense
    there = np.flatnonzero(total)
    return Spread(start + there * step, total[there], within)


def _coarse(spread: Spread) -> Spread:
    """Fewer values, each at most so far from the true one."""
    step = -(-int(spread.values[-1] - spread.values[0]) // (COARSE // 2 - 1))
    values = (spread.values + step // 2) // step * step
    return _gathered(values, spread.members, spread.within + (step + 1) // 2)


def _merged(spreads: Sequence[Spread]) -> Spread:
    """The spread of members of which each is in one of several."""
    values = np.concatenate([spread.values for spread in spreads])
    members = np.concatenate([spread.members for spread in spreads])
    return _gathered(values, members, max(spread.within for spread in spreads))


def _gathered(values: Any, members: Any, within: int) -> Spread:
    """Equal values as one."""
    order = np.argsort(values, kind="stable")
    values, members = values[order], members[order]
    first = np.ones(len(values), dtype=bool)
    first[1:] = values[1:] != values[:-1]
    return Spread(values[first], np.add.reduceat(members, np.flatnonzero(first)), within)
