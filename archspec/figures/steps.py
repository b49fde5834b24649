"""Steps of a network as pieces of a figure: each layer and each use of a block is a box."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.budget import spend
from archspec.diagnostics import ArchError, Diagnostic
from archspec.figures.layout.fork import fork
from archspec.figures.layout.graph import Named, graph
from archspec.figures.layout.piece import Piece, chain, wire
from archspec.figures.messages import too_large
from archspec.figures.node import TINY, Manner, node, plate
from archspec.figures.words import Known, expression_text, layer_text, settled, use_text, value_text
from archspec.ir.network import Apply, Branches, Graph, Group, Instance, Network, Repeat, Step, When
from archspec.op import Join
from archspec.support.limits import DRAWN, MOST_DRAWN

SIGNS = {"*": "×"}


class Steps:
    """Draws the steps of a network, so large as a figure may be."""

    def __init__(self, network: Network, manner: Manner, known: Known) -> None:
        self._network, self._manner, self._known = network, manner, known
        self._drawn = 0

    def chain(self, steps: Sequence[Step]) -> Piece:
        """Steps one after the other; a way where nothing stands where there are none."""
        pieces = [piece for step in steps if (piece := self.step(step)) is not None]
        return chain(pieces) if pieces else wire()

    def step(self, step: Step) -> Piece | None:
        """One step; none where nothing is left of it, whatever the use."""
        spend(DRAWN, step.place)
        self._drawn += 1
        if self._drawn > MOST_DRAWN:
            raise ArchError([crowded(step)])
        match step:
            case Apply():
                return None if step.kind_of_layer.passes_on else self._layer(step)
            case Group():
                return self._group(step)
            case Repeat():
                return self._repeat(step)
            case When():
                return self._when(step)
            case Instance():
                return node(use_text(step, self._network.blocks, self._known), "box.block", self._manner)
            case Branches():
                return self._branches(step)
            case Graph():
                return self._graph(step)

    def _layer(self, step: Apply, above: Sequence[str] = (), below: Sequence[str] = ()) -> Piece:
        return node(layer_text(step, self._known), look_of(step), self._manner, above, below)

    def _group(self, step: Group) -> Piece:
        """A layer with those of its rule, as bands in the order in which they stand; or all of them as boxes."""
        own = [i for i, each in enumerate(step.steps) if isinstance(each, Apply) and each.op == step.rule]
        if len(own) != 1 or not all(isinstance(each, Apply) for each in step.steps):
            return self.chain(step.steps)
        layers = [each for each in step.steps if isinstance(each, Apply)]
        looks = [look_of(each) for each in layers]
        return self._layer(layers[own[0]], looks[: own[0]], looks[own[0] + 1 :])

    def _repeat(self, step: Repeat) -> Piece:
        inner = self.chain(step.first or step.steps)
        times = value_text(step.times, self._known)
        return inner if times == "1" else plate(inner, f"×{times}", self._manner)

    def _when(self, step: When) -> Piece | None:
        """Steps with their condition, or without where it is settled for every use."""
        condition = step.condition
        if condition.value is not None or condition.expression is None:
            return self.chain(step.steps) if condition.value else None
        if not settled(condition.expression, self._known).names:
            text = expression_text(condition.expression, self._known)
            return self.chain(step.steps) if text in ("True", "yes") else None
        said = expression_text(condition.expression, self._known)
        said = said[1:-1] if said.startswith("(") and said.endswith(")") else said
        inner = plate(self.chain(step.steps), f"if {said}", self._manner, aside=False)
        return inner._replace(passes=step.bypass)

    def _branches(self, step: Branches) -> Piece:
        branches = [self.chain(branch.steps) for branch in step.branches]
        kind = step.join.kind_of_layer
        sign = kind.sign if issubclass(kind, Join) else ""
        name = layer_text(step.join, self._known)
        return fork(branches, SIGNS.get(sign, sign), name, self._manner.gap, TINY)

    def _graph(self, step: Graph) -> Piece:
        rows = [Named(row.layer, self.chain(row.steps or ()), row.sources) for row in step.rows]
        return graph(rows, self._manner.gap, step.place)


def look_of(step: Apply) -> str:
    """How the box of a layer looks, by its kind."""
    return f"box.{step.kind_of_layer.drawn_as}"


def crowded(step: Step) -> Diagnostic:
    """A figure of too many boxes."""
    return too_large(step.place, "boxes", MOST_DRAWN, "write what is alike as a repetition or a block")
