"""Which layer of one network is which of another, of all that the two run: equal ones first, then those most alike.

Two layers are equal where torch computes the same, whatever a spec calls it: a convolution that sees all of its input
is fully connected. A vector is a map of one position.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from archspec.analysis.cost import amounts
from archspec.analysis.inferred import Shaped
from archspec.budget import spend
from archspec.counting.conventions import Counting
from archspec.counting.quantities import MULT_ADDS, PARAMS, SUMS
from archspec.op import Activation, Op, Shape
from archspec.reports.diff.spoken import shown
from archspec.support.limits import COUNTED

BIAS = "bias"


class Runs(NamedTuple):
    """One op on its inputs, and what it costs by the rule of its network."""

    computes: tuple[object, ...]
    """What torch does, the same for all ways to say it."""
    enters: tuple[Shape, ...]
    params: int
    mult_adds: int


class Said(NamedTuple):
    """How a network says what it runs, where it says it first."""

    op: Op
    xs: tuple[Shape, ...]

    @property
    def layer(self) -> str:
        """The layer as people speak of it: ``conv 1x1``, ``relu``."""
        size = getattr(self.op, self.op.sized, None) if self.op.sized else None
        return f"{self.op.spelled()} {shown(size)}" if size is not None else self.op.spelled()


Found: TypeAlias = Mapping[Runs, int]


class Pair(NamedTuple):
    """So many layers of one network, and those of another that are they."""

    one: Runs
    other: Runs
    times: int


class Network:
    """What rows of a network run at test time, and how it says that."""

    def __init__(self, rows: Iterable[Shaped], counting: Counting) -> None:
        self.left: Counter[Runs] = Counter()
        """What no layer of the other network was found for."""
        self.said: dict[Runs, Said] = {}
        params, mult_adds = SUMS.index(PARAMS), SUMS.index(MULT_ADDS)
        for row in rows:
            for use in row.uses:
                spend(COUNTED)
                plain = use.op.plainest(*use.xs)
                if plain.passes_on:
                    continue
                costs = amounts(counting.rules, use.layer)
                runs = Runs(computed(plain, use.xs), _enters(plain, use.xs), costs[params], costs[mult_adds])
                self.left[runs] += use.times
                self.said.setdefault(runs, Said(use.op, use.xs))


def paired(mine: Network, theirs: Network) -> Iterator[Pair]:
    """The layers of both that belong together and differ; they are taken out of what is left."""
    mine.left, theirs.left = mine.left - theirs.left, theirs.left - mine.left
    for key in (_by_arguments, _by_weights, _by_kernel, _by_cost, _by_place):
        yield from _alike(mine, theirs, key)
    yield from _in_order(mine, theirs)


def _alike(mine: Network, theirs: Network, key: Callable[[Runs, Said], Any]) -> Iterator[Pair]:
    places: dict[Any, list[Runs]] = {}
    for run in theirs.left:
        places.setdefault(key(run, theirs.said[run]), []).append(run)
    for run in list(mine.left):
        for other in places.get(key(run, mine.said[run]), ()):
            spend(COUNTED)
            yield from _taken(mine, theirs, run, other)


def _in_order(mine: Network, theirs: Network) -> Iterator[Pair]:
    """Layers of one kind, of which as many are left of both, in the order in which they run."""
    ours, others = _by_layer(mine), _by_layer(theirs)
    for layer in ours.keys() & others.keys():
        if sum(mine.left[run] for run in ours[layer]) == sum(theirs.left[run] for run in others[layer]):
            for run in ours[layer]:
                for other in others[layer]:
                    spend(COUNTED)
                    yield from _taken(mine, theirs, run, other)


def _taken(mine: Network, theirs: Network, run: Runs, other: Runs) -> Iterator[Pair]:
    count = min(mine.left[run], theirs.left[other])
    if count:
        mine.left[run] -= count
        theirs.left[other] -= count
        yield Pair(run, other, count)


def _by_layer(network: Network) -> dict[str, list[Runs]]:
    found: dict[str, list[Runs]] = {}
    for run, count in network.left.items():
        if count:
            found.setdefault(network.said[run].layer, []).append(run)
    return found


def _by_arguments(run: Runs, said: Said) -> Any:
    return run.computes, tuple(x.channels for x in run.enters)


def _by_weights(run: Runs, said: Said) -> Any:
    weights = said.op.weights(*said.xs)
    held = tuple(weights.items()) if weights else tuple(x.channels for x in said.xs)
    return said.op.spelled(), held


def _by_kernel(run: Runs, said: Said) -> Any:
    """What tells apart layers with and without a bias."""
    weights = {name: dims for name, dims in said.op.weights(*said.xs).items() if name != BIAS}
    return (said.op.spelled(), *weights.items()) if weights else run


def _by_cost(run: Runs, said: Said) -> Any:
    """What tells apart neither the two sides of a kernel nor the order of what is joined; no cost is what all have."""
    channels = sorted(x.channels for x in said.xs)
    return (said.op.spelled(), *channels, run.params, run.mult_adds) if run.params or len(channels) > 1 else run


def _by_place(run: Runs, said: Said) -> Any:
    """Non-linearities of the same input are one though they are of different kinds, and so are normalisations."""
    kind = "activation" if isinstance(said.op, Activation) else "normalisation" if said.op.normalises else run
    return kind, run.enters


def computed(op: Op, xs: tuple[Shape, ...]) -> tuple[object, ...]:
    """What torch does for a layer in its plainest form, equal for all ways to say it."""
    calls = op.torch(*(_enters(op, xs) if op.flattens else xs))
    if not calls:
        return (op,)
    return tuple((call.target, *map(repr, (*call.args.values(), *call.options.values()))) for call in calls)


def _enters(op: Op, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
    if op.flattens:
        return tuple(Shape(x.size) for x in xs)
    found = [Shape(x.channels) if x.is_map and x.extent == (1, 1) else x for x in xs]
    return tuple(found if op.joins_dense else sorted(found, key=lambda x: x.dims))
