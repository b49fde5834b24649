"""The graph in the middle: what a reader makes of another program's network, and what folding writes as a table.

It has one node for each layer that runs, in an order in which they may run, and knows neither blocks nor repetitions:
those are found. Readers of other formats make the same graph.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from struct import pack, unpack
from typing import Any, NamedTuple

from archspec.ir.node import Value
from archspec.op import Shape

INPUT = -1
"""Stands among the sources of a layer for what enters the network."""
OPAQUE = "opaque"
"""The op of what no other says."""


class Scope(NamedTuple):
    """One module around a layer: its path in the network, ``layer1.0``, and what kind it is, ``Bottleneck``."""

    path: str
    kind: str


class Layer(NamedTuple):
    """One layer that runs once: an op of archspec with the arguments that differ from the op's defaults."""

    op: str
    """As a spec spells it, ``global-avgpool``."""
    args: Mapping[str, Value]
    sources: tuple[int, ...]
    """The positions of the layers whose outputs it takes, in the order of its inputs; ``INPUT`` is the network's."""
    output: Shape
    scopes: tuple[Scope, ...] = ()
    """The modules that hold it, from the outermost within the network to its own, where it is one."""
    tensors: Mapping[str, str] = {}
    """What the other program calls its tensors, by the names that the op has for them."""
    opaque: Opaque | None = None
    """Where no op says what it does; then ``op`` is ``opaque``."""


class Opaque(NamedTuple):
    """What is known of a part that the language cannot say."""

    path: str
    reason: str
    params: int | None
    """Its parameters; None where they are not known."""
    weights: frozenset[str] = frozenset()
    """What the other program calls the tensors that it learns."""
    replay: Callable[[Any], Any] | None = None
    """Computes it as the other program does, a tensor of what enters the layer to one of what it gives; None where
    the reader cannot."""


class Output(NamedTuple):
    """What the network gives: the layer, and for a head that trains alone its name."""

    layer: int
    head: str | None = None
    place: int = 0
    """Where it stands among all that the other program gives."""


class Graph(NamedTuple):
    """A network as its layers run."""

    name: str
    title: str
    input: Shape
    layers: tuple[Layer, ...]
    outputs: tuple[Output, ...]
    """The first is the network's; the others are heads, in the order in which they leave it."""
    origin: str = ""
    """Where it comes from, for the file's first comment: ``torchvision 0.28.0, resnet50``."""

    def users(self) -> list[list[int]]:
        """For each layer, the layers that take its output."""
        found: list[list[int]] = [[] for _ in self.layers]
        for position, layer in enumerate(self.layers):
            for source in layer.sources:
                if source != INPUT:
                    found[source].append(position)
        return found

    def before(self, last: int) -> set[int]:
        """A layer and all on which it depends."""
        found: set[int] = set()
        waiting = [last]
        while waiting:
            position = waiting.pop()
            if position != INPUT and position not in found:
                found.add(position)
                waiting += self.layers[position].sources
        return found


def rounded(value: Any) -> Any:
    """A number to twelve digits: 0.0003 for what a library computes as 1 - 0.9997. Other values as they are."""
    return float(f"{value:.12g}") if isinstance(value, float) else value


MOST_PARTS, EXACT, SINGLE = 1000, 1e-12, 2.0**-22
"""Of how many parts a ratio is at most; how near a rate is to it, and how near, of the rate, in single precision."""


def exact(rate: float) -> float:
    """The ratio that a rate was: 1/110 for what a library computes as 0.00909090880304575, in single precision."""
    if not 0 <= rate <= 1:
        return rate
    near = Fraction(rate).limit_denominator(MOST_PARTS)
    single = unpack("f", pack("f", rate))[0] == rate
    return float(near) if abs(near - rate) <= (SINGLE * rate if single else EXACT) else rate


def joined(graphs: Sequence[Graph]) -> tuple[Graph, list[int]]:
    """The layers of all graphs in one, each with what enters it, and where those of each begin."""
    layers: list[Layer] = []
    places = []
    for graph in graphs:
        place = len(layers)
        places.append(place)
        layers += [
            layer._replace(sources=tuple(source if source == INPUT else source + place for source in layer.sources))
            for layer in graph.layers
        ]
    return graphs[0]._replace(layers=tuple(layers)), places
