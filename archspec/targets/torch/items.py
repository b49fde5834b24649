"""What emitted modules are made of: torch modules, rules, loops, uses of blocks, branches and named rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial, reduce
from typing import Any, NamedTuple, Protocol, TypeAlias

from archspec.analysis.inferred import Key
from archspec.expressions import Expression, Logic
from archspec.expressions.symbols import Ledger, Symbol
from archspec.ir.network import Block
from archspec.op import Call, Join, Op, Shape
from archspec.targets.torch.places import Place
from archspec.targets.torch.rules import Use

Placed: TypeAlias = tuple[int, Key]
"""One use of a block, with the place of its network in the file: others may have other parameters."""


Needs: TypeAlias = tuple[Expression, ...]
"""Comparisons of numbers by which layers fit what enters them: code that is run on others computes something else."""


class UsedClass(Protocol):
    """The class of a block, as those see it who write its uses."""

    name: str
    block: Block
    items: list[Item]
    arguments: list[str]
    """The names of the spec that the constructor takes, those with defaults last."""
    named: dict[str, Symbol]
    """The numbers that the constructor has names for, as they stand more than once in it."""

    def identifier(self, name: str) -> str:
        """What a name of the spec is called in the class."""

    def default(self, name: str) -> Any:
        """The default of an argument that has one of its own."""

    def demands(self, name: str) -> bool:
        """Whether an argument must be whole whatever it is."""

    def bound(self, use: Placed, values: Mapping[str, Any], x: Shape, outer: Mapping[str, Any]) -> dict[str, Any]:
        """The values of all arguments for one use."""

    def end(self, use: Placed) -> Place:
        """What one use gives."""

    def output(self, values: Mapping[str, Any], use: Placed, ledger: Ledger) -> Any:
        """The channels of the output, written over the symbols of one use."""


class Leaf(NamedTuple):
    """One torch module."""

    op: Op
    call: Call
    called: str = ""
    """The argument of its class that it is an object of, where it is one."""
    gives: Any = None
    """The channels that come out, where their whole number is not one that its arguments say."""
    needs: Needs = ()


class Ruled(NamedTuple):
    """The torch modules of one layer with its `every` rule."""

    label: str
    rule: str
    use: Use
    ops: tuple[Op, ...]
    """The layer that each module is of."""
    needs: Needs = ()

    def calling(self, op: Op, argument: str) -> Ruled:
        """The same with a layer that is an argument of its class: ``ConvBNAct``."""
        return self._replace(label=self.label.replace(op.label or type(op).__name__, argument.capitalize()))


class Again(NamedTuple):
    """Items in a loop."""

    times: Any
    """How often, a number or a symbol."""
    items: list[Item]
    variable: str = "_"
    """The variable of the loop, over which what grows is written."""
    before: int = 0
    """How many runs of the same repetition stand before it."""


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

    of: UsedClass
    values: dict[str, Any]


class Branch(NamedTuple):
    """One branch of a fork, with the shape that it gives.

    ``left`` is whether anything of it is, in the uses that were merged: where all is under conditions, these may fail.
    """

    name: str
    items: list[Item]
    shape: Shape
    left: frozenset[bool]
    place: int
    """Its place in the block, from 1."""
    called: str = ""
    """Its name in the code, where the block gives it none."""

    @property
    def title(self) -> str:
        """Its name in the code."""
        return self.called or self.name

    @property
    def condition(self) -> Expression | None:
        """Under which condition something is left, where the code has to ask that; None where it is the same always."""
        if len(self.left) < 2:
            return None
        asked = (item.condition for item in self.items if isinstance(item, Maybe) and True in item.holds)
        return reduce(partial(Logic, "or"), dict.fromkeys(asked))


class Fork(NamedTuple):
    """Branches of one input, and the layer that joins them."""

    join: Join
    branches: list[Branch]
    needs: Needs = ()


class Node(NamedTuple):
    """One named row: a join of its sources, if there are several, then items."""

    name: str
    sources: tuple[str, ...]
    join: Join | None
    inputs: tuple[Shape, ...]
    items: list[Item]
    shape: Shape
    needs: Needs = ()
    """What its join needs."""

    @property
    def frame(self) -> tuple[object, ...]:
        """What it is but for its items and how large it is."""
        return self.name, self.sources, self.join, *(x.is_map for x in self.inputs), self.shape.is_map


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


def is_skipped(item: Item) -> bool:
    """Whether an item stands under a condition that holds in no use."""
    return isinstance(item, Maybe) and True not in item.holds


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


def within(item: Item, change: Callable[[list[Item]], list[Item]]) -> Item:
    """The item with the items right inside it changed, list by list."""
    match item:
        case Maybe() if item.items is not None:
            return item._replace(items=change(item.items))
        case Again():
            return item._replace(items=change(item.items))
        case Fork():
            return item._replace(branches=[branch._replace(items=change(branch.items)) for branch in item.branches])
        case Graph():
            return Graph([node._replace(items=change(node.items)) for node in item.nodes])
    return item
