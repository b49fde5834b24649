"""A network as nodes, edges and containers, for programs that find places themselves: Graphviz, Mermaid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple, TypeAlias

from archspec.analysis.inferred import Shaped
from archspec.analysis.result import Result
from archspec.budget import spend
from archspec.diagnostics import ArchError
from archspec.figures.insets import contents
from archspec.figures.messages import too_large
from archspec.figures.parts import Fork, Layer, Part, Plated, Rows, Series, Stack
from archspec.figures.steps import Steps
from archspec.figures.words import shape_text
from archspec.ir.network import Head
from archspec.ir.node import IN
from archspec.support.limits import DRAWN, MOST_DRAWN
from archspec.support.terminal import printable

ENDS = "box.input"
"""What the input, the output and the ends of a block look like."""


class Node(NamedTuple):
    """A box: a number that is its own, its lines of text, and the name of its look."""

    number: int
    lines: tuple[str, ...]
    look: str


class Container(NamedTuple):
    """What stands together under a title: a row, a block, a head, what repeats or has a condition."""

    number: int
    title: str
    role: str
    """``row``, ``block``, ``head``, ``repeat`` or ``condition``."""
    items: Items


Items: TypeAlias = tuple[Node | Container, ...]


class Edge(NamedTuple):
    """From one node to another, with the shape of what flows where a row ends."""

    start: int
    end: int
    label: str = ""
    otherwise: bool = False
    """Whether it is there where a condition does not hold."""


class Diagram(NamedTuple):
    """The whole, in the order of the table, with the blocks behind it."""

    title: str
    items: Items
    edges: tuple[Edge, ...]


class Port(NamedTuple):
    """Where an edge may start, and what it will say."""

    number: int
    label: str = ""
    otherwise: bool = False


Ports: TypeAlias = tuple[Port, ...]


def diagram(result: Result) -> Diagram:
    """The diagram of a network; raises ArchError where it is too large to be read."""
    return _Making(result).whole()


def nodes(items: Items) -> Iterator[Node]:
    """All nodes, also those in containers."""
    for item in items:
        if isinstance(item, Node):
            yield item
        else:
            yield from nodes(item.items)


class _Making:
    def __init__(self, result: Result) -> None:
        self._result, self._network = result, result.network
        self._steps = Steps(result.network)
        self._numbers = count(1)
        self._edges: dict[Edge, None] = {}

    def whole(self) -> Diagram:
        """The rows, then heads, then blocks."""
        shape = shape_text(self._network.input_shape)
        start = self._node(("input",), ENDS)
        items, outs = self._table(self._result.inferred.rows, (Port(start.number, shape),))
        last = [item.row.layer for item in self._result.inferred.rows][-1:]
        end = self._node(("output",), ENDS)
        self._join([outs[name] for name in last], end)
        heads = [self._head(head, outs[head.source]) for head in self._network.heads]
        blocks = [
            self._block(each.name, each.said, each.series) for each in contents(self._network) if each.role == "block"
        ]
        found = (start, *items, end, *heads, *blocks)
        return Diagram(self._network.display_name, found, tuple(self._edges))

    def _table(self, rows: Sequence[Shaped], entry: Ports) -> tuple[list[Node | Container], dict[str, Ports]]:
        """The rows of a table, and where an edge starts behind each."""
        known, above, items = {IN: entry}, entry, list[Node | Container]()
        for item in rows:
            sources = self._sources(item.row.sources, known) or above
            inner, outs = self._series(self._steps.series(item.row.steps or ()), sources)
            items += self._row(item.row.layer, inner)
            shape = "" if item.y is None else shape_text(item.y)
            known[item.row.layer] = above = tuple(port._replace(label=shape) for port in outs)
        return items, known

    def _row(self, name: str, inner: Items) -> Items:
        """A row in a container; or what it is alone, a node or a repetition, with its name."""
        if len(inner) == 1:
            (item,) = inner
            if isinstance(item, Node):
                return (item._replace(lines=(printable(name), *item.lines)),)
            return (item._replace(title=f"{printable(name)} {item.title}"),)
        return (self._container(name, "row", inner),) if inner else ()

    def _head(self, head: Head, source: Ports) -> Container:
        inner, _ = self._series(self._steps.of_rows(head.rows), source)
        return self._container(f"{head.name} (for training, weight {head.weight:g})", "head", inner)

    def _block(self, name: str, said: str, series: Series) -> Container:
        start = self._node((IN,), ENDS)
        inner, outs = self._series(series, (Port(start.number),))
        end = self._node(("out",), ENDS)
        self._join([outs], end)
        return self._container(f"{name} {said}".strip(), "block", (start, *inner, end))

    def _series(self, series: Series, sources: Ports) -> tuple[Items, Ports]:
        """Parts one after the other, and where edges start behind them."""
        items: list[Node | Container] = []
        for part in series:
            found, sources = self._part(part, sources)
            items += found
        return tuple(items), sources

    def _part(self, part: Part, sources: Ports) -> tuple[Items, Ports]:
        match part:
            case Layer():
                return self._layer(part, sources)
            case Stack():
                return self._boxed(tuple(layer.text for layer in part.layers), part.layers[0].look, sources)
            case Plated():
                return self._plated(part, sources)
            case Fork():
                return self._fork(part, sources)
            case Rows():
                return self._rows(part, sources)

    def _layer(self, layer: Layer, sources: Ports) -> tuple[Items, Ports]:
        """A node, with the kinds of the layers of its rule in a line of their own."""
        kinds = [look.removeprefix("box.") for look in (*layer.above, *layer.below)]
        text = layer.sign or layer.text
        return self._boxed((text, f"+ {', '.join(kinds)}") if kinds else (text,), layer.look, sources)

    def _boxed(self, lines: tuple[str, ...], look: str, sources: Ports) -> tuple[Items, Ports]:
        node = self._node(lines, look)
        self._join([sources], node)
        return (node,), (Port(node.number),)

    def _plated(self, part: Plated, sources: Ports) -> tuple[Items, Ports]:
        inner, outs = self._series(part.inner, sources)
        if not inner:  # a way that is there under a condition alone
            return (), tuple(port._replace(label=part.note) for port in outs) if part.condition else outs
        container = self._container(part.note, "condition" if part.condition else "repeat", inner)
        around = tuple(port._replace(otherwise=True) for port in sources) if part.condition else ()
        return (container,), (*outs, *around)

    def _fork(self, part: Fork, sources: Ports) -> tuple[Items, Ports]:
        items: list[Node | Container] = []
        ends = []
        for branch in part.branches:
            found, outs = self._series(branch, sources)
            items += found
            dropped = len(branch) == 1 and isinstance(branch[0], Plated) and not branch[0].bypass
            ends.append(tuple(port for port in outs if not (dropped and port.otherwise)))
        node = self._node((part.sign or part.name,), "box.join")
        self._join(ends, node)
        return (*items, node), (Port(node.number),)

    def _rows(self, part: Rows, sources: Ports) -> tuple[Items, Ports]:
        known, above, items = {IN: sources}, sources, list[Node | Container]()
        for name, own, named in zip(part.names, part.parts, part.sources, strict=True):
            inner, outs = self._series(own, self._sources(named, known) or above)
            items += inner if len(inner) == 1 else self._row(name, inner)
            known[name] = above = outs
        return tuple(items), above

    def _sources(self, names: Sequence[str], known: dict[str, Ports]) -> Ports:
        return tuple(port for name in names for port in known[name])

    def _node(self, lines: tuple[str, ...], look: str) -> Node:
        spend(DRAWN)
        return Node(next(self._numbers), lines, look)

    def _container(self, title: str, role: str, items: Items) -> Container:
        spend(DRAWN)
        return Container(next(self._numbers), printable(title), role, items)

    def _join(self, several: Sequence[Ports], node: Node) -> None:
        """Edges to a node, one from each of those before it."""
        for port in (port for ports in several for port in ports):
            spend(DRAWN)
            self._edges[Edge(port.number, node.number, port.label, port.otherwise)] = None
        if len(self._edges) > 2 * MOST_DRAWN:
            help = "write what is alike as a repetition or a block"
            raise ArchError([too_large(self._network.place, "ways", 2 * MOST_DRAWN, help)])
