"""The runs of a repetition: walked until nothing changes, and written as loops where their code is the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archspec.budget import spend
from archspec.expressions.polynomial import number
from archspec.expressions.symbols import Ledger, Symbol, polynomial_of, value_of
from archspec.support.limits import EMITTED
from archspec.targets.torch.bindings import Decides
from archspec.targets.torch.decisions import Decisions
from archspec.targets.torch.influence import NOTHING
from archspec.targets.torch.items import Again, Item
from archspec.targets.torch.loops import growing, once
from archspec.targets.torch.merging import written
from archspec.targets.torch.places import Place, alike_shapes, same_place

Body = Callable[[Place], tuple[list[Item], Place]]
"""Walks the steps of one run."""


class Runs:
    """The runs of one repetition, from its first to where nothing changes any more."""

    def __init__(self, body: Body, times: Any, at: Place) -> None:
        self._times, self._start = times, at
        self._runs: list[Again] = []
        left, text = times, None
        while value_of(left) > 0:
            found, end = body(at)
            same = left if same_place(at, end) else 1
            spend(EMITTED * len(found))
            last, text = text, written(found)
            if text == last:
                self._runs[-1] = Again(self._runs[-1].times + same, self._runs[-1].items)
            else:
                self._runs.append(Again(same, found))
            left, at = left - same, end
        self._left, self._end = left, at

    def items(self, decisions: Decisions, ledger: Ledger, counted: Any, before: int) -> tuple[list[Item], Place]:
        """The items and what comes out; ``counted`` is how often all repeats that has ``before`` items already.

        Where arguments of the network decide that, what follows must not depend on it: nothing may change from the
        second run on, nor in the first where there may be none, as others stand before.
        """
        decides = isinstance(counted, Symbol) and isinstance(self._times, Symbol)
        deciding = decisions.deciding(counted) if decides else NOTHING
        if not deciding:
            return self._known(decisions, ledger)
        changes = not alike_shapes(self._start.shape, self._end.shape)
        many = len(self._runs) > 2 - bool(before)
        if isinstance(self._left, Symbol) or value_of(self._times) < 1 or many or (before and changes):
            raise Decides(deciding)
        done = bool(before) + value_of(self._times) - value_of(self._runs[-1].times)
        self._runs[-1] = self._runs[-1]._replace(before=done)
        found = [item for run in self._runs for item in (run.items if once(run.times) else [run])]
        return found, self._end._replace(fresh=self._end.fresh and (self._start.fresh or not before))

    def _known(self, decisions: Decisions, ledger: Ledger) -> tuple[list[Item], Place]:
        """All runs, how many there are of a network that is known."""
        loops, at = growing(self._runs), self._end
        if isinstance(self._times, Symbol) and len(loops) == 1 and not once(loops[0].times):
            loops, at = [loops[0]._replace(times=self._times)], self._grown(ledger, self._times)
        return [item for run in loops for item in (run.items if _runs_once(run, decisions) else [run])], at

    def _grown(self, ledger: Ledger, times: Symbol) -> Place:
        """What comes out of runs that each add as much to the channels, over how many there are."""
        start, end = (polynomial_of(place.shape.channels) for place in (self._start, self._end))
        if (end - start).constant == 0:
            return self._end
        grown = start + times.polynomial * ((end - start) / number(times.value))
        channels: Any = Symbol(value_of(self._end.shape.channels), grown, ledger)
        return self._end._replace(shape=self._end.shape._replace(channels=channels))


def _runs_once(run: Again, decisions: Decisions) -> bool:
    """Whether items stand without a loop, which puts several of them into one module."""
    known = decisions.is_closed(run.times) and bool(value_of(run.times) == 1)
    return once(run.times) or (len(run.items) > 1 and known)
