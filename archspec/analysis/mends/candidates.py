"""What may have been meant by a figure, tried where it stands: other arguments of its row, other ways to count it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from typing import Any, NamedTuple

from archspec.analysis.applied import applied
from archspec.analysis.claim_totals import Measure, rules_of
from archspec.analysis.cost import Totals, rows_of
from archspec.analysis.inferred import Flow, Inferred, Inside, Key, Use
from archspec.analysis.mends.layers import Change, Layers
from archspec.analysis.mends.rules import column_for, rules_for, units_for
from archspec.analysis.precision import Precision
from archspec.analysis.shapes import again
from archspec.budget import spend
from archspec.counting.conventions import Counting
from archspec.counting.printed import Verdict, dims_of
from archspec.counting.quantities import INPUT, OUTPUT, Quantity, find
from archspec.ir.network import Cell, Claim, Instance, Network, Printed
from archspec.ir.node import IN
from archspec.ir.walking import every_step
from archspec.op import Op, Refused
from archspec.support.limits import APPLIED, COUNTED, WALKED

VERDICTS: tuple[Verdict, ...] = ("exact", "rounds", "cut", "coarse")
"""How a figure agrees, best first."""


class Mend(NamedTuple):
    """Something that gives the printed figure where it stands: what a spec says, and the network that has it."""

    says: str
    gives: str
    verdict: Verdict
    kind: object
    """Of mends of one kind the first is enough: one argument of one layer, rules that give the same."""
    network: Callable[[], Network]
    same: int = 0
    """How many of the first rows stay as they are, as far as that is known."""
    counts: bool = False
    """Whether it changes how figures are counted, and no layer."""


class Candidates:
    """The mends of figures of one network that give them where they stand."""

    def __init__(self, network: Network, inferred: Inferred, measure: Measure, precision: Precision) -> None:
        self._network, self._inferred, self._measure, self._precision = network, inferred, measure, precision
        self._counting = Counting(network.counted)

    def of(self, figure: Cell | Claim) -> Iterator[Mend]:
        """All of a figure, the likeliest first; each spends what it takes."""
        return self._of_cell(figure) if isinstance(figure, Cell) else self._of_claim(figure)

    def _of_cell(self, cell: Cell) -> Iterator[Mend]:
        quantity, at = find(cell.quantity), cell.row
        if quantity is not INPUT:
            yield from self._of_row(cell, at, quantity)
        elif (source := self._source(at)) is not None:
            yield from self._of_row(cell, source, OUTPUT)
        elif not at:
            yield from self._of_input(cell)
        if quantity.of_use is not None:
            yield from self._of_units(cell, quantity)
            yield from self._of_rules(cell, quantity)

    def _of_row(self, cell: Cell, at: int, quantity: Quantity) -> Iterator[Mend]:
        """Other arguments of the layers of a row."""
        layers = Layers(self._network, self._network.rows[at], self._inferred.rows[at].uses)
        for change, made in layers.changes():
            if made and not any(self._differs(op, use, quantity) for op, use in made):
                continue
            value, verdict = self._value(cell, at, quantity, change)
            if verdict in VERDICTS:
                same = at if change.written.block is None else 0
                kind = id(change.written.step), change.name  # nodes are equal wherever they stand
                network = partial(change.network, self._network, at)
                yield Mend(layers.says(change), value, verdict, kind, network, same)

    def _differs(self, op: Op, use: Use, quantity: Quantity) -> bool:
        """Whether a layer with another argument may change a quantity of its row."""
        spend(APPLIED)
        try:
            y = applied(op, use.xs).y
        except Refused:
            return False
        if y != use.y:
            return True
        if quantity.of_use is None:
            return op.window(*use.xs) != use.op.window(*use.xs)
        amounts = (quantity.of_use(self._counting, each, y, use.xs) for each in (op, use.op))
        return len({*amounts}) > 1

    def _value(self, cell: Cell, at: int, quantity: Quantity, change: Change) -> tuple[str, Verdict]:
        """What a change of a row gives there, and whether that is what is printed."""
        network, row = change.row_of(self._network, self._network.rows[at])
        shaped = again(network, row, self._entering(at), self._inside(change.written.block))
        costs = rows_of([shaped], self._counting, first=at == 0)
        return self._compared(cell, quantity, costs[0], network.units) if costs else ("", "unknown")

    def _of_input(self, cell: Cell) -> Iterator[Mend]:
        """Another input of the network."""
        dims = dims_of(cell.printed)
        if len(dims) == 2:
            dims = [*dims, self._network.input_shape.channels]
        text = "x".join(map(str, dims))
        if all(dims):
            other = partial(self._network.replaced, input=tuple(dims), input_names=())
            yield Mend(f"`input {text}`", text, "exact", "input", other)

    def _of_units(self, cell: Cell, quantity: Quantity) -> Iterator[Mend]:
        cost = rows_of([self._inferred.rows[cell.row]], self._counting, first=cell.row == 0)[0]
        for says, units in units_for(cell.printed, self._network.units):
            verdict = self._compared(cell, quantity, cost, units)[1]
            if verdict in VERDICTS:
                other = partial(self._network.replaced, units=units)
                yield Mend(says, cell.printed, verdict, "units", other, counts=True)

    def _of_rules(self, cell: Cell, quantity: Quantity) -> Iterator[Mend]:
        shaped = self._inferred.rows[cell.row]
        kinds = [type(use.op) for use in shaped.uses]
        for rules in rules_for(quantity, kinds, self._network.counted, heads=False):
            cost = rows_of([shaped], Counting(rules), first=cell.row == 0)[0]
            value, verdict = self._compared(cell, quantity, cost, self._network.units)
            if verdict in VERDICTS:
                says = f"`counted {', '.join(rules) or 'paper'}`"
                other = partial(self._network.replaced, counted=rules)
                yield Mend(says, value, verdict, value, other, counts=True)

    def _of_claim(self, claim: Claim) -> Iterator[Mend]:
        if not self._inferred.whole:
            return
        quantity, file = find(claim.quantity), self._network.counted
        kinds = [type(use.op) for item in self._inferred.rows for use in item.uses]
        for rules in rules_for(quantity, kinds, rules_of(self._network, claim), heads=bool(self._network.heads)):
            spend(COUNTED, claim.place)
            totals = self._measure(claim.parameters, Counting(rules))
            if not isinstance(totals, Totals):
                return
            value, verdict = self._compared(claim, quantity, totals)
            if verdict in VERDICTS:
                says = f"`{column_for(rules, file)}` in the column `counted`"
                yield Mend(says, value, verdict, value, lambda: self._network, counts=True)

    def _source(self, at: int) -> int | None:
        """The row whose output enters a row; None where the input of the network does."""
        sources = self._network.rows[at].sources
        if not sources:
            return at - 1 if at else None
        spend(WALKED * at)
        return next((i for i in reversed(range(at)) if self._network.rows[i].layer == sources[0] != IN), None)

    def _entering(self, at: int) -> list[Flow]:
        """What enters a row."""
        flows, row = self._inferred.trace.flows, self._network.rows[at]
        known = {IN: flows[0], "": flows[at]}
        if row.sources:
            spend(WALKED * at, row.place)
            known |= {before.layer: flow for before, flow in zip(self._network.rows[:at], flows[1:], strict=False)}
        return [flow for source in row.sources or [""] if (flow := known[source]) is not None]

    def _inside(self, block: str | None) -> Mapping[Key, Inside]:
        """What uses of blocks come to, without those that lead to a block."""
        inside = self._inferred.inside
        if block is None:
            return inside
        reached = self._leading_to(block)
        spend(WALKED * len(inside))
        return {key: found for key, found in inside.items() if key.block not in reached}

    def _leading_to(self, name: str) -> frozenset[str]:
        """The blocks of a name, and those that use them, by their keys."""
        found = frozenset(key for key, block in self._network.blocks.items() if block.name == name)
        more = found
        while more:
            more = frozenset(key for key, used in self._used.items() if not used.isdisjoint(more)) - found
            spend(WALKED * len(self._used))
            found |= more
        return found

    @cached_property
    def _used(self) -> dict[str, frozenset[str]]:
        """The blocks that each block uses."""
        found: dict[str, frozenset[str]] = {}
        for key, block in self._network.blocks.items():
            steps = [*every_step(block.steps)]
            spend(WALKED * (1 + len(steps)), block.place)
            found[key] = frozenset(step.block for step in steps if isinstance(step, Instance))
        return found

    def _compared(
        self, figure: Printed, quantity: Quantity, cost: Any, units: Mapping[str, int] = {}
    ) -> tuple[str, Verdict]:
        actual, precision = quantity.of(cost), self._precision.of(figure)
        value, verdict = quantity.form.compared(figure.printed, actual, units, precision)
        return f"{value:,}" if isinstance(value, int) else value, verdict
