"""What each row of a network computes, equal for rows that compute the same, whatever their blocks are called.

A row is a chain of units: layers, and forks of chains. Blocks are opened and repetitions unrolled, so that it does not
matter which of them say it. Long chains are one unit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

from archspec.analysis.inferred import Flow, Key, Shaped, Tally, Values, ends_in_loss
from archspec.analysis.shapes import Walk
from archspec.budget import spend
from archspec.diagnostics import Report
from archspec.ir.network import Apply, Branch, Branches, Graph, Instance, Network, Repeat, Row, Step
from archspec.ir.node import IN
from archspec.ir.walking import is_left
from archspec.reports.diff.paired import computed
from archspec.support.limits import COUNTED

Chain: TypeAlias = tuple[tuple[int, int], ...]
"""Units by their numbers, each with how often it runs in succession."""
Known: TypeAlias = dict[object, int]
"""The numbers of units, by what they compute."""
LONGEST = 64
"""How many units a chain has at most before it is one unit."""
T = TypeVar("T")


def chains(network: Network, known: Known) -> list[Chain]:
    """For each row of a network what it computes; chains with the same ``known`` can be compared."""
    walk = _Computing(network, known)
    walk.rows(network.rows, Flow(network.input_shape), network.parameters)
    last = next((at for at in reversed(range(len(walk.found))) if walk.found[at]), None)
    if last is not None and ends_in_loss(network.rows[last]):
        walk.found[last] = walk.found[last][:-1]
    return walk.found


def merged(chain: Sequence[tuple[int, int]]) -> Chain:
    """A chain in which equal neighbours are one."""
    found: list[tuple[int, int]] = []
    for unit, times in chain:
        if found and found[-1][0] == unit:
            times += found.pop()[1]
        found.append((unit, times))
    return tuple(found)


class _Computing(Walk):
    """Walks every row once more, and notes what it computes."""

    def __init__(self, network: Network, known: Known) -> None:
        super().__init__(network, Report())
        self.found: list[Chain] = []
        self._units = known
        self._open: list[list[tuple[int, int]]] = []
        self._branched: list[list[Chain]] = []
        self._runs: list[list[tuple[int, int]]] = []
        self._chained: list[list[Chain]] = []
        self._known_blocks: dict[Key, Chain] = {}

    def _row(self, row: Row, inputs: Sequence[Flow | None], values: Values) -> tuple[Shaped, Flow | None]:
        done, chain = self._collected(lambda: super(_Computing, self)._row(row, inputs, values))
        self.found.append(chain)
        return done

    def _chain(self, steps: Sequence[Step], xs: Sequence[Flow], values: Values, tally: Tally, row: Row) -> Flow:
        if not self._chained:
            return super()._chain(steps, xs, values, tally, row)
        y, chain = self._collected(lambda: super(_Computing, self)._chain(steps, xs, values, tally, row))
        self._chained[-1].append(chain)
        return y

    def _graph(self, step: Graph, x: Flow, values: Values, tally: Tally) -> Flow:
        """Named rows: each by what it takes, down to what enters."""
        self._chained.append([])
        y = super()._graph(step, x, values, tally)
        last = self._unit(IN)
        flows = {IN: last}
        for row, chain in zip(step.rows, self._chained.pop(), strict=True):
            sources = tuple(flows[source] for source in row.sources) or (last,)
            last = flows[row.layer] = self._unit((sources, chain))
        self._add((last, 1))
        return y

    def _apply(self, step: Apply, xs: Sequence[Flow], values: Values, tally: Tally, names: Sequence[str] = ()) -> Flow:
        y = super()._apply(step, xs, values, tally, names)
        shapes = tuple(x.shape for x in xs)
        op = self._op(step, xs, values).plainest(*shapes)
        if not op.passes_on:
            self._add((self._unit(computed(op, shapes)), 1))
        return y

    def _repeat(self, step: Repeat, x: Flow, values: Values, tally: Tally) -> Flow:
        self._runs.append([])
        y, _ = self._collected(lambda: super(_Computing, self)._repeat(step, x, values, tally))
        for unit in self._runs.pop():
            self._add(unit)
        return y

    def _ran(self, times: int) -> None:
        chain = merged(self._open[-1])
        self._open[-1].clear()
        if len(chain) == 1:
            self._runs[-1].append((chain[0][0], chain[0][1] * times))
        elif len(chain) * times <= LONGEST:
            self._runs[-1] += chain * times
        else:
            self._runs[-1].append((self._unit(chain), times))

    def _instance(self, step: Instance, x: Flow, values: Values, tally: Tally) -> Flow:
        """The layers of a block, which are walked at the first of its uses that are alike."""
        block = self._network.blocks[step.block]
        key = Key(step.block, tuple(self.arguments(step, block, values, x.shape.channels).items()), x.shape)
        chained, self._chained = self._chained, []
        y, chain = self._collected(lambda: super(_Computing, self)._instance(step, x, values, tally))
        self._chained = chained
        for unit in self._known_blocks.setdefault(key, chain):
            self._add(unit)
        return y

    def _branches(self, step: Branches, x: Flow, values: Values, tally: Tally) -> Flow:
        self._branched.append([])
        y, joined = self._collected(lambda: super(_Computing, self)._branches(step, x, values, tally))
        branches = self._branched.pop()
        if joined:
            ordered = branches if step.join.kind_of_layer.joins_dense else sorted(branches)
            self._add((self._unit((joined, *ordered)), 1))
        else:
            for unit in (unit for branch in branches for unit in branch):
                self._add(unit)
        return y

    def _branch(self, branch: Branch, x: Flow, values: Values, tally: Tally) -> Flow:
        y, chain = self._collected(lambda: super(_Computing, self)._branch(branch, x, values, tally))
        if is_left(branch.steps, lambda step: bool(self.value(step.condition, values))):
            self._branched[-1].append(chain)
        return y

    def _collected(self, act: Callable[[], T]) -> tuple[T, Chain]:
        """What is done, and the units that are noted meanwhile."""
        self._open.append([])
        done = act()
        chain = merged(self._open.pop())
        return done, chain if len(chain) <= LONGEST else ((self._unit(chain), 1),)

    def _add(self, unit: tuple[int, int]) -> None:
        spend(COUNTED)
        self._open[-1].append(unit)

    def _unit(self, computes: object) -> int:
        return self._units.setdefault(computes, len(self._units))
