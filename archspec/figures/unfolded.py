"""Every layer of a network as the parts of a figure, with the values that its arguments have where it stands.

A repetition whose runs are alike is there once, with their number.
"""

from __future__ import annotations

from collections.abc import Sequence

from archspec.analysis.collecting import Collecting
from archspec.analysis.inferred import Flow, Key, Tally, Values
from archspec.budget import spend
from archspec.diagnostics import ArchError
from archspec.figures.messages import too_large
from archspec.figures.parts import Fork, Layer, Part, Plated, Rows, Series, Stack
from archspec.figures.steps import look_of, sign_of
from archspec.figures.words import layer_text
from archspec.ir.network import Apply, Branches, Graph, Group, Instance, Network, Repeat, Step
from archspec.support.limits import DRAWN, MOST_DRAWN


def unfolded(network: Network) -> list[Series]:
    """For each row of a network its layers; raises ArchError where they are too many for a figure."""
    walk = _Unfolding(network)
    walk.rows(network.rows, Flow(network.input_shape), network.parameters)
    walk.report.raise_if_failed()
    return walk.found


class _Unfolding(Collecting[Part]):
    """Notes every layer."""

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        self._runs: list[list[tuple[Series, int]]] = []
        self._known_blocks: dict[Key, tuple[Series, int]] = {}
        self._size = 0

    def _graph(self, step: Graph, x: Flow, values: Values, tally: Tally) -> Flow:
        y, parts = self._of_rows(step, x, values, tally)
        self._add(Rows(tuple(row.layer for row in step.rows), tuple(parts), tuple(row.sources for row in step.rows)))
        return y

    def _apply(self, step: Apply, xs: Sequence[Flow], values: Values, tally: Tally, names: Sequence[str] = ()) -> Flow:
        y = super()._apply(step, xs, values, tally, names)
        if not step.kind_of_layer.passes_on:
            self._grow(1, step)
            self._add(Layer(layer_text(step, values), look_of(step), sign=sign_of(step)))
        return y

    def _stepped(self, step: Step, x: Flow, values: Values, tally: Tally) -> Flow:
        if not isinstance(step, Group):
            return super()._stepped(step, x, values, tally)
        y, series = self._collected(lambda: super(_Unfolding, self)._stepped(step, x, values, tally))
        layers = tuple(part for part in series if isinstance(part, Layer))
        for part in (Stack(layers),) if len(layers) == len(series) > 1 else series:
            self._add(part)
        return y

    def _repeat(self, step: Repeat, x: Flow, values: Values, tally: Tally) -> Flow:
        self._runs.append([])
        y, _ = self._collected(lambda: super(_Unfolding, self)._repeat(step, x, values, tally))
        for series, times in self._runs.pop():
            for part in series if times == 1 or not series else (Plated(series, f"×{times}"),):
                self._add(part)
        return y

    def _ran(self, times: int) -> None:
        series, runs = tuple(self._open[-1]), self._runs[-1]
        self._open[-1].clear()
        if runs and runs[-1][0] == series:  # on more channels, as in a dense block
            times += runs.pop()[1]
        runs.append((series, times))

    def _instance(self, step: Instance, x: Flow, values: Values, tally: Tally) -> Flow:
        """The layers of a block, which are walked at the first of its uses that are alike."""
        before = self._size
        y, key, series = self._of_block(step, x, values, tally)
        if key in self._known_blocks:
            series, size = self._known_blocks[key]
            self._grow(size, step)
        else:
            self._known_blocks[key] = series, self._size - before
        for part in series:
            self._add(part)
        return y

    def _branches(self, step: Branches, x: Flow, values: Values, tally: Tally) -> Flow:
        y, joined, branches = self._of_branches(step, x, values, tally)
        if joined and isinstance(joined[-1], Layer):
            self._add(Fork(tuple(branches), joined[-1].sign, joined[-1].text))
        else:
            for part in (part for series in branches for part in series):
                self._add(part)
        return y

    def _grow(self, boxes: int, step: Step) -> None:
        spend(DRAWN * boxes, step.place)
        self._size += boxes
        if self._size > MOST_DRAWN:
            help = "`--style blocks` draws each block once"
            raise ArchError([too_large(step.place, "boxes", MOST_DRAWN, help)])
