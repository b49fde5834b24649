"""The rows of a table as boxes from top to bottom, with their names, their outputs, and what each costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archspec.analysis.cost import RowCost
from archspec.budget import spend
from archspec.figures.layout.piece import FLOW, SHORTCUT
from archspec.figures.margin import Wrong, barred, crossed, headed
from archspec.figures.metrics import fitted, width_of, wrapped
from archspec.figures.node import LEADING, SMALL, TINY, centred, lines_of
from archspec.figures.scene import Box, Group, Item, Line, Text
from archspec.figures.table import LANE, PLATE, Frame, Table
from archspec.figures.words import cell_text, shape_text, use_text
from archspec.ir.network import Branches, Instance, Row
from archspec.ir.node import IN
from archspec.ir.walking import applied, every_step
from archspec.support.limits import DRAWN
from archspec.support.terminal import printable

EDGE, SHORT = 11.5, 6.0
"""Between two rows, with the size of what flows there and without."""
PAD, TIGHT = 2.7, 1.6
"""Above and below the text of a box."""


class Place(NamedTuple):
    """Where a row stands: the top and the bottom of its box."""

    top: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


class Spine(NamedTuple):
    """The rows, drawn from (0, 0) on."""

    items: tuple[Item, ...]
    height: float


def spine(table: Table, width: float, compact: bool = False) -> Spine:
    """The rows of a network in so many points; ``compact`` has their outputs beside them, and not between them."""
    return _Drawing(table, table.frame(width, compact)).drawn()


class _Drawing:
    """Draws the rows one after the other."""

    def __init__(self, table: Table, frame: Frame) -> None:
        self._table, self._frame = table, frame
        self._result, self._network = table.result, table.result.network
        self._wrongs, self._times, self._heads = table.wrongs, table.times, table.heads
        self._places: list[Place] = []
        self._items: list[Item] = []

    def drawn(self) -> Spine:
        frame, y = self._frame, TINY * 2.3
        self._items += headed(self._result, frame.columns, TINY)
        entry = self._input(y)
        y = entry.bottom
        for i, (row, cost) in enumerate(zip(self._network.rows, self._result.rows, strict=True)):
            y = self._edge(i, y)
            y = self._row(i, row, cost, y)
        y += PLATE * bool(self._times[-1])
        self._items += self._leaving_row(len(self._network.rows) - 1, y, EDGE)
        self._items.append(Line(((frame.middle, y), (frame.middle, y + EDGE)), FLOW, arrow=True))
        return Spine((*self._ways(entry), *self._items), y + EDGE + 1)

    def _input(self, y: float) -> Place:
        frame, tall = self._frame, TINY * LEADING + 4
        text = shape_text(self._network.input_shape)
        self._items.append(Box(frame.left, y, frame.wide, tall, "box.input", tall / 2))
        self._items += centred([fitted(text, TINY, frame.wide - 8)], frame.middle, y + tall / 2, TINY)
        self._items.append(Text(frame.names, y + tall / 2 + 0.36 * TINY, "input", "text.soft", TINY, "end"))
        return Place(y, y + tall)

    def _edge(self, i: int, y: float) -> float:
        """The way from the row above."""
        frame, rows = self._frame, self._network.rows
        before = rows[i - 1].layer if i else IN
        said = bool(i) and ((frame.sizes is None and self._changes(i - 1)) or before in self._heads)
        long = EDGE if said else SHORT
        y += PLATE * bool(i and self._times[i - 1])
        if not rows[i].sources or before in rows[i].sources:
            self._items.append(Line(((frame.middle, y), (frame.middle, y + long)), FLOW, arrow=True))
        if i:
            self._items += self._leaving_row(i - 1, y, long)
        return y + long + PLATE * bool(self._times[i])

    def _leaving_row(self, i: int, y: float, long: float) -> Iterator[Item]:
        """What is said of the way out of a row: the size of what flows where that changed, and heads that leave."""
        frame, last = self._frame, i == len(self._network.rows) - 1
        if frame.sizes is None and (last or self._changes(i)):
            yield self._flowing(self._output(i), y, self._wrongs.get(i, Wrong()).output)
        if heads := self._heads.get(self._network.rows[i].layer, ()):
            yield from self._leaving([head.name for head in heads], y + long / 2)

    def _changes(self, i: int) -> bool:
        row, wrong = self._result.rows[i], self._wrongs.get(i)
        return row.output != row.input or bool(wrong and wrong.output)

    def _output(self, i: int) -> str:
        return shape_text(self._result.rows[i].output)

    def _flowing(self, text: str, y: float, wrong: str = "") -> Group:
        """The size of what flows, at the right of the way."""
        frame, base = self._frame, y + EDGE / 2 + 0.3 * TINY
        text = fitted(text, TINY, frame.columns[-1].right - frame.middle - 5)
        items: list[Item] = [Text(frame.middle + 5, base, text, "text.soft", TINY)]
        if wrong:
            x = frame.middle + 8 + width_of(text, TINY)
            items.append(Text(x, base, fitted(wrong, TINY, frame.columns[-1].right - x), "text.wrong", TINY))
        return Group(tuple(items), "size", text)

    def _leaving(self, names: Sequence[str], y: float) -> Iterator[Item]:
        """Side branches for training alone, which leave to the left."""
        frame, tall = self._frame, 10.0
        text = fitted(printable(", ".join(names)), TINY, frame.names - 6)
        wide = width_of(text, TINY) + 6
        left = frame.names - wide
        yield Line(((frame.middle, y), (frame.names, y)), SHORTCUT, arrow=True)
        box = Box(left, y - tall / 2, wide, tall, "box.input", tall / 2)
        yield Group((box, *centred([text], left + wide / 2, y, TINY)), "head", ", ".join(names))

    def _row(self, i: int, row: Row, cost: RowCost, y: float) -> float:
        spend(DRAWN, row.place)
        frame, wrong = self._frame, self._wrongs.get(i, Wrong())
        texts = self._texts(row, wrong)
        tall = len(texts) * SMALL * LEADING + 2 * (PAD if frame.sizes is None else TIGHT)
        if wrong.costs or (wrong.output and frame.sizes is not None):
            tall = max(tall, 2 * TINY * LEADING + 2 * PAD)
        place = Place(y, y + tall)
        self._places.append(place)
        items: list[Item] = []
        if (times := self._times[i]) is not None:
            items += _plate(frame, place, times)
        items.append(Box(frame.left, y, frame.wide, tall, "box.wrong" if wrong.cell else look_of(row), 2.5))
        items += _written(texts, frame.middle, place.middle)
        for line in centred(lines_of(printable(row.layer), SMALL, frame.names, 2), frame.names, place.middle, SMALL):
            items.append(line._replace(anchor="end"))
        second = wrong.costs or (wrong.output and frame.sizes is not None)
        first = place.top + PAD + TINY * LEADING / 2 if second else place.middle
        items += barred(cost, frame.columns, first)
        items += crossed(wrong, frame.columns, first + TINY * LEADING)
        items += self._sized(cost, wrong.output, first)
        self._items.append(Group(tuple(items), "row", row.layer, _tip(cost)))
        return y + tall

    def _sized(self, cost: RowCost, wrong: str, y: float) -> Iterator[Item]:
        """The output of a row beside it, and what is printed in its place below."""
        x = self._frame.sizes
        if x is not None:
            yield Text(x, y + 0.36 * TINY, shape_text(cost.output), "text.soft", TINY)
            if wrong:
                yield Text(x, y + 0.36 * TINY + TINY * LEADING, wrong, "text.wrong", TINY)

    def _texts(self, row: Row, wrong: Wrong) -> list[tuple[str, str]]:
        """The lines of a cell with what they are, after it what is printed in its place."""
        frame = self._frame
        room = frame.wide - 8
        lines = [(line, "text") for line in self._cell(row, room)]
        for said in wrong.cell:
            lines += [(line, "text.wrong") for line in lines_of(said, SMALL, room)]
        return lines

    def _cell(self, row: Row, room: float) -> list[str]:
        """The cell in lines; where it takes more than two, what its one step is, without the names of arguments."""
        text = cell_text(row.op) or "input"
        lines = wrapped(text, SMALL, room)
        step = row.steps[0] if row.steps and len(row.steps) == 1 else None
        if len(lines) > 2 and isinstance(step, Instance):
            text = use_text(step, self._network.blocks, {})
        return lines_of(text, SMALL, room, 3)

    def _ways(self, entry: Place) -> Iterator[Item]:
        """The ways that pass rows, on their lanes at the left."""
        left, places = self._frame.left, {-1: entry} | dict(enumerate(self._places))
        for lane in self._table.lanes:
            x = left - PLATE - LANE * (lane.track + 1)
            start = places[lane.source].middle + 2 * (lane.source >= 0)
            for target in lane.targets:
                end = places[target].middle - 2
                yield Line(((left, start), (x, start), (x, end), (left, end)), SHORTCUT, 3, arrow=True)


def look_of(row: Row) -> str:
    """What a row is: a block where one is used or written in brackets, or the kind of its first layer."""
    layer = next(applied(row.steps or ()), None)
    if any(isinstance(step, Instance | Branches) for step in every_step(row.steps or ())):
        return "box.block"
    return "box.input" if layer is None else f"box.{layer.kind_of_layer.drawn_as}"


def _plate(frame: Frame, place: Place, times: str) -> Iterator[Item]:
    right = frame.left + frame.wide + width_of(times, SMALL) + 5
    tall = place.bottom - place.top + 2 * PLATE
    yield Box(frame.left - PLATE, place.top - PLATE, right - frame.left + PLATE, tall, "plate", 4)
    yield Text(right - 2.5, place.middle + 0.36 * SMALL, times, "text", SMALL, "end")


def _written(texts: Sequence[tuple[str, str]], x: float, middle: float) -> Iterator[Text]:
    lines = centred([text for text, _ in texts], x, middle, SMALL)
    yield from (line._replace(look=look) for line, (_, look) in zip(lines, texts, strict=True))


def _tip(cost: RowCost) -> str:
    return (
        f"{printable(cost.layer)}: {cost.input} to {cost.output}; {cost.params:,} params, {cost.mult_adds:,} mult-adds"
    )
