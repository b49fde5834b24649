"""What the code of a network demands of its arguments: numbers that must come out whole, and runs of which one must be.

The spec refuses a width of 10.56 channels; code that rounds would build another network in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from archspec.budget import spend
from archspec.expressions import Binary, Comparison, Expression, Function, Logic, Number
from archspec.expressions.conditions import excludes
from archspec.expressions.polynomial import Polynomial, number
from archspec.expressions.symbolic import cases, decided, symbolic
from archspec.expressions.symbols import Ledger, Symbol
from archspec.recipe.part import Code
from archspec.support.limits import DEMANDED
from archspec.targets.torch.item_values import values_in
from archspec.targets.torch.items import Again, Fork, Graph, Item, Leaf, Made, Maybe, Needs, Ruled, UsedClass, inside

Values = Mapping[str, Any]
"""What the names of a class stand for at one use."""


class Demand(NamedTuple):
    """A number that must be whole, where a condition over arguments holds."""

    number: Polynomial
    condition: Expression | None
    counts_runs: bool = False
    """Whether it is how often something repeats, and so at least 1."""

    @property
    def names(self) -> frozenset[str]:
        """The arguments that it depends on."""
        return self.number.tree.names


class Needed(NamedTuple):
    """A comparison over arguments that must hold, where a condition does."""

    comparison: Expression
    condition: Expression | None

    @property
    def names(self) -> frozenset[str]:
        """The arguments that it depends on."""
        return self.comparison.names


def demands_of(items: Iterable[Item], arguments: Values) -> list[Demand | Needed]:
    """What the items of a network demand of its arguments, which are symbols by their names; each demand once."""
    return [*dict.fromkeys(_Demands().of(items, arguments, None))]


class _Demands:
    """Follows numbers from the rows of a network into the classes that its blocks have."""

    def __init__(self) -> None:
        self._known: set[tuple[object, ...]] = set()

    def of(self, items: Iterable[Item], values: Values, condition: Expression | None) -> Iterator[Demand | Needed]:
        for item in items:
            spend(DEMANDED)
            yield from self._item(item, values, condition)
            for needs in _needs(item):
                yield from self._needed(needs, values, condition)

    def _item(self, item: Item, values: Values, condition: Expression | None) -> Iterator[Demand | Needed]:
        match item:
            case Leaf(gives=gives):
                yield from self._whole([*values_in([item]), gives], values, condition)
            case Ruled():
                yield from self._whole([*values_in([item])], values, condition)
            case Made(of, passed):
                yield from self._used(of, passed, values, condition)
            case Again(times):
                if isinstance(times, Symbol):
                    yield Demand(self._over(times, values) + number(item.before), condition, counts_runs=True)
                for i in (0, 1) if item.variable != "_" else (0,):  # whole in two runs, it is so in all
                    yield from self.of(item.items, {**values, item.variable: i}, condition)
            case Maybe():
                holds = decided(item.condition, values)
                if holds is not False:
                    yield from self.of(inside(item), values, _both(condition, holds))
            case _:
                yield from self.of(inside(item), values, condition)

    def _whole(self, found: Sequence[Any], values: Values, condition: Expression | None) -> Iterator[Demand]:
        for value in found:
            if isinstance(value, tuple):
                yield from self._whole(value, values, condition)
            elif isinstance(value, Symbol) and value.whole:
                yield from _demanded(self._over(value, values), condition)

    def _needed(self, needs: Needs, values: Values, condition: Expression | None) -> Iterator[Demand | Needed]:
        for need in needs:
            share = _share(need)
            if share is not None:
                yield from _demanded(symbolic(share, values), condition)
            else:
                holds = decided(need, values)
                if isinstance(holds, Expression):
                    yield Needed(holds, condition)

    def _used(
        self, of: UsedClass, passed: Values, values: Values, condition: Expression | None
    ) -> Iterator[Demand | Needed]:
        """What a class demands of what it is given at one use, unless that depends on no argument."""
        given = {of.identifier(name): self._value(value, values) for name, value in passed.items()}
        key = (id(of), condition, *((name, _hashed(value)) for name, value in given.items()))
        if key in self._known or not any(isinstance(value, Symbol) for value in given.values()):
            return
        self._known.add(key)
        for name, value in of.named.items():
            yield from self._whole([value], given, condition)
            given[name] = self._value(value, given)
        yield from self.of(of.items, given, condition)

    def _value(self, value: Any, values: Values) -> Any:
        """A value over the arguments of the network; a number where it depends on none, and a word or a truth value."""
        if isinstance(value, Code):
            return values.get(value.text, value)  # the argument of one class that another hands on
        if not isinstance(value, Symbol):
            return value
        found = self._over(value, values)
        if found.constant is None:
            return Symbol(value.value, found, Ledger(), value.whole)
        return found.constant if isinstance(found.constant, int) else float(found.constant)

    def _over(self, value: Symbol, values: Values) -> Polynomial:
        return symbolic(value.polynomial.tree, values)


def _needs(item: Item) -> Iterator[Needs]:
    """What an item needs itself, not what stands in it."""
    if isinstance(item, Leaf | Ruled | Fork):
        yield item.needs
    elif isinstance(item, Graph):
        yield from (node.needs for node in item.nodes)


def _share(need: Expression) -> Expression | None:
    """The number that must be whole for a division to leave no rest: `w / 4` of `w - 4 * floor(w / 4) == 0`."""
    match need:
        case Comparison("==", Binary("/", left, Number()), Number(0)):
            return _share(Comparison("==", left, Number(0)))
        case Comparison("==", Binary("-", whole, Binary("*", times, Function("floor", (share,)))), Number(0)):
            return share if share == Binary("/", whole, times) else None
    return None


def _demanded(found: Polynomial, condition: Expression | None) -> Iterator[Demand]:
    """A number that must be whole; where it is chosen by conditions, each that may be chosen."""
    for case, where in cases(found):
        if where is None:
            yield Demand(case, condition)
        elif condition is None or not excludes(where, condition):
            yield from _demanded(case, _both(condition, where))


def _both(condition: Expression | None, holds: Expression | bool) -> Expression | None:
    if not isinstance(holds, Expression) or holds == condition:
        return condition
    return holds if condition is None else Logic("and", condition, holds)


def _hashed(value: Any) -> object:
    return value.polynomial if isinstance(value, Symbol) else repr(value)
