"""The arguments of a class that stand in the place of what is fixed in several blocks or networks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from archspec.expressions import Comparison, Expression, Name, Negation, Number, Quoted
from archspec.expressions.symbols import Ledger, variable
from archspec.ir.aligned import Differ
from archspec.ir.node import Value
from archspec.op import Call
from archspec.recipe.part import Code
from archspec.targets.torch.layout import flat, literal
from archspec.targets.torch.names import Names
from archspec.targets.torch.rules import MODULE, Argument, Target

Slot: TypeAlias = Mapping[int, Any]
"""What stands in one place, by the numbers of the blocks or networks that have something there."""
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


class Fixed(NamedTuple):
    """An argument of a class in the place of values that are fixed in a block: what is passed for each of them."""

    identifier: str
    kind: str
    passed: Mapping[Value, Any]


class FixedArguments:
    """Arguments for values that are fixed in each of several blocks or networks, by their numbers."""

    def __init__(self, fixed: Sequence[Mapping[str, Value]], names: Names) -> None:
        self._fixed = fixed
        self._called = {
            name: names.identifier(name, "parameter") for name in dict.fromkeys(n for each in fixed for n in each)
        }
        """The names of the arguments in the code, by those in the spec."""
        self.taken: dict[str, Fixed] = {}
        """The arguments that are needed, by their names in the spec."""

    def call(self, slot: Mapping[int, Call]) -> Call:
        """One call for several, of a target that may be an argument."""
        if len({call.target for call in slot.values()}) == 1:
            return self._call(slot)
        if any(call.module or call.closing or call.given or call.args for call in slot.values()):
            raise Differ
        spoken = [{name: literal(value) for name, value in call.spoken.items()} for call in slot.values()]
        in_place = all("inplace" in options for options in spoken)
        demand({tuple((n, flat(v)) for n, v in options.items() if n != "inplace" or in_place) for options in spoken})
        argument = self._argument(lambda i: Code(str(slot[i].target)), slot, MODULE)
        first = next(iter(slot.values()))
        options = {n: v for n, v in first.spoken.items() if n != "inplace" or in_place}
        return Call(Target(argument.identifier), options=options)

    def _call(self, slot: Mapping[int, Call]) -> Call:
        """One call of one target."""
        first = next(iter(slot.values()))
        demand({(tuple(call.args), tuple(call.options), call.module) for call in slot.values()})
        args = {name: self.value({i: call.args[name] for i, call in slot.items()}) for name in first.args}
        options = {
            name: all(call.options[name] for call in slot.values())
            if name == "inplace"
            else self.value({i: call.options[name] for i, call in slot.items()})
            for name in first.options
        }
        return first._replace(args=args, options=options)

    def value(self, slot: Slot) -> Any:
        """One value: the same in all, or the argument that it is, or half of a kernel."""
        first = next(iter(slot.values()))
        texts = {flat(literal(value)) for value in slot.values()}
        if len(texts) == 1:
            some = type(first) is float and len(slot) < len(self._fixed)  # `dropout p if p > 0`, where p is 0.1 or 0
            return (self._named(slot) if some else None) or first
        kinds = {type(value) for value in slot.values()}
        for kind, name in ((Code, MODULE), (bool, "bool"), (str, "str")):
            if kinds == {kind}:
                return Argument(self._argument(lambda i: slot[i], slot, name).identifier, name)
        if not kinds <= {int, float}:
            raise Differ
        number = self._named(slot)
        if number is not None:
            return number
        for name in self._sizes(slot):
            sides = {i: self._side(i, name) for i in slot}
            if sides == slot:
                return self._size(name)
            if {i: side // 2 for i, side in sides.items() if side is not None} == slot:
                return self._size(name) // 2
        raise Differ

    @property
    def _numbers(self) -> list[str]:
        """The names whose values are numbers in all places."""
        return [name for name in self._called if all(type(fixed.get(name)) in (int, float) for fixed in self._fixed)]

    def _named(self, slot: Slot) -> Argument | None:
        """The argument that numbers are."""
        for name in self._numbers:
            if all(self._fixed[i][name] == value for i, value in slot.items()):
                argument = self._number(name)
                return Argument(argument.identifier, argument.kind)
        return None

    def _number(self, name: str) -> Fixed:
        values = [value for fixed in self._fixed if isinstance(value := fixed[name], int | float)]
        kind = float if any(isinstance(value, float) for value in values) else int
        return self._take(name, kind.__name__, {value: kind(value) for value in values})

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
        names = dict.fromkeys([*self.taken, *self._called])
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
        known = self.taken.get(name) or Fixed(self._called[name], kind, {})
        both = {**passed, **known.passed}
        if known.kind != kind or not all(_same(both[value], x) for value, x in passed.items()):
            raise Differ
        self.taken[name] = known._replace(passed=both)
        return self.taken[name]

    def telling(self, slot: Slot, lists: Mapping[int, Any]) -> Expression:
        """The condition under which an item stands there: by a truth value rather than by a word that goes with it."""
        flags = {name for name in self._called if all(isinstance(fixed.get(name), bool) for fixed in self._fixed)}
        for name in sorted(self._called, key=lambda name: name not in flags):
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
        if name in self._numbers and outside == {0} and min(inside) > 0:  # type: ignore[operator]
            return Comparison(">", Name(self._number(name).identifier), Number(0))
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


def demand(found: set[Any]) -> None:
    """Raise Differ where what must be the same in all is not."""
    if len(found) > 1:
        raise Differ
