"""What two networks run, whatever their tables call it: layers with other arguments, and those that one has alone.

Layers with the same weights belong together, where one was not found in the other as it is. So a stride that stands at
another convolution of a block shows as that, though every row and block of the tables differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from archspec.analysis.cost import amounts, uses_seen
from archspec.budget import spend
from archspec.compiled import Compiled
from archspec.counting.quantities import MULT_ADDS, PARAMS, SUMS
from archspec.op import Op, Shape
from archspec.reports.diff.spoken import shown
from archspec.support.limits import COUNTED

STRIDE = "stride"


class Runs(NamedTuple):
    """One op on its inputs, and what it costs by the rule of its network."""

    op: Op
    xs: tuple[Shape, ...]
    params: int
    mult_adds: int


class Work(NamedTuple):
    """Layers of one kind that differ in the same way: how many, in what, and what that costs."""

    layer: str
    """``conv 1x1``."""
    layers: int
    what: str
    """``stride 2 -> 1``, ``only in the first``."""
    params: int
    mult_adds: int


class WorkDone(NamedTuple):
    """What two networks run differently."""

    changes: tuple[Work, ...]
    elsewhere: int
    """How many layers that are the same run on other shapes."""
    moved: tuple[str, str] | None
    """From which kind of layer to which the strides move, where nothing else changes."""

    @property
    def params(self) -> int:
        """How many more the second has."""
        return sum(change.params for change in self.changes)

    @property
    def mult_adds(self) -> int:
        """How many more the second has."""
        return sum(change.mult_adds for change in self.changes)


def work_done(a: Compiled, b: Compiled) -> WorkDone:
    """How what two networks run differs, layer by layer."""
    mine, theirs = _runs(a), _runs(b)
    only_mine, only_theirs = mine - theirs, theirs - mine
    pairs = [*_paired(only_mine, only_theirs)]
    changes = [*_changes(pairs), *_alone(only_mine, "first", -1), *_alone(only_theirs, "second", 1)]
    changes.sort(key=lambda change: (-abs(change.mult_adds), -abs(change.params)))
    elsewhere = sum(count for one, other, count in pairs if one.op == other.op)
    return WorkDone(tuple(changes), elsewhere, _moved(changes))


def _runs(network: Compiled) -> Counter[Runs]:
    params, mult_adds = SUMS.index(PARAMS), SUMS.index(MULT_ADDS)
    found: Counter[Runs] = Counter()
    for use in uses_seen(network.inferred, network.counting):
        spend(COUNTED)
        costs = amounts(network.counting.rules, use.layer)
        if not use.op.passes_on:
            found[Runs(use.op, use.xs, costs[params], costs[mult_adds])] += use.times
    return found


def _paired(mine: Counter[Runs], theirs: Counter[Runs]) -> Iterator[tuple[Runs, Runs, int]]:
    """Layers of both that are the same but for their shapes, then those with the same weights; they are taken out."""
    for key in (_by_arguments, _by_weights):
        places: dict[Any, list[Runs]] = {}
        for run in theirs:
            places.setdefault(key(run), []).append(run)
        for run in list(mine):
            for other in places.get(key(run), ()):
                spend(COUNTED)
                count = min(mine[run], theirs[other])
                if count:
                    yield run, other, count
                    mine[run] -= count
                    theirs[other] -= count


def _by_arguments(run: Runs) -> Any:
    return run.op, tuple(x.channels for x in run.xs)


def _by_weights(run: Runs) -> Any:
    weights = run.op.weights(*run.xs)
    return (
        (run.op.spelled(), tuple(weights.items())) if weights else (run.op.spelled(), tuple(x.channels for x in run.xs))
    )


def _changes(pairs: Sequence[tuple[Runs, Runs, int]]) -> list[Work]:
    """Pairs with other arguments or other costs, those that differ in one way as one."""
    found: dict[tuple[str, str], Work] = {}
    for one, other, count in pairs:
        what = ", ".join(_arguments(one.op, other.op))
        params, mult_adds = count * (other.params - one.params), count * (other.mult_adds - one.mult_adds)
        if not what and not params and not mult_adds:
            continue
        key = (_layer(one.op), what or "on other shapes")
        known = found.get(key, Work(*key[:1], 0, key[1], 0, 0))
        found[key] = known._replace(
            layers=known.layers + count, params=known.params + params, mult_adds=known.mult_adds + mult_adds
        )
    return list(found.values())


def _alone(runs: Mapping[Runs, int], which: str, sign: int) -> list[Work]:
    found: dict[str, Work] = {}
    for run, count in runs.items():
        if count:
            name = _layer(run.op)
            known = found.get(name, Work(name, 0, f"only in the {which}", 0, 0))
            found[name] = known._replace(
                layers=known.layers + count,
                params=known.params + sign * count * run.params,
                mult_adds=known.mult_adds + sign * count * run.mult_adds,
            )
    return list(found.values())


def _arguments(one: Op, other: Op) -> list[str]:
    """The arguments in which two layers of one kind differ: ``stride 2 -> 1``."""
    pairs = ((name, getattr(one, name), getattr(other, name)) for name in one.arguments)
    return [f"{name} {_value(a)} -> {_value(b)}" for name, a, b in pairs if a != b]


def _value(value: object) -> str:
    if isinstance(value, tuple) and len(set(value)) == 1:
        return shown(value[0])
    return shown(value)


def _layer(op: Op) -> str:
    """A layer as people speak of it: ``conv 1x1``, ``relu``."""
    size = getattr(op, op.sized, None) if op.sized else None
    return f"{op.spelled()} {shown(size)}" if size is not None else op.spelled()


def _moved(changes: Sequence[Work]) -> tuple[str, str] | None:
    """From where to where strides move, where layers differ in nothing else: some lose what as many others get."""
    strides = [change for change in changes if change.what.startswith(f"{STRIDE} ") and "," not in change.what]
    others = [change for change in changes if change not in strides and change.what != "on other shapes"]
    if others or len(strides) != 2 or strides[0].layers != strides[1].layers:
        return None
    (lost, got) = sorted(strides, key=lambda change: change.what.endswith("-> 1"), reverse=True)
    before, after = lost.what.removeprefix(f"{STRIDE} "), got.what.removeprefix(f"{STRIDE} ")
    return (lost.layer, got.layer) if before == " -> ".join(reversed(after.split(" -> "))) else None
