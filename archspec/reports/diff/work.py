"""What two networks run, whatever their tables call it: layers with other arguments, and those that one has alone.

Layers with the same weights belong together, where one was not found in the other as it is. So a stride that stands at
another convolution of a block shows as that, though every row and block of the tables differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from archspec.analysis.cost import heads_seen
from archspec.analysis.inferred import Shaped, without_loss
from archspec.compiled import Compiled
from archspec.op import Op
from archspec.reports.diff.paired import Network, Pair, Runs, Said, paired
from archspec.reports.diff.spoken import shown

STRIDE = "stride"
ELSEWHERE, REORDERED = "on other shapes", "its inputs in another order"
FIRST, SECOND = "only in the first", "only in the second"


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
    """From which kind of layer to which strides move, where as many layers get them as lose them."""

    @property
    def is_none(self) -> bool:
        """Whether both run the same layers on the same shapes."""
        return not self.changes and not self.elsewhere

    @property
    def strides(self) -> tuple[Work, ...]:
        """What differs as strides move."""
        return tuple(each for each in self.changes if self.moved and each.layer in self.moved and _is_stride(each))


def work_done(a: Compiled, b: Compiled) -> WorkDone:
    """How what two networks run differs, layer by layer."""
    return differing(Network(_seen(a), a.counting), Network(_seen(b), b.counting))


def _seen(compiled: Compiled) -> Iterator[Shaped]:
    inferred = compiled.inferred
    return chain(without_loss(inferred.rows), heads_seen(inferred, compiled.counting))


def differing(mine: Network, theirs: Network) -> WorkDone:
    """How what rows of two networks run differs."""
    pairs = [*paired(mine, theirs)]
    changes = [*_changes(pairs, mine, theirs), *_alone(mine, FIRST, -1), *_alone(theirs, SECOND, 1)]
    changes.sort(key=lambda change: (-abs(change.mult_adds), -abs(change.params)))
    reordered = sum(change.layers for change in changes if change.what == REORDERED)
    elsewhere = sum(pair.times for pair in pairs if pair.one.computes == pair.other.computes) - reordered
    return WorkDone(tuple(changes), elsewhere, _moved(changes))


def _changes(pairs: Sequence[Pair], mine: Network, theirs: Network) -> list[Work]:
    """Pairs with other arguments or other costs, those that differ in one way as one."""
    found: dict[tuple[str, str], Work] = {}
    for one, other, times in pairs:
        ours, others = mine.said[one], theirs.said[other]
        params, mult_adds = times * (other.params - one.params), times * (other.mult_adds - one.mult_adds)
        what = _what(one, other, ours, others)
        if what or params or mult_adds:
            _add(found, Work(ours.layer, times, what or ELSEWHERE, params, mult_adds))
    return list(found.values())


def _what(one: Runs, other: Runs, ours: Said, others: Said) -> str:
    if one.computes != other.computes:
        return ", ".join(_differences(ours, others))
    return REORDERED if one.enters != other.enters and sorted(one.enters) == sorted(other.enters) else ""


def _alone(network: Network, which: str, sign: int) -> list[Work]:
    found: dict[tuple[str, str], Work] = {}
    for run, count in network.left.items():
        if count:
            each = Work(network.said[run].layer, count, which, sign * count * run.params, sign * count * run.mult_adds)
            _add(found, each)
    return list(found.values())


def _add(found: dict[tuple[str, str], Work], more: Work) -> None:
    known = found.get((more.layer, more.what), more._replace(layers=0, params=0, mult_adds=0))
    found[more.layer, more.what] = known._replace(
        layers=known.layers + more.layers,
        params=known.params + more.params,
        mult_adds=known.mult_adds + more.mult_adds,
    )


def _differences(one: Said, other: Said) -> Iterator[str]:
    """In what two layers differ: ``stride 2 -> 1``, ``of 96 -> 64 channels``."""
    if type(one.op) is not type(other.op):
        yield f"{other.layer} instead"
        return
    for name in one.op.arguments:
        (mine, is_usual), (theirs, is_too) = _value(one.op, name), _value(other.op, name)
        if mine != theirs and not (is_usual and is_too):
            yield f"{name} {mine} -> {theirs}"
    channels, others = ([x.channels for x in each.xs] for each in (one, other))
    if channels != others:
        yield f"of {_listed(channels)} -> {_listed(others)} channels"


def _listed(numbers: Sequence[int]) -> str:
    return " + ".join(map(str, numbers))


def _value(op: Op, name: str) -> tuple[str, bool]:
    """An argument as it is written, or as it comes to where it is not; and whether it need not be written."""
    value, usual = getattr(op, name), op.implied(op.__dict__).get(name)
    value = usual if value is None else value
    return shown(value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value), value == usual


def _is_stride(change: Work) -> bool:
    return change.what.startswith(f"{STRIDE} ") and "," not in change.what


def _moved(changes: Sequence[Work]) -> tuple[str, str] | None:
    """From where to where strides move: some layers lose what as many others get."""
    strides = [*filter(_is_stride, changes)]
    if len(strides) != 2 or strides[0].layers != strides[1].layers:
        return None
    (lost, got) = sorted(strides, key=lambda change: change.what.endswith("-> 1"), reverse=True)
    before, after = lost.what.removeprefix(f"{STRIDE} "), got.what.removeprefix(f"{STRIDE} ")
    return (lost.layer, got.layer) if before == " -> ".join(reversed(after.split(" -> "))) else None
