"""The numbers in items and the names that code has for them: what there are, and items with others in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from archspec.expressions import Choice, Expression, Name, rebuilt
from archspec.expressions.code import code, whole
from archspec.expressions.symbols import Symbol, variable
from archspec.op import Call
from archspec.targets.torch.items import Again, Item, Leaf, Made, Maybe, Ruled, calls_in, every_item, within
from archspec.targets.torch.rules import Argument, Target


def expressions_in(items: Iterable[Item]) -> Iterator[Expression]:
    """Every Python expression in items over names: arguments, conditions and numbers of repetitions."""
    for item in every_item(items):
        if isinstance(item, Maybe) and len(item.holds) > 1:
            yield code(item.condition)
    yield from (value.code for value in values_in(items) if isinstance(value, Symbol))


def names_in(items: Iterable[Item]) -> frozenset[str]:
    """The names of the code that items depend on."""
    return frozenset[str]().union(*(expression.names for expression in expressions_in(items)))


def words_in(items: Iterable[Item]) -> frozenset[str]:
    """The arguments of the class that items depend on and that are no numbers in them: words and truth values."""
    targets = (call.target for call in calls_in(items) if isinstance(call.target, Target))
    return frozenset((*targets, *(str(value) for value in values_in(items) if isinstance(value, Argument))))


def values_in(items: Iterable[Item], passed: bool = True) -> Iterator[Any]:
    """Every number in items: arguments of torch modules, times of loops, and what is ``passed`` to other classes."""
    for item in every_item(items):
        if isinstance(item, Made) and passed:
            yield from (item.values[name] for name in item.of.arguments)
        elif isinstance(item, Again):
            yield item.times
    for call in calls_in(items):
        for value in (*call.args.values(), *call.spoken.values()):
            yield from value if isinstance(value, tuple) else (value,)


def renamed(items: Sequence[Item], names: Mapping[Expression, str], trees: Mapping[Expression, str]) -> list[Item]:
    """Items with names in the place of expressions, given as code and, as conditions have them, as trees.

    Where a condition holds, the name of what is chosen by it stands for what it is then.
    """
    chosen = {(tree.condition, whole(tree.yes)): name for tree, name in trees.items() if isinstance(tree, Choice)}
    asked = {tree: Name(name) for tree, name in trees.items()}
    items = _where_chosen(items, chosen)
    return with_values(items, lambda value: _named(value, names), lambda condition: _asking(condition, asked))


def _where_chosen(items: Sequence[Item], chosen: Mapping[tuple[Expression, Expression], str]) -> list[Item]:
    found: list[Item] = []
    for item in items:
        inner = within(item, lambda inside: _where_chosen(inside, chosen))
        if isinstance(inner, Maybe) and inner.items is not None:
            names = {code: name for (condition, code), name in chosen.items() if condition == inner.condition}
            inner = inner._replace(items=with_values(inner.items, partial(_named, names=names)))
        found.append(inner)
    return found


def with_values(
    items: Sequence[Item],
    change: Callable[[Any], Any],
    condition: Callable[[Expression], Expression] = lambda same: same,
) -> list[Item]:
    """Items with the numbers changed that modules and classes are given, and with their conditions."""
    return [_with_values(item, change, condition) for item in items]


def _with_values(item: Item, change: Callable[[Any], Any], condition: Callable[[Expression], Expression]) -> Item:
    match item:
        case Leaf():
            return item._replace(call=_changed_call(item.call, change))
        case Ruled():
            return item._replace(use=tuple(_changed_call(call, change) for call in item.use))
        case Made():
            return item._replace(values={name: change(value) for name, value in item.values.items()})
        case Maybe():
            item = item._replace(condition=condition(item.condition))
    return within(item, lambda inner: with_values(inner, change, condition))


def _asking(condition: Expression, names: Mapping[Expression, Name]) -> Expression:
    return names.get(condition) or rebuilt(condition, lambda part: _asking(part, names))


def _changed_call(call: Call, change: Callable[[Any], Any]) -> Call:
    args = {name: _changed(value, change) for name, value in call.args.items()}
    options = {name: _changed(value, change) for name, value in call.options.items()}
    return call._replace(args=args, options=options)


def _changed(value: Any, change: Callable[[Any], Any]) -> Any:
    return tuple(_changed(part, change) for part in value) if isinstance(value, tuple) else change(value)


def _named(value: Any, names: Mapping[Expression, str]) -> Any:
    if isinstance(value, Symbol) and value.code in names:
        return variable(names[value.code], value.value, value.ledger)
    return value
