"""What two networks run, whatever their tables call it: layers with other arguments, and those that one has alone.

Layers with the same weights belong together, where one was not found in the other as it is. So a stride that stands at
another convolution of a block shows as that, though every row and block of the tables differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from itertools import chain
from math import prod
from typing import Any, NamedTuple, TypeAlias

from archspec.analysis.cost import heads_seen
from archspec.analysis.inferred import Shaped, without_loss
from archspec.compiled import Compiled
from archspec.op import Op
from archspec.reports.diff.paired import Network, Pair, Runs, Said, paired
from archspec.reports.diff.spoken import STRIDE
from archspec.support.bound import difference, total


class Way(Enum):
    """How layers differ that have the same arguments, or that one network has alone."""

    ELSEWHERE = "on other shapes"
    REORDERED = "its inputs in another order"
    FIRST = "only in the first"
    SECOND = "only in the second"


class Argument(NamedTuple):
    """An argument of a layer in both networks."""

    name: str
    before: object
    after: object


class Widths(NamedTuple):
    """The channels of each input of a layer in both networks."""

    before: tuple[int, ...]
    after: tuple[int, ...]


class Replaced(NamedTuple):
    """Another layer stands in the place of one."""

    by: str


Differences: TypeAlias = tuple[Argument | Widths | Replaced, ...]


class Work(NamedTuple):
    """Layers of one kind that differ in the same way: how many, in what, and what that costs."""

    layer: str
    """``conv 1x1``."""
    layers: int
    what: Way | Differences
    params: int | None
    """How many more the second has; None where that is not known."""
    mult_adds: int | None

    @property
    def stride(self) -> Argument | None:
        """The stride, where that is all that differs."""
        match self.what:
            case (Argument(name=name) as only,) if name == STRIDE:
                return only
        return None


Found: TypeAlias = dict[tuple[str, Way | Differences], Work]
"""Works by their layers and in what these differ."""


class WorkDone(NamedTuple):
    """What two networks run differently."""

    changes: tuple[Work, ...]
    elsewhere: Mapping[str, int]
    """How many layers of each kind that are the same, and cost the same, run on other shapes."""
    strides: tuple[Work, ...]
    """The layers that lose strides, and as many that get them: both or none."""

    @property
    def is_none(self) -> bool:
        """Whether both run the same layers on the same shapes."""
        return not self.changes and not self.elsewhere

    @property
    def moved(self) -> tuple[str, ...] | None:
        """From which kind of layer to which strides move."""
        return tuple(each.layer for each in self.strides) or None


def work_done(a: Compiled, b: Compiled) -> WorkDone:
    """How what two networks run differs, layer by layer."""
    return differing(Network(_seen(a), a.counting), Network(_seen(b), b.counting))


def _seen(compiled: Compiled) -> Iterator[Shaped]:
    inferred = compiled.inferred
    return chain(without_loss(inferred.rows), heads_seen(inferred, compiled.counting))


def differing(mine: Network, theirs: Network) -> WorkDone:
    """How what rows of two networks run differs."""
    changes, elsewhere = _changes(paired(mine, theirs), mine, theirs)
    changes += [*_alone(mine, Way.FIRST), *_alone(theirs, Way.SECOND)]
    changes.sort(key=lambda change: (-abs(change.mult_adds or 0), -abs(change.params or 0)))
    return WorkDone(tuple(changes), elsewhere, _moved(changes))


def _changes(pairs: Iterator[Pair], mine: Network, theirs: Network) -> tuple[list[Work], Counter[str]]:
    """Pairs with other arguments or costs, those that differ in one way as one, and how many others of each kind."""
    found: Found = {}
    elsewhere: Counter[str] = Counter()
    for one, other, times in pairs:
        layer = mine.said[one].layer
        what = _what(one, other, mine.said[one], theirs.said[other])
        work = Work(layer, times, what or Way.ELSEWHERE, *_costs(one, other, times))
        if work.params != 0 or work.mult_adds != 0 or what not in ((), Way.ELSEWHERE):
            _add(found, work)
        elif what:
            elsewhere[layer] += times
    return list(found.values()), elsewhere


def _what(one: Runs, other: Runs, ours: Said, others: Said) -> Way | Differences:
    if one.computes != other.computes:
        return tuple(_differences(ours, others))
    is_reordered = one.enters != other.enters and Counter(one.enters) == Counter(other.enters)
    return Way.REORDERED if is_reordered else Way.ELSEWHERE


def _costs(one: Runs | None, other: Runs | None, times: int) -> tuple[int | None, int | None]:
    """How many more parameters and mult-adds so many of the second have; None where that is not known."""
    mine, theirs = ((run.params, run.mult_adds) if run else (0, 0) for run in (one, other))
    params, mult_adds = (difference(times * a, times * b) for a, b in zip(mine, theirs, strict=True))
    return params, mult_adds


def _alone(network: Network, which: Way) -> list[Work]:
    found: Found = {}
    for run, count in network.left.items():
        if count:
            costs = _costs(run, None, count) if which is Way.FIRST else _costs(None, run, count)
            _add(found, Work(network.said[run].layer, count, which, *costs))
    return list(found.values())


def _add(found: Found, more: Work) -> None:
    known = found.get((more.layer, more.what), more._replace(layers=0, params=0, mult_adds=0))
    found[more.layer, more.what] = known._replace(
        layers=known.layers + more.layers,
        params=total((known.params, more.params)),
        mult_adds=total((known.mult_adds, more.mult_adds)),
    )


def _differences(one: Said, other: Said) -> Iterator[Argument | Widths | Replaced]:
    if type(one.op) is not type(other.op):
        yield Replaced(other.layer)
        return
    for name in one.op.arguments:
        (mine, is_usual), (theirs, is_too) = _value(one.op, name), _value(other.op, name)
        if mine != theirs and not (is_usual and is_too):
            yield Argument(name, mine, theirs)
    channels, others = (tuple(x.channels for x in each.xs) for each in (one, other))
    if channels != others:
        yield Widths(channels, others)


def _value(op: Op, name: str) -> tuple[object, bool]:
    """An argument as it is, or as it comes to where it is not given; and whether it need not be given."""
    value, usual = getattr(op, name), op.implied(op.__dict__).get(name)
    value = usual if value is None else value
    return value, value == usual


def _moved(changes: Sequence[Work]) -> tuple[Work, ...]:
    """The layers that lose strides and those that get them, where as many get what others lose."""
    strides = [(each, each.stride) for each in changes if each.stride is not None]
    if len(strides) != 2:
        return ()
    (lost, less), (got, more) = sorted(strides, key=lambda each: _positions(each[1].before), reverse=True)
    are_turned = (less.before, less.after) == (more.after, more.before)
    return (lost, got) if are_turned and lost.layers == got.layers else ()


def _positions(stride: Any) -> int:
    """Of how many positions a stride keeps one."""
    return prod(stride) if isinstance(stride, tuple) else int(stride)
