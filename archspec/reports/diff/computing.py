"""What each row of a network computes, equal for rows that compute the same, whatever their blocks are called.

A row is a chain of units: layers, and forks of chains. Blocks are opened and repetitions unrolled, so that it does not
matter which of them say it. Long chains are one unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from archspec.analysis.collecting import Collecting
from archspec.analysis.inferred import Flow, Key, Tally, Values, ends_in_loss
from archspec.budget import spend
from archspec.ir.network import Apply, Branches, Graph, Instance, Network, Repeat
from archspec.ir.node import IN
from archspec.reports.diff.paired import computed
from archspec.support.limits import COUNTED

Chain: TypeAlias = tuple[tuple[int, int], ...]
"""Units by their numbers, each with how often it runs in succession."""
Known: TypeAlias = dict[object, int]
"""The numbers of units, by what they compute."""
LONGEST = 64
"""How many units a chain has at most before it is one unit."""


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


class _Computing(Collecting[tuple[int, int]]):
    """Notes what every row computes."""

    def __init__(self, network: Network, known: Known) -> None:
        super().__init__(network)
        self._units = known
        self._runs: list[list[tuple[int, int]]] = []
        self._known_blocks: dict[Key, Chain] = {}

    def _graph(self, step: Graph, x: Flow, values: Values, tally: Tally) -> Flow:
        """Named rows: each by what it takes, down to what enters."""
        y, chains = self._of_rows(step, x, values, tally)
        last = self._unit(IN)
        flows = {IN: last}
        for row, chain in zip(step.rows, chains, strict=True):
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
        y, key, chain = self._of_block(step, x, values, tally)
        for unit in self._known_blocks.setdefault(key, chain):
            self._add(unit)
        return y

    def _branches(self, step: Branches, x: Flow, values: Values, tally: Tally) -> Flow:
        y, joined, branches = self._of_branches(step, x, values, tally)
        if joined:
            ordered = branches if step.join.kind_of_layer.joins_dense else sorted(branches)
            self._add((self._unit((joined, *ordered)), 1))
        else:
            for unit in (unit for branch in branches for unit in branch):
                self._add(unit)
        return y

    def _closed(self, parts: list[tuple[int, int]]) -> Chain:
        chain = merged(parts)
        return chain if len(chain) <= LONGEST else ((self._unit(chain), 1),)

    def _add(self, part: tuple[int, int]) -> None:
        spend(COUNTED)
        super()._add(part)

    def _unit(self, computes: object) -> int:
        return self._units.setdefault(computes, len(self._units))
