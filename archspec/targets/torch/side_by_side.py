"""The code of one block for different sizes, words and truth values, as one text with these as arguments.

Where the items differ, a value that is fixed in each stands in their place: ``kernel_size=k``, ``nl(inplace=True)``,
and ``if se`` around what only some have. What cannot be said so, or only by conditions on most of it, stays apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any, NamedTuple, TypeAlias

from archspec.budget import spend
from archspec.expressions import Comparison, Expression, Name, Negation, Quoted
from archspec.expressions.symbols import Ledger, variable
from archspec.ir.aligned import Differ, slots
from archspec.ir.node import Value
from archspec.op import Call
from archspec.recipe.part import Code
from archspec.support.limits import EMITTED
from archspec.targets.torch.items import Again, Branch, Fork, Graph, Item, Leaf, Made, Maybe, Ruled
from archspec.targets.torch.layout import flat, literal
from archspec.targets.torch.merging import can_ask, needed_by_both
from archspec.targets.torch.names import Names
from archspec.targets.torch.rules import Argument

Slot: TypeAlias = Mapping[int, Any]
MODULE = "type[nn.Module]"
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


class Fixed(NamedTuple):
    """An argument of a class in the place of values that are fixed in a block: what is passed for each of them."""

    identifier: str
    kind: str
    passed: Mapping[Value, Any]


class SideBySide:
    """Several lists of items, with the values that are fixed in each, by their numbers."""

    def __init__(self, fixed: Sequence[Mapping[str, Value]], names: Names) -> None:
        self._fixed = fixed
        self._called = {
            name: names.identifier(name, "parameter") for name in dict.fromkeys(n for each in fixed for n in each)
        }
        """The names of the arguments in the code, by those in the spec."""
        self.arguments: dict[str, Fixed] = {}
        """The arguments that the one list needs, by their names in the spec."""
        self._known: dict[tuple[int, ...], bool] = {}

    def items(self, lists: Sequence[Sequence[Item]]) -> list[Item]:
        """One list for all; raises Differ where there is none."""
        return self._sequence(dict(enumerate(lists)))

    def _sequence(self, lists: Mapping[int, Sequence[Item]]) -> list[Item]:
        found = slots(lists, self._fit)
        if 2 * sum(len(slot) < len(lists) for slot in found) > len(found):
            raise Differ
        made: list[Item] = []
        for slot in found:
            item = self._one(slot)
            if isinstance(item, Fork | Graph) and (made or len(slot) < len(lists)):
                raise Differ  # they are what a class begins with, and not a module
            if len(slot) < len(lists):
                item = Maybe(self._telling(slot, lists), frozenset({True, False}), [item], bypass=False)
            made.append(item)
        return made

    def _fit(self, slot: Slot) -> bool:
        """Whether items can be one; what that needs is forgotten, as other places may fit better."""
        key = tuple(part for i, item in slot.items() for part in (i, id(item)))
        if key not in self._known:
            spend(EMITTED * len(slot))
            before = dict(self.arguments)
            try:
                self._one(slot)
                self._known[key] = True
            except Differ:
                self._known[key] = False
            self.arguments = before
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
                return self._leaf(first, slot)
            case Ruled(use=use):
                _demand({tuple(call.target for call in item.use) for item in slot.values()})
                calls = (self._call({i: item.use[at] for i, item in slot.items()}) for at in range(len(use)))
                return first._replace(use=tuple(calls))
            case Made():
                _demand({id(item.of) for item in slot.values()})
                names = first.values
                return Made(first.of, {n: self._value({i: x.values[n] for i, x in slot.items()}) for n in names})
            case Again():
                _demand({(flat(literal(item.times)), item.variable) for item in slot.values()})
                return first._replace(items=self._sequence({i: item.items for i, item in slot.items()}))
            case Maybe():
                return self._maybe(first, slot)
            case Fork():
                return self._fork(first, slot)
            case Graph():
                return self._graph(first, slot)
        raise AssertionError(first)

    def _maybe(self, first: Maybe, slot: Slot) -> Maybe:
        _demand({(item.condition, item.bypass) for item in slot.values()})
        holding = {i: item.items or [] for i, item in slot.items() if True in item.holds}
        items = self._sequence(holding) if holding else first.items
        return first._replace(items=items, holds=frozenset[bool]().union(*(item.holds for item in slot.values())))

    def _fork(self, first: Fork, slot: Slot) -> Fork:
        _demand({(x.join, *((b.name, b.shape.is_map) for b in x.branches)) for x in slot.values()})
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
        kinds = (
            tuple((n.name, n.sources, n.join, tuple(x.is_map for x in n.inputs)) for n in item.nodes)
            for item in slot.values()
        )
        _demand(set(kinds))
        return Graph(
            [
                node._replace(items=self._sequence({i: item.nodes[at].items for i, item in slot.items()}))
                for at, node in enumerate(first.nodes)
            ]
        )

    def _leaf(self, first: Leaf, slot: Slot) -> Leaf:
        calls = {i: item.call for i, item in slot.items()}
        if len({call.target for call in calls.values()}) == 1:
            return first._replace(call=self._call(calls))
        if any(call.module or call.closing or call.given or call.args for call in calls.values()):
            raise Differ
        spoken = [{name: literal(value) for name, value in call.spoken.items()} for call in calls.values()]
        in_place = all("inplace" in options for options in spoken)
        _demand({tuple((n, flat(v)) for n, v in options.items() if n != "inplace" or in_place) for options in spoken})
        argument = self._argument(lambda i: Code(calls[i].target), calls, MODULE)
        options = {n: v for n, v in first.call.spoken.items() if n != "inplace" or in_place}
        return Leaf(first.op, Call(argument.identifier, options=options), argument.identifier)

    def _call(self, slot: Mapping[int, Call]) -> Call:
        """One call of one target."""
        first = next(iter(slot.values()))
        _demand({(tuple(call.args), tuple(call.options), call.module) for call in slot.values()})
        args = {name: self._value({i: call.args[name] for i, call in slot.items()}) for name in first.args}
        options = {
            name: all(call.options[name] for call in slot.values())
            if name == "inplace"
            else self._value({i: call.options[name] for i, call in slot.items()})
            for name in first.options
        }
        return first._replace(args=args, options=options)

    def _value(self, slot: Slot) -> Any:
        """One value: the same in all, or the argument that it is, or half of a kernel."""
        first = next(iter(slot.values()))
        texts = {flat(literal(value)) for value in slot.values()}
        if len(texts) == 1:
            return first
        kinds = {type(value) for value in slot.values()}
        for kind, name in ((Code, MODULE), (bool, "bool"), (str, "str")):
            if kinds == {kind}:
                return Argument(self._argument(lambda i: slot[i], slot, name).identifier, name)
        if kinds != {int}:
            raise Differ
        for name in self._sizes(slot):
            sides = {i: self._side(i, name) for i in slot}
            if sides == slot:
                return self._size(name)
            if {i: side // 2 for i, side in sides.items() if side is not None} == slot:
                return self._size(name) // 2
        raise Differ

    def _sizes(self, slot: Slot) -> list[str]:
        """The names whose values are the sides of squares in all places."""
        return [name for name in self._called if all(self._side(i, name) is not None for i in range(len(self._fixed)))]

    def _side(self, i: int, name: str) -> int | None:
        value = self._fixed[i].get(name)
        return value[0] if isinstance(value, tuple) and len(set(value)) == 1 else None

    def _size(self, name: str) -> Any:
        sides = {self._fixed[i][name]: self._side(i, name) for i in range(len(self._fixed))}
        argument = self._take(name, "int", sides)
        return variable(argument.identifier, next(iter(argument.passed.values())), Ledger())

    def _argument(self, passed: Callable[[int], Any], slot: Slot, kind: str) -> Fixed:
        """The argument whose values go together with what is passed; one that is there before a new one."""
        names = dict.fromkeys([*self.arguments, *self._called])
        for name in names:
            if any(name not in fixed for fixed in self._fixed):
                continue
            found: dict[Value, Any] = {}
            for i in slot:
                found.setdefault(self._fixed[i][name], passed(i))
            if all(_same(found[self._fixed[i][name]], passed(i)) for i in slot) and _suits(kind, found):
                try:
                    return self._take(name, kind, found)
                except Differ:
                    continue
        raise Differ

    def _take(self, name: str, kind: str, passed: Mapping[Value, Any]) -> Fixed:
        """An argument that passes these values too."""
        known = self.arguments.get(name) or Fixed(self._called[name], kind, {})
        both = {**passed, **known.passed}
        if known.kind != kind or not all(_same(both[value], x) for value, x in passed.items()):
            raise Differ
        self.arguments[name] = known._replace(passed=both)
        return self.arguments[name]

    def _telling(self, slot: Slot, lists: Mapping[int, Any]) -> Expression:
        """The condition under which an item stands there."""
        for name in self._called:
            if any(name not in self._fixed[i] for i in lists):
                continue
            inside = {self._fixed[i][name] for i in slot}
            outside = {self._fixed[i][name] for i in lists if i not in slot}
            if inside & outside:
                continue
            try:
                return self._condition(name, inside, outside)
            except Differ:
                continue
        raise Differ

    def _condition(self, name: str, inside: set[Value], outside: set[Value]) -> Expression:
        """What holds for values of an argument, and not for others."""
        every = {fixed[name] for fixed in self._fixed if name in fixed}
        if all(isinstance(value, bool) for value in every):
            flag = Name(self._take(name, "bool", {value: value for value in every}).identifier)
            return flag if True in inside else Negation(flag)
        if not all(isinstance(value, str) and WORD.fullmatch(value) for value in every):
            raise Differ
        for group, operator in ((inside, "=="), (outside, "!=")):
            if len(group) == 1:
                word = Name(self._take(name, "str", {value: value for value in every}).identifier)
                (only,) = group
                return Comparison(operator, word, Quoted(str(only)))
        raise Differ


def _same(one: Any, other: Any) -> bool:
    return flat(literal(one)) == flat(literal(other))


def _suits(kind: str, passed: Mapping[Value, Any]) -> bool:
    """Whether an argument passes values of its kind: a word may stand for a layer, a truth value for nothing else."""
    if kind == MODULE:
        return all(isinstance(value, str) for value in passed)
    return all(type(value) is type(x) and value == x for value, x in passed.items())


def _demand(found: set[Any]) -> None:
    if len(found) > 1:
        raise Differ
