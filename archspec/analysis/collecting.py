"""A walk over every row once more that collects what is noted on the way, by rows, branches and runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from archspec.analysis.inferred import Flow, Key, Shaped, Tally, Values
from archspec.analysis.shapes import Walk
from archspec.diagnostics import Report
from archspec.ir.network import Branch, Branches, Graph, Instance, Network, Row, Step
from archspec.ir.walking import is_left

P = TypeVar("P")
T = TypeVar("T")


class Collecting(Walk, Generic[P]):
    """Subclasses say with ``_add`` what they note, and what becomes of branches, blocks, runs and named rows."""

    def __init__(self, network: Network) -> None:
        super().__init__(network, Report())
        self.found: list[tuple[P, ...]] = []
        """For each row what was noted."""
        self._open: list[list[P]] = []
        self._branched: list[list[tuple[P, ...]]] = []
        self._chained: list[list[tuple[P, ...]]] = []

    def _add(self, part: P) -> None:
        self._open[-1].append(part)

    def _closed(self, parts: list[P]) -> tuple[P, ...]:
        """What stands for parts of which there are no more."""
        return tuple(parts)

    def _collected(self, act: Callable[[], T]) -> tuple[T, tuple[P, ...]]:
        """What is done, and what is noted meanwhile."""
        self._open.append([])
        done = act()
        return done, self._closed(self._open.pop())

    def _of_rows(self, step: Graph, x: Flow, values: Values, tally: Tally) -> tuple[Flow, list[tuple[P, ...]]]:
        """What named rows give, and what is noted in each."""
        self._chained.append([])
        y = super()._graph(step, x, values, tally)
        return y, self._chained.pop()

    def _of_block(self, step: Instance, x: Flow, values: Values, tally: Tally) -> tuple[Flow, Key, tuple[P, ...]]:
        """What a use of a block gives, its key, equal for uses that are alike, and what is noted in it."""
        block = self._network.blocks[step.block]
        key = Key(step.block, tuple(self.arguments(step, block, values, x.shape.channels).items()), x.shape)
        chained, self._chained = self._chained, []
        y, parts = self._collected(lambda: super(Collecting, self)._instance(step, x, values, tally))
        self._chained = chained
        return y, key, parts

    def _of_branches(
        self, step: Branches, x: Flow, values: Values, tally: Tally
    ) -> tuple[Flow, tuple[P, ...], list[tuple[P, ...]]]:
        """What branches give, and what is noted behind them and in each that is left."""
        self._branched.append([])
        y, behind = self._collected(lambda: super(Collecting, self)._branches(step, x, values, tally))
        return y, behind, self._branched.pop()

    def _row(self, row: Row, inputs: Sequence[Flow | None], values: Values) -> tuple[Shaped, Flow | None]:
        done, parts = self._collected(lambda: super(Collecting, self)._row(row, inputs, values))
        self.found.append(parts)
        return done

    def _chain(self, steps: Sequence[Step], xs: Sequence[Flow], values: Values, tally: Tally, row: Row) -> Flow:
        if not self._chained:
            return super()._chain(steps, xs, values, tally, row)
        y, parts = self._collected(lambda: super(Collecting, self)._chain(steps, xs, values, tally, row))
        self._chained[-1].append(parts)
        return y

    def _branch(self, branch: Branch, x: Flow, values: Values, tally: Tally) -> Flow:
        y, parts = self._collected(lambda: super(Collecting, self)._branch(branch, x, values, tally))
        if is_left(branch.steps, lambda step: bool(self.value(step.condition, values))):
            self._branched[-1].append(parts)
        return y
