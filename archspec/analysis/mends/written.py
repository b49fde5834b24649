"""The layers of a row as a spec writes them, also those of its blocks, and where an argument of one can be written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from typing import Literal, NamedTuple

from archspec.budget import spend
from archspec.diagnostics import Span
from archspec.elaborate.shortcut import SHORTCUT
from archspec.elaborate.words import find_op
from archspec.ir.network import Apply, Block, Group, Instance, Network, Row, Step
from archspec.ir.walking import every_step, inside
from archspec.support.limits import WALKED

PLAIN = re.compile(r"[^\s,:\"|#]+(?: [^\s,:\"|#]+)*")
"""The name of a row that stands in a statement without quotes."""
WORD = re.compile(r"[^\W\d][\w-]*")


class Written(NamedTuple):
    """One layer or use of a block as a spec writes it; sizes and strides may make several nodes of it."""

    step: Apply | Instance
    name: str
    """Of the layer or the block."""
    arguments: Collection[str]
    """Those that it takes."""
    block: str | None
    """The name of the block that it stands in; None where it stands in the row itself."""

    def means(self, step: Apply | Instance) -> bool:
        """Whether a node is of this layer."""
        if self.step.place is None:
            return step is self.step
        return type(step) is type(self.step) and step.place == self.step.place and _same(step, self.step)

    @property
    def text(self) -> str:
        """The layer as it is written."""
        return self.step.place.text if self.step.place else self.name


class Places:
    """Where a spec writes the arguments of the layers of one row."""

    def __init__(self, network: Network, row: Row) -> None:
        self._network, self._row = network, row

    @cached_property
    def written(self) -> list[Written]:
        """The layers in order; those of blocks follow the use of the block."""
        found: dict[tuple[str | None, str, Span | int], Written] = {}
        entered: set[str] = set()
        waiting: list[tuple[Sequence[Step], Block | None]] = [(self._row.steps or (), None)]
        while waiting:
            steps, block = waiting.pop(0)
            for step in self._standing(steps):
                written = self._written(step, block)
                if written is None:
                    continue
                found.setdefault((written.block, written.name, step.place or id(step)), written)
                if isinstance(step, Instance) and step.block not in entered:
                    inner = self._network.blocks[step.block]
                    waiting.append((inner.steps, inner))
                    entered.add(step.block)
        return [*found.values()]

    def of(self, written: Written, name: str) -> Literal["layer", "row"] | None:
        """Whether an argument is written behind its layer or in a statement `at` for the row.

        None where neither can say another value: a statement gives it to several rows, or it follows from resolutions.
        """
        place, known = written.step.place, written.step.args.get(name)
        given = known.place if known is not None else None
        if place is None or (given is not None and (given.source, given.line) == (place.source, place.line)):
            return "layer"
        if given is None or _statement(given) == "every":  # what is written for one use overrules its rule
            if written.block is not None or not self._is_named_by(place):
                return "layer"
            alone = self._rows[self._row.layer] == 1
        else:
            alone = _statement(given) == "at" and self._given[given] == 1
        return "row" if alone and self.row_name else None

    @cached_property
    def row_name(self) -> str | None:
        """The name of the row as a statement holds it; None where none can."""
        name = self._row.layer
        if PLAIN.fullmatch(name):
            return name
        return None if '"' in name else f'"{name}"'

    def _standing(self, steps: Sequence[Step]) -> Iterator[Apply | Instance]:
        """The layers and blocks in steps, without those that stand beside one by its `every` rule."""
        for step in steps:
            spend(WALKED, step.place)
            if isinstance(step, Apply | Instance):
                yield step
            elif isinstance(step, Group) and step.place is not None:
                yield from (x for x in step.steps if isinstance(x, Apply | Instance) and self._name(x) == step.rule)
            else:
                yield from self._standing([*inside(step)])

    def _written(self, step: Apply | Instance, block: Block | None) -> Written | None:
        """A layer or a block where it is written; None for what a shortcut, a bracket or a parameter stands for."""
        name = self._name(step)
        words = WORD.findall(step.place.text) if step.place else []
        meant = {value for word in words if block and isinstance(value := block.fixed.get(word), str)}
        if name in meant or (isinstance(step, Apply) and step.kind_of_layer in map(find_op, meant)):
            return None
        where = block.name if block is not None else None
        if isinstance(step, Apply):
            return None if SHORTCUT in words else Written(step, name, step.kind_of_layer.arguments, where)
        inner = self._network.blocks[step.block]
        if inner.place is not None and _statement(inner.place) != "block":
            return None
        return Written(step, name, {*inner.parameters, *inner.fixed}, where)

    def _name(self, step: Apply | Instance) -> str:
        return step.op if isinstance(step, Apply) else self._network.blocks[step.block].name

    def _is_named_by(self, place: Span) -> bool:
        """Whether the row is called after what stands there, so that nothing can be written behind it."""
        return not place.text.strip() or (place == self._row.place and place.text == self._row.layer)

    @cached_property
    def _rows(self) -> Counter[str]:
        """How many rows have each name."""
        spend(WALKED * len(self._network.rows))
        return Counter(row.layer for row in self._network.rows)

    @cached_property
    def _given(self) -> Counter[Span]:
        """How many rows hold the argument that is written at each place."""
        found: Counter[Span] = Counter()
        for row in self._network.rows:
            places = set()
            for step in every_step(row.steps or ()):
                spend(WALKED, step.place)
                if isinstance(step, Apply | Instance):
                    places |= {arg.place for arg in step.args.values() if arg.place is not None}
            found.update(places)
        return found


def _statement(place: Span) -> str:
    """The word with which the line of a place begins: that of a statement, or a row's bar."""
    return place.source.lines[place.line - 1].split(maxsplit=1)[0]


def _same(one: Apply | Instance, other: Apply | Instance) -> bool:
    """Whether two nodes of one place are the same layer: its `every` rule puts others in its place too."""
    return isinstance(one, Instance) or (isinstance(other, Apply) and one.op == other.op)
