"""One block for all that a name has become: what differs between them, by the values that are fixed in each.

An argument that is a size, a word or a truth value makes a block of its own for each value. Where these blocks differ
in nothing else, they are one block with a parameter again: ``conv 3x3`` and ``conv 5x5`` are ``conv k``, ``relu`` and
``hard-swish`` are ``nl``, and a step that only some have stands under a condition, ``se if SE``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from archspec.budget import spend
from archspec.expressions import Comparison, Expression, Name, Negation, Quoted, Size, every_part
from archspec.ir.aligned import Differ, slots
from archspec.ir.network import Apply, Arg, Block, Branches, Graph, Group, Instance, Repeat, Step, When
from archspec.ir.node import Value
from archspec.printing.called import Called, Named
from archspec.printing.leaves import constant_of, stands_for, value_of, with_parts
from archspec.printing.texts import NAME
from archspec.support.limits import WALKED

Steps = Sequence[Any]


class Kinds:
    """The blocks of one name."""

    def __init__(
        self, blocks: Sequence[Block], ruled: Callable[[str], bool], use: Callable[[Instance], Called]
    ) -> None:
        self._blocks, self._ruled, self._use = blocks, ruled, use
        self._names = sorted({name for block in blocks for name in block.fixed})
        self.needed: set[str] = set()
        """The parameters that the body names of those that are fixed in any."""
        self._known: dict[tuple[tuple[int, int], ...], tuple[Any, set[str]] | None] = {}
        """What was found of steps in one place, with the parameters that it needs: each is asked for again."""

    def steps(self) -> list[Any]:
        """The steps of the one block; raises Differ where there is none."""
        return self._sequence(dict(enumerate(block.steps for block in self._blocks)))

    def default(self, name: str) -> Arg | None:
        """The default of a parameter, where it is one that is not fixed in all."""
        found = {i: block.parameters[name] for i, block in enumerate(self._blocks) if name in block.parameters}
        given = {i: arg for i, arg in found.items() if arg is not None}
        if not given:
            return None
        if len(given) < len(found):
            raise Differ
        return self._arg(given)

    def _sequence(self, kinds: Mapping[int, Steps]) -> list[Any]:
        """A chain, with conditions on steps that not all have."""
        made: list[Any] = []
        for slot in slots(kinds, self._fit):
            step = self._step(slot)
            if slot.keys() != kinds.keys():
                step = When(condition=Arg(value=None, expression=self._telling(slot, kinds)), steps=(step,))
            made.append(step)
        return made

    def _fit(self, slot: Mapping[int, Any]) -> bool:
        return self._found(slot) is not None

    def _step(self, slot: Mapping[int, Any]) -> Any:
        """One step for those that stand in one place."""
        found = self._found(slot)
        if found is None:
            raise Differ
        self.needed |= found[1]
        return found[0]

    def _found(self, slot: Mapping[int, Any]) -> tuple[Any, set[str]] | None:
        key = tuple((i, id(step)) for i, step in slot.items())
        if key not in self._known:
            spend(WALKED * len(slot))
            outer, self.needed = self.needed, set()
            try:
                self._known[key] = self._one(slot), self.needed
            except Differ:
                self._known[key] = None
            self.needed = outer
        return self._known[key]

    def _telling(self, slot: Mapping[int, Any], kinds: Mapping[int, Any]) -> Expression:
        """The condition under which a step stands there."""
        for name in sorted(self._names, key=lambda name: not self._is_switch(name)):
            values = {i: self._blocks[i].fixed.get(name) for i in kinds}
            inside = {values[i] for i in slot}
            outside = {values[i] for i in kinds if i not in slot}
            if inside & outside or None in inside | outside:
                continue
            condition = self._condition(name, inside, outside)
            if condition is not None:
                self.needed.add(name)
                return condition
        raise Differ

    def _is_switch(self, name: str) -> bool:
        return all(isinstance(block.fixed.get(name), bool) for block in self._blocks)

    def _condition(self, name: str, inside: set[Any], outside: set[Any]) -> Expression | None:
        """What holds for values of a parameter, and not for others; None where a spec cannot say it."""
        if self._is_switch(name):
            return Name(name) if True in inside else Negation(Name(name))
        for group, operator in ((inside, "=="), (outside, "!=")):
            only = next(iter(group))
            if len(group) == 1 and isinstance(only, str) and NAME.fullmatch(only):
                return Comparison(operator, Name(name), Quoted(only))
        return None

    def _one(self, slot: Mapping[int, Any]) -> Any:
        first = next(iter(slot.values()))
        if all(isinstance(step, Apply | Instance) for step in slot.values()):
            return self._layer(slot)
        passed = [step for step in slot.values() if isinstance(step, When) and step.bypass]
        if passed and len(passed) < len(slot):  # a shortcut that changes something in any case
            inner = {i: step.steps if isinstance(step, When) else (step,) for i, step in slot.items()}
            return passed[0].replaced(steps=tuple(self._sequence(inner)))
        if any(type(step) is not type(first) for step in slot.values()):
            raise Differ
        return self._inner(first, slot)

    def _inner(self, first: Step, slot: Mapping[int, Any]) -> Any:
        match first:
            case Group():
                return self._group(slot)
            case Repeat():
                steps = self._sequence({i: step.first or step.steps for i, step in slot.items()})
                return Repeat(times=self._arg({i: step.times for i, step in slot.items()}), steps=tuple(steps))
            case When():
                if len({step.bypass for step in slot.values()}) > 1:
                    raise Differ
                condition = self._arg({i: step.condition for i, step in slot.items()})
                steps = self._sequence({i: step.steps for i, step in slot.items()})
                return first.replaced(condition=condition, steps=tuple(steps))
            case Branches():
                self._demand({(s.join.op, tuple(b.name for b in s.branches)) for s in slot.values()})
                branches = self._parts(first.branches, {i: step.branches for i, step in slot.items()})
                return first.replaced(branches=branches)
            case Graph():
                self._demand({tuple((row.layer, row.sources) for row in step.rows) for step in slot.values()})
                return first.replaced(rows=self._parts(first.rows, {i: step.rows for i, step in slot.items()}))
            case _:
                raise Differ

    def _parts(self, first: Sequence[Any], kinds: Mapping[int, Sequence[Any]]) -> tuple[Any, ...]:
        """Branches, or named rows, with the steps of all."""
        return tuple(
            part.replaced(steps=tuple(self._sequence({i: parts[at].steps or () for i, parts in kinds.items()})))
            for at, part in enumerate(first)
        )

    def _demand(self, found: set[Any]) -> None:
        if len(found) > 1:
            raise Differ

    def _group(self, slot: Mapping[int, Group]) -> Group:
        """A layer with its rule: all but the layer is the same."""
        first = next(iter(slot.values()))
        self._demand({(group.rule, len(group.steps)) for group in slot.values()})
        made: list[Any] = []
        for at, step in enumerate(first.steps):
            there = {i: group.steps[at] for i, group in slot.items()}
            own = isinstance(step, Apply | Instance) and self._word(step) == first.rule
            if not own and any(other != step for other in there.values()):
                raise Differ
            made.append(self._step(there) if own else step)
        return first.replaced(steps=tuple(made))

    def _layer(self, slot: Mapping[int, Any]) -> Any:
        """A layer or a use of a block, or a parameter in its place."""
        called = {
            i: self._use(step) if isinstance(step, Instance) else Called(step.op, step.args) for i, step in slot.items()
        }
        first = next(iter(called.values()))
        if len({each.name for each in called.values()}) > 1:
            words = {i: self._word(slot[i]) for i in slot}
            if any(each.args for each in called.values()) or any(map(self._ruled, words.values())):
                raise Differ
            return Named(self._name(words))
        self._demand({frozenset(each.args) for each in called.values()})
        args = {name: self._arg({i: each.args[name] for i, each in called.items()}) for name in first.args}
        step = next(iter(slot.values()))
        return step.replaced(args=args) if isinstance(step, Apply) else first._replace(args=args)

    def _word(self, step: Apply | Instance) -> str:
        """What a parameter would say in the place of a layer."""
        return step.op if isinstance(step, Apply) else self._use(step).of

    def _arg(self, slot: Mapping[int, Arg]) -> Arg:
        """An argument: the same in all, or what a parameter or an expression over parameters stands for."""
        first = next(iter(slot.values()))
        plain = first.expression is None or not any(isinstance(part, Size) for part in every_part(first.expression))
        if plain and all(arg == first for arg in slot.values()):
            return first
        trees = {i: constant_of(arg.known) if arg.expression is None else arg.expression for i, arg in slot.items()}
        sizes = [arg.value for arg in slot.values() if isinstance(arg.value, tuple)]
        return Arg(value=sizes[0] if len(sizes) == len(slot) else None, expression=self._expression(trees))

    def _expression(self, slot: Mapping[int, Expression]) -> Expression:
        first = next(iter(slot.values()))
        sized = isinstance(first, Size)
        if all(tree == first for tree in slot.values()) and not first.parts and not sized:
            return first
        alike = all(type(tree) is type(first) and len(tree.parts) == len(first.parts) for tree in slot.values())
        if alike and first.parts and not sized:
            said = {getattr(tree, "operator", getattr(tree, "name", "")) for tree in slot.values()}
            if len(said) == 1:
                parts = iter(
                    [self._expression({i: t.parts[at] for i, t in slot.items()}) for at in range(len(first.parts))]
                )
                return with_parts(first, parts)
        return Name(self._name({i: value_of(tree) for i, tree in slot.items()}))

    def _name(self, slot: Mapping[int, Value | str | None]) -> str:
        """The parameter that has these values."""
        for name in dict.fromkeys([*self._names, *(n for block in self._blocks for n in block.parameters)]):
            if all(stands_for(self._blocks[i], name, value) for i, value in slot.items()):
                self.needed.add(name)
                return name
        raise Differ
