"""Steps of a network as the parts of a figure: each layer and each use of a block is a box."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.budget import spend
from archspec.diagnostics import ArchError
from archspec.expressions import Truth
from archspec.figures.messages import too_large
from archspec.figures.parts import Fork, Layer, Part, Plated, Rows, Series
from archspec.figures.words import Known, expression_text, layer_text, settled, use_text, value_text
from archspec.ir.network import Apply, Branches, Graph, Group, Instance, Network, Repeat, Row, Step, When
from archspec.op import Join
from archspec.support.limits import DRAWN, MOST_DRAWN

SIGNS = {"*": "×"}


class Steps:
    """Reads the steps of a network, so many as a figure may hold."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._known: Known = network.parameters
        self._found = 0

    def of_block(self, key: str) -> Series:
        """What stands in a block, whose own parameters are not known."""
        block = self._network.blocks[key]
        self._known = {name: x for name, x in self._network.parameters.items() if name not in block.parameters}
        found = self.series(block.steps)
        self._known = self._network.parameters
        return found

    def of_rows(self, rows: Sequence[Row]) -> Series:
        """Rows one after the other, or as a graph where some take others than the one above."""
        if any(row.sources for row in rows):
            return (self._rows(rows),)
        return tuple(part for row in rows for part in self.series(row.steps or ()))

    def series(self, steps: Sequence[Step]) -> Series:
        """Steps one after the other, without those of which nothing is left wherever they are used."""
        return tuple(part for step in steps for part in self._step(step))

    def _step(self, step: Step) -> Series:
        spend(DRAWN, step.place)
        self._found += 1
        if self._found > MOST_DRAWN:
            help = "write what is alike as a repetition or a block"
            raise ArchError([too_large(step.place, "boxes", MOST_DRAWN, help)])
        match step:
            case Apply():
                return () if step.kind_of_layer.passes_on else (self._layer(step),)
            case Group():
                return self._group(step)
            case Repeat():
                return self._repeat(step)
            case When():
                return self._when(step)
            case Instance():
                return (Layer(use_text(step, self._network.blocks, self._known), "box.block"),)
            case Branches():
                return (self._fork(step),)
            case Graph():
                return (self._rows(step.rows),)

    def _layer(self, step: Apply, above: Sequence[str] = (), below: Sequence[str] = ()) -> Layer:
        return Layer(layer_text(step, self._known), look_of(step), tuple(above), tuple(below), sign_of(step))

    def _group(self, step: Group) -> Series:
        """A layer with those of its rule, as bands in the order in which they stand; or all of them as boxes."""
        layers = [each for each in step.steps if isinstance(each, Apply)]
        own = [i for i, each in enumerate(layers) if each.op == step.rule]
        if len(own) != 1 or len(layers) != len(step.steps):
            return self.series(step.steps)
        looks = [look_of(each) for each in layers]
        return (self._layer(layers[own[0]], looks[: own[0]], looks[own[0] + 1 :]),)

    def _repeat(self, step: Repeat) -> Series:
        inner = self.series(step.first or step.steps)
        times = value_text(step.times, self._known)
        return inner if times == "1" else (Plated(inner, f"×{times}"),)

    def _when(self, step: When) -> Series:
        """Steps with their condition, or without where it is settled for every use."""
        condition = step.condition
        if condition.expression is None or condition.value is not None:
            return self.series(step.steps) if condition.value else ()
        found = settled(condition.expression, self._known)
        if isinstance(found, Truth):
            return self.series(step.steps) if found.value else ()
        said = expression_text(condition.expression, self._known)
        whole = said.startswith("(") and said.endswith(")")
        note = f"if {said[1:-1] if whole else said}"
        return (Plated(self.series(step.steps), note, condition=True, bypass=step.bypass),)

    def _fork(self, step: Branches) -> Part:
        branches = tuple(self.series(branch.steps) for branch in step.branches)
        return Fork(branches, sign_of(step.join), layer_text(step.join, self._known))

    def _rows(self, rows: Sequence[Row]) -> Rows:
        parts = tuple(self.series(row.steps or ()) for row in rows)
        return Rows(tuple(row.layer for row in rows), parts, tuple(row.sources for row in rows))


def look_of(step: Apply) -> str:
    """How the box of a layer looks, by its kind."""
    return f"box.{step.kind_of_layer.drawn_as}"


def sign_of(step: Apply) -> str:
    """The sign of a join that has one; nothing of any other layer."""
    kind = step.kind_of_layer
    sign = kind.sign if issubclass(kind, Join) else ""
    return SIGNS.get(sign, sign)
