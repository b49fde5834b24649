"""Layers that stand right before others and most likely should not: they mean something, and get a warning.

Each place in the source gets one, however many layers stand for it. What a condition leaves out, what several layers
take, and what a join takes is passed over: there the same layers have other neighbours too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from archspec.budget import spend
from archspec.diagnostics import Diagnostic, Report, Span
from archspec.elaborate import messages as say
from archspec.elaborate.layers import Layers
from archspec.elaborate.target import name_of
from archspec.ir.network import Apply, Branches, Graph, Group, Instance, Network, Repeat, Row, Step, When
from archspec.ir.node import IN
from archspec.op import Activation, Weighted
from archspec.support.limits import WALKED


class Layer(NamedTuple):
    """A layer as it was written: at its use, or in the rule that brings it up."""

    apply: Apply
    rule: Span | None = None
    """Its place in the rule that it stands in."""
    ruled: bool = False
    """Whether the rule alone brings it up, and not its name at a use."""

    @property
    def place(self) -> Span | None:
        """Where it was written."""
        return self.rule if self.ruled else self.apply.place


class Edges(NamedTuple):
    """The layers that some steps begin and end with, where that is always the same one."""

    first: Layer | None = None
    last: Layer | None = None


def unlikely(network: Network, layers: Layers) -> Iterator[Diagnostic]:
    """What is said of layers that stand next to each other, in rows, in heads and in blocks."""
    walk = _Walk(network, layers)
    walk.rows(network.rows, layers, [head.source for head in network.heads])
    for head in network.heads:
        walk.rows(head.rows, layers)
    return iter(walk.report)


class _Walk:
    def __init__(self, network: Network, layers: Layers) -> None:
        self._network, self._blocks = network, layers.blocks
        self._known: dict[str, Edges] = {}
        self._said: set[tuple[str, Span | None]] = set()
        self.report = Report()

    def rows(self, rows: Sequence[Row], home: Layers, more: Sequence[str] = ()) -> Edges:
        """Named rows, of which each takes the row above or those that it names; ``more`` are taken by others."""
        above = ["", *(row.layer for row in rows)]
        sources = [row.sources or (name,) for row, name in zip(rows, above, strict=False)]
        taken = Counter([*(name for names in sources for name in names), *more])
        found: dict[str, Edges] = {}
        for row, names in zip(rows, sources, strict=True):
            found[row.layer] = edges = self.steps(row.steps or (), home)
            if len(names) == 1 and taken[names[0]] == 1:
                self._meet(found.get(names[0], Edges()), edges)
        entry = [row for row, names in zip(rows, sources, strict=True) if {"", IN} & {*names}]
        first = found[entry[0].layer].first if len(entry) == 1 else None
        return Edges(first, found[rows[-1].layer].last if rows else None)

    def steps(self, steps: Sequence[Step], home: Layers, group: Group | None = None) -> Edges:
        """A chain of steps."""
        each = [self._step(step, home, group) for step in steps]
        for before, after in pairwise(each):
            self._meet(before, after)
        return Edges(each[0].first, each[-1].last) if each else Edges()

    def _step(self, step: Step, home: Layers, group: Group | None) -> Edges:
        spend(WALKED, step.place)
        match step:
            case Apply():
                layer = Layer(step) if group is None else _in_rule(step, group, home)
                return Edges(layer, layer)
            case Group():
                return self.steps(step.steps, home, step)
            case Repeat():
                edges = self.steps(step.steps, home, group)
                if step.times.value != 1:
                    self._meet(edges, edges)
                return edges
            case When():
                edges = self.steps(step.steps, home, group)
                return edges if step.condition.value else Edges()
            case Instance():
                return self._block(step.block)
            case Branches():
                for branch in step.branches:
                    self.steps(branch.steps, home)
                return Edges()
            case Graph():
                return self.rows(step.rows, home)

    def _block(self, key: str) -> Edges:
        """The edges of a block, whose layers are looked at once."""
        if key not in self._known:
            block = self._network.blocks[key]
            definition = self._blocks.find(block.name)
            home = definition.home if definition is not None else None
            self._known[key] = self.steps(block.steps, home) if isinstance(home, Layers) else Edges()
        return self._known[key]

    def _meet(self, before: Edges, after: Edges) -> None:
        """Say what is to be said of two layers that stand next to each other."""
        a, b = before.last, after.first
        if a is None or b is None:
            return
        kinds = a.apply.kind_of_layer, b.apply.kind_of_layer
        if all(issubclass(kind, Activation) for kind in kinds):
            at, other = (a, b) if b.ruled and not a.ruled else (b, a)
            self._say(say.two_activations(at.place, other.place, a.apply.op, b.apply.op))
        elif issubclass(kinds[0], Weighted) and "bias" not in a.apply.args and kinds[1].centres:
            at_rule = a.rule if b.ruled and a.rule is not None else a.apply.place
            self._say(say.idle_bias(at_rule, b.place, a.apply.op, b.apply.op))

    def _say(self, found: Diagnostic) -> None:
        if (found.code, found.span) not in self._said:
            self._said.add((found.code, found.span))
            self.report.add(found)


def _in_rule(apply: Apply, group: Group, home: Layers) -> Layer:
    """A layer that stands in the rule for another, or for itself."""
    targets = ((step.span, home.target(step.unit)) for step in home.rules.get(group.rule, ()))
    place = next((span for span, target in targets if target is not None and name_of(target) == apply.op), None)
    return Layer(apply, place or home.places.get(group.rule), apply.op != group.rule)
