"""The code of one block for different sizes, words and truth values, as one text with these as arguments.

Where the items differ, a value that is fixed in each stands in their place: ``kernel_size=k``, ``nl(inplace=True)``,
and ``if se`` around what only some have. What cannot be said so, or only by conditions on most of it, stays apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from archspec.budget import spend
from archspec.expressions import Expression
from archspec.ir.aligned import Differ, slots
from archspec.ir.node import Value
from archspec.support.limits import EMITTED
from archspec.targets.torch.fixed_arguments import Fixed, FixedArguments, Slot, demand
from archspec.targets.torch.items import Again, Branch, Fork, Graph, Item, Leaf, Made, Maybe, Ruled, is_skipped
from archspec.targets.torch.layout import flat, literal
from archspec.targets.torch.merging import can_ask, needed_by_both
from archspec.targets.torch.names import Names
from archspec.targets.torch.rules import Target


class SideBySide:
    """Several lists of items, with the values that are fixed in each, by their numbers."""

    def __init__(self, fixed: Sequence[Mapping[str, Value]], names: Names, programs: Sequence[frozenset[int]]) -> None:
        self._programs = programs
        """The networks that each list is of, by their places in the file."""
        self._arguments = FixedArguments(fixed, names)
        self._known: dict[tuple[int, ...], bool] = {}

    @property
    def arguments(self) -> Mapping[str, Fixed]:
        """The arguments that the one list needs, by their names in the spec."""
        return self._arguments.taken

    def items(self, lists: Sequence[Sequence[Item]]) -> list[Item]:
        """One list for all; raises Differ where there is none."""
        return self._sequence(dict(enumerate(lists)))

    def graph(self, graphs: Sequence[Graph]) -> Graph:
        """One graph for all, of the same rows; raises Differ where there is none."""
        return self._graph(graphs[0], dict(enumerate(graphs)))

    def telling(self, slot: Slot, lists: Mapping[int, Any]) -> Expression:
        """The condition under which something is there; raises Differ where none tells."""
        return self._arguments.telling(slot, lists)

    def _sequence(self, lists: Mapping[int, Sequence[Item]]) -> list[Item]:
        found = slots(lists, self._fit)
        if 2 * sum(len(slot) < len(lists) for slot in found) > len(found):
            raise Differ
        self._same_names(found)
        made: list[Item] = []
        for slot in found:
            item = self._one(slot)
            if isinstance(item, Fork | Graph) and (made or len(slot) < len(lists)):
                raise Differ  # they are what a class begins with, and not a module
            if len(slot) < len(lists):
                item = Maybe(self.telling(slot, lists), frozenset({True, False}), [item], bypass=False)
            made.append(item)
        return made

    def _same_names(self, found: Sequence[Slot]) -> None:
        """Raise Differ where what is one module in a network alone would be in a chain, under another name."""
        left = [[i for i, item in slot.items() if not is_skipped(item)] for slot in found]
        every = [frozenset[int]().union(*(self._programs[i] for i in each)) for each in left]
        several = sum(bool(each) for each in every) > 1
        counts = Counter(program for each in every for program in each)
        if several and 1 in counts.values():
            raise Differ

    def _fit(self, slot: Slot) -> bool:
        """Whether items can be one; what that needs is forgotten, as other places may fit better."""
        key = tuple(part for i, item in slot.items() for part in (i, id(item)))
        if key not in self._known:
            spend(EMITTED * len(slot))
            before = dict(self._arguments.taken)
            try:
                self._one(slot)
                self._known[key] = True
            except Differ:
                self._known[key] = False
            self._arguments.taken = before
        return self._known[key]

    def _one(self, slot: Slot) -> Item:
        item = self._laid(slot)
        if isinstance(item, Leaf | Ruled | Fork):
            return item._replace(needs=reduce(needed_by_both, (each.needs for each in slot.values())))
        return item

    def _laid(self, slot: Slot) -> Item:
        first = next(iter(slot.values()))
        if any(type(item) is not type(first) for item in slot.values()):
            raise Differ
        match first:
            case Leaf():
                call = self._arguments.call({i: item.call for i, item in slot.items()})
                called = call.target if isinstance(call.target, Target) else first.called
                return first._replace(call=call, called=called)
            case Ruled():
                return self._ruled(first, slot)
            case Made():
                demand({id(item.of) for item in slot.values()})
                given = {name: {i: item.values[name] for i, item in slot.items()} for name in first.values}
                return Made(first.of, {name: self._arguments.value(each) for name, each in given.items()})
            case Again():
                demand({(flat(literal(item.times)), item.variable) for item in slot.values()})
                return first._replace(items=self._sequence({i: item.items for i, item in slot.items()}))
            case Maybe():
                return self._maybe(first, slot)
            case Fork():
                return self._fork(first, slot)
            case Graph():
                return self._graph(first, slot)
        raise AssertionError(first)

    def _ruled(self, first: Ruled, slot: Slot) -> Ruled:
        demand({len(item.use) for item in slot.values()})
        made = first
        for at, op in enumerate(first.ops):
            call = self._arguments.call({i: item.use[at] for i, item in slot.items()})
            if isinstance(call.target, Target) and not isinstance(first.use[at].target, Target):
                made = made.calling(op, call.target)
            made = made._replace(use=(*made.use[:at], call, *made.use[at + 1 :]))
        return made

    def _maybe(self, first: Maybe, slot: Slot) -> Maybe:
        demand({(item.condition, item.bypass) for item in slot.values()})
        holding = {i: item.items or [] for i, item in slot.items() if True in item.holds}
        items = self._sequence(holding) if holding else first.items
        return first._replace(items=items, holds=frozenset[bool]().union(*(item.holds for item in slot.values())))

    def _fork(self, first: Fork, slot: Slot) -> Fork:
        demand({(x.join, *((b.name, b.shape.is_map) for b in x.branches)) for x in slot.values()})
        branches: list[Branch] = []
        for at, branch in enumerate(first.branches):
            there = {i: item.branches[at] for i, item in slot.items()}
            left = frozenset[bool]().union(*(each.left for each in there.values()))
            items = self._sequence({i: each.items for i, each in there.items()})
            branches.append(branch._replace(items=items, left=left))
        if not can_ask(branches):
            raise Differ
        return Fork(first.join, branches)

    def _graph(self, first: Graph, slot: Slot) -> Graph:
        demand({tuple(node.frame for node in item.nodes) for item in slot.values()})
        bodies = [{i: item.nodes[at].items for i, item in slot.items()} for at in range(len(first.nodes))]
        return Graph(
            [node._replace(items=self._sequence(body)) for node, body in zip(first.nodes, bodies, strict=True)]
        )
