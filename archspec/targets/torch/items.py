"""What emitted modules are made of: torch modules, rules, loops, uses of blocks, branches and named rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from archspec.expressions import Expression
from archspec.expressions.code import code
from archspec.expressions.symbols import Symbol, alike, variable
from archspec.op import Call, Join, Op, Shape
from archspec.targets.torch.layout import flat, literal
from archspec.targets.torch.rules import Use, call_doc

if TYPE_CHECKING:
    from archspec.targets.torch.classes import BlockClass


class Leaf(NamedTuple):
    """One torch module."""

    op: Op
    call: Call


class Ruled(NamedTuple):
    """The torch modules of one layer with its `every` rule."""

    label: str
    doc: str
    use: Use


class Again(NamedTuple):
    """Items in a loop."""

    times: int
    items: list[Item]
    variable: str = "_"
    """The variable of the loop, over which what grows is written."""


class Maybe(NamedTuple):
    """Items under a condition; ``holds`` is what it comes to in the uses that were merged.

    Where it holds in none of them, nothing says that the items make sense, and they may be None.
    """

    condition: Expression
    holds: frozenset[bool]
    items: list[Item] | None
    bypass: bool


class Made(NamedTuple):
    """One use of a block: the object of its class for these values of the constructor's arguments."""

    of: BlockClass
    values: dict[str, Any]


class Branch(NamedTuple):
    """One branch of a fork, with the shape that it gives; ``left`` unless all of it is under conditions that fail."""

    name: str
    items: list[Item]
    shape: Shape
    left: bool
    conditional: bool
    """Whether conditions decide if it is left."""


class Fork(NamedTuple):
    """Branches of one input, and the layer that joins them."""

    join: Join
    branches: list[Branch]


class Node(NamedTuple):
    """One named row: a join of its sources, if there are several, then items."""

    name: str
    sources: tuple[str, ...]
    join: Join | None
    inputs: tuple[Shape, ...]
    items: list[Item]
    shape: Shape


class Graph(NamedTuple):
    """Named rows."""

    nodes: list[Node]


Item: TypeAlias = Leaf | Ruled | Again | Maybe | Made | Fork | Graph


def inside(item: Item) -> Iterator[Item]:
    """The items right inside an item."""
    if isinstance(item, Again):
        yield from item.items
    elif isinstance(item, Maybe):
        yield from (item.items or []) if True in item.holds else []
    elif isinstance(item, Fork):
        for branch in item.branches:
            yield from branch.items
    elif isinstance(item, Graph):
        for node in item.nodes:
            yield from node.items


def every_item(items: Iterable[Item]) -> Iterator[Item]:
    """Every item in items, in order, also inside others; the classes of blocks are not entered."""
    for item in items:
        yield item
        yield from every_item(inside(item))


def settled(items: Iterable[Item]) -> list[Item]:
    """Items with what their conditions come to, where that is the same in all uses."""
    found: list[Item] = []
    for item in items:
        if isinstance(item, Maybe) and len(item.holds) == 1:
            found += settled(item.items or []) if True in item.holds else []
        else:
            found.append(item)
    return found


def calls_in(items: Iterable[Item]) -> Iterator[Call]:
    """Every torch module in items, in order."""
    for item in every_item(items):
        if isinstance(item, Ruled):
            yield from item.use
        elif isinstance(item, Leaf):
            yield item.call


def rules_in(items: Iterable[Item]) -> Iterator[Ruled]:
    """Every use of an `every` rule in items, in order."""
    return (item for item in every_item(items) if isinstance(item, Ruled))


def expressions_in(items: Iterable[Item]) -> Iterator[Expression]:
    """Every Python expression in items over names: arguments, conditions and numbers of repetitions."""
    for item in every_item(items):
        if isinstance(item, Maybe) and len(item.holds) > 1:
            yield code(item.condition)
    yield from (value.code for value in values_in(items) if isinstance(value, Symbol))


def names_in(items: Iterable[Item]) -> frozenset[str]:
    """The names of the code that items depend on."""
    return frozenset[str]().union(*(expression.names for expression in expressions_in(items)))


def values_in(items: Iterable[Item]) -> Iterator[Any]:
    """Every number in items: arguments of torch modules and of the classes of blocks, and times of repetitions."""
    for item in every_item(items):
        if isinstance(item, Made):
            yield from (item.values[name] for name in item.of.arguments)
        elif isinstance(item, Again):
            yield item.times
    for call in calls_in(items):
        for value in (*call.args.values(), *call.spoken.values()):
            yield from value if isinstance(value, tuple) else (value,)


def renamed(item: Item, names: Mapping[Expression, str]) -> Item:
    """The item with names in the place of expressions."""
    if isinstance(item, Leaf):
        return item._replace(call=_renamed_call(item.call, names))
    if isinstance(item, Ruled):
        return item._replace(use=tuple(_renamed_call(call, names) for call in item.use))
    if isinstance(item, Made):
        return item._replace(values={name: _named(value, names) for name, value in item.values.items()})
    if isinstance(item, Maybe):
        return item._replace(items=item.items and [renamed(inner, names) for inner in item.items])
    if isinstance(item, Again):
        return item._replace(items=[renamed(inner, names) for inner in item.items])
    if isinstance(item, Fork):
        branches = [b._replace(items=[renamed(inner, names) for inner in b.items]) for b in item.branches]
        return item._replace(branches=branches)
    return Graph([n._replace(items=[renamed(inner, names) for inner in n.items]) for n in item.nodes])


def _renamed_call(call: Call, names: Mapping[Expression, str]) -> Call:
    args = {name: _named(value, names) for name, value in call.args.items()}
    options = {name: _named(value, names) for name, value in call.options.items()}
    return call._replace(args=args, options=options)


def _named(value: Any, names: Mapping[Expression, str]) -> Any:
    if isinstance(value, Symbol) and value.code in names:
        return variable(names[value.code], value.value, value.ledger)
    return value


def written(items: Sequence[Item]) -> list[tuple[str, str]]:
    """Items as their code, with how often each is repeated: what stands in one loop must read the same."""
    return [(flat(literal(times)), text) for times, text in _written(items)]


def _written(items: Sequence[Item]) -> list[tuple[Any, str]]:
    found: list[tuple[Any, str]] = []
    for item in items:
        if isinstance(item, Again):
            found += [(item.times * times, text) for times, text in _written(item.items)]
        else:
            found.append((1, _text(item)))
    return found


def merged(one: Sequence[Item], other: Sequence[Item]) -> list[Item] | None:
    """Items that stand for both, or None where they differ in more than what their conditions come to."""
    if len(one) != len(other):
        return None
    found = [_merged(a, b) for a, b in zip(one, other, strict=True)]
    return None if None in found else [item for item in found if item is not None]


def _merged(a: Item, b: Item) -> Item | None:
    match a, b:
        case Maybe(), Maybe():
            return _merged_conditions(a, b)
        case Again(), Again():
            items = merged(a.items, b.items)
            same = a.variable == b.variable and alike(a.times, b.times)
            return a._replace(items=items) if items is not None and same else None
        case Fork(), Fork():
            return _merged_forks(a, b)
        case Graph(), Graph():
            return _merged_graphs(a, b)
    return a if type(a) is type(b) and _text(a) == _text(b) else None


def _merged_conditions(a: Maybe, b: Maybe) -> Maybe | None:
    """Items under one condition: those of the uses in which it holds, as nothing else is ever made of them."""
    if a.condition != b.condition or a.bypass != b.bypass:
        return None
    if True in a.holds and True in b.holds:
        items = merged(a.items or [], b.items or [])
        if items is None:
            return None
    else:
        items = a.items if True in a.holds or b.items is None else b.items
    return Maybe(a.condition, a.holds | b.holds, items, a.bypass)


def _merged_forks(a: Fork, b: Fork) -> Fork | None:
    if len(a.branches) != len(b.branches) or a.join != b.join:
        return None
    branches: list[Branch] = []
    for one, other in zip(a.branches, b.branches, strict=True):
        items = merged(one.items, other.items)
        if items is None or one.shape.is_map != other.shape.is_map or one.left != other.left:
            return None
        branches.append(one._replace(items=items))
    return Fork(a.join, branches)


def _merged_graphs(a: Graph, b: Graph) -> Graph | None:
    if len(a.nodes) != len(b.nodes):
        return None
    nodes: list[Node] = []
    for one, other in zip(a.nodes, b.nodes, strict=True):
        items = merged(one.items, other.items)
        same = one.name == other.name and one.sources == other.sources and one.join == other.join
        if items is None or not same or [x.is_map for x in one.inputs] != [x.is_map for x in other.inputs]:
            return None
        nodes.append(one._replace(items=items))
    return Graph(nodes)


def _text(item: Item) -> str:
    """An item as one text, equal where two read the same."""
    match item:
        case Made(of, values):
            return f"{id(of)}({', '.join(flat(literal(values[name])) for name in of.arguments)})"
        case Leaf(_, call):
            return flat(call_doc(call))
        case Ruled(_, _, use):
            return "; ".join(flat(call_doc(call)) for call in use)
        case Maybe():
            return f"{item.condition} {sorted(item.holds)} {item.bypass} {written(item.items or [])}"
        case Again():
            return f"{flat(literal(item.times))} {written(item.items)}"
        case Fork(join, branches):
            texts = (f"{b.name} {b.left} {b.shape.is_map} {written(b.items)}" for b in branches)
            return f"{join.spelled()} of {'; '.join(texts)}"
        case Graph(nodes):
            kinds = ([x.is_map for x in node.inputs] for node in nodes)
            rows = zip(nodes, kinds, strict=True)
            return "; ".join(f"{n.name} {n.sources} {kind} {n.join} {written(n.items)}" for n, kind in rows)
