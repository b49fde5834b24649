"""Items that read the same: one loop for what is repeated, and one list that stands for several uses of a block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archspec.expressions.symbols import alike
from archspec.targets.torch.items import (
    Again,
    Branch,
    Fork,
    Graph,
    Item,
    Leaf,
    Made,
    Maybe,
    Needs,
    Node,
    Ruled,
    within,
)
from archspec.targets.torch.layout import flat, literal
from archspec.targets.torch.rules import call_doc


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


def bared(items: Sequence[Item]) -> list[Item]:
    """Items with conditions alone in the place of what these guard."""
    return [
        item._replace(items=None, holds=frozenset()) if isinstance(item, Maybe) else within(item, bared)
        for item in items
    ]


def merged(one: Sequence[Item], other: Sequence[Item]) -> list[Item] | None:
    """Items that stand for both, or None where they differ in more than what their conditions come to."""
    if len(one) != len(other):
        return None
    found: list[Item] = []
    for a, b in zip(one, other, strict=True):
        both = _merged(a, b)
        if both is None:
            return None
        found.append(both)
    return found


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
    if type(a) is not type(b) or _text(a) != _text(b):
        return None
    if isinstance(a, Leaf | Ruled) and isinstance(b, Leaf | Ruled):
        return a._replace(needs=needed_by_both(a.needs, b.needs))
    return a


def needed_by_both(one: Needs, other: Needs) -> Needs:
    """What two uses need alike: the code is that of both."""
    return tuple(need for need in one if need in other)


def _merged_conditions(a: Maybe, b: Maybe) -> Maybe | None:
    """Items under one condition: those of the uses in which it holds, as nothing else is ever made of them."""
    if a.condition != b.condition or a.bypass != b.bypass:
        return None
    # Items of a use in which the condition fails were walked on suppositions, with shapes that are not those of any
    # use: only where both hold do the two have to agree, and else the ones that hold are the ones that are made.
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
        if items is None or one.shape.is_map != other.shape.is_map:
            return None
        branches.append(one._replace(items=items, left=one.left | other.left))
    return Fork(a.join, branches, needed_by_both(a.needs, b.needs)) if can_ask(branches) else None


def can_ask(branches: Sequence[Branch]) -> bool:
    """Whether code can ask which branches of a fork are left: of one at most, beside others that always are."""
    asked = sum(len(branch.left) > 1 for branch in branches)
    return asked == 0 or (asked == 1 and any(branch.left == {True} for branch in branches))


def _merged_graphs(a: Graph, b: Graph) -> Graph | None:
    if len(a.nodes) != len(b.nodes):
        return None
    nodes: list[Node] = []
    for one, other in zip(a.nodes, b.nodes, strict=True):
        items = merged(one.items, other.items)
        same = one.name == other.name and one.sources == other.sources and one.join == other.join
        if items is None or not same or [x.is_map for x in one.inputs] != [x.is_map for x in other.inputs]:
            return None
        nodes.append(one._replace(items=items, needs=needed_by_both(one.needs, other.needs)))
    return Graph(nodes)


def _text(item: Item) -> str:
    """An item as one text, equal where two read the same."""
    match item:
        case Made(of, values):
            return f"{id(of)}({', '.join(flat(literal(values[name])) for name in of.arguments)})"
        case Leaf(_, call):
            return flat(call_doc(call))
        case Ruled(use=use):
            return "; ".join(flat(call_doc(call)) for call in use)
        case Maybe():
            return f"{item.condition} {sorted(item.holds)} {item.bypass} {written(item.items or [])}"
        case Again():
            return f"{flat(literal(item.times))} {written(item.items)}"
        case Fork(join, branches):
            texts = (f"{b.name} {b.shape.is_map} {written(b.items)}" for b in branches)
            return f"{join.spelled()} of {'; '.join(texts)}"
        case Graph(nodes):
            kinds = ([x.is_map for x in node.inputs] for node in nodes)
            rows = zip(nodes, kinds, strict=True)
            return "; ".join(f"{n.name} {n.sources} {kind} {n.join} {written(n.items)}" for n, kind in rows)
