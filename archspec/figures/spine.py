"""The rows of a table as boxes from top to bottom, with their names, their outputs, and what each costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from archspec.analysis.cost import RowCost
from archspec.analysis.result import Result
from archspec.budget import spend
from archspec.diagnostics import ArchError
from archspec.figures.lanes import Lane, lanes_of, width_of_lanes
from archspec.figures.layout.piece import FLOW, SHORTCUT
from archspec.figures.margin import LEAST_BAR, NUMBER, Column, Wrong, barred, columns_of, crossed, headed, wrongs_of
from archspec.figures.messages import too_large
from archspec.figures.metrics import fitted, width_of, wrapped
from archspec.figures.node import LEADING, SMALL, TINY, centred, lines_of
from archspec.figures.scene import Box, Group, Item, Line, Text
from archspec.figures.words import cell_text, shape_text, use_text
from archspec.ir.network import Branches, Head, Instance, Repeat, Row
from archspec.ir.walking import applied, every_step
from archspec.support.limits import DRAWN, MOST_DRAWN_ROWS
from archspec.support.terminal import printable

EDGE, SHORT = 11.5, 6.0
"""Between two rows, with the size of what flows there and without."""
PAD, TIGHT = 2.7, 1.6
"""Above and below the text of a box."""
LONGEST_NAME_SHARE = 0.24
LANE = 5.0
PLATE = 3.0


class Place(NamedTuple):
    """Where a row stands: the top and the bottom of its box."""

    top: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


class Frame(NamedTuple):
    """Where the columns of the spine stand, from the left: names, ways that pass rows, boxes, plates, bars."""

    names: float
    left: float
    wide: float
    plates: float
    columns: Sequence[Column]
    sizes: float | None = None
    """Where the outputs of rows stand, of a table whose rows are too many to have them between."""

    @property
    def middle(self) -> float:
        return self.left + self.wide / 2


class Spine(NamedTuple):
    """The rows, drawn from (0, 0) on."""

    items: tuple[Item, ...]
    height: float


def spine(result: Result, width: float, compact: bool = False) -> Spine:
    """The rows of a network in so many points; raises ArchError where they are too many.

    ``compact`` has the outputs of rows beside them, and not between them.
    """
    network = result.network
    if len(network.rows) > MOST_DRAWN_ROWS:
        place = network.rows[MOST_DRAWN_ROWS].place
        help = "write rows that are alike as a repetition or a block"
        raise ArchError([too_large(place, "rows", MOST_DRAWN_ROWS, help)])
    return _Drawing(result, width, compact).drawn()


class _Drawing:
    """Draws the rows one after the other."""

    def __init__(self, result: Result, width: float, compact: bool) -> None:
        self._result, self._network = result, result.network
        self._wrongs = wrongs_of(result)
        self._lanes = lanes_of(result.network.rows)
        self._heads: dict[str, list[Head]] = {}
        for head in result.network.heads:
            self._heads.setdefault(head.source, []).append(head)
        self._times = [times_of(row) for row in result.network.rows]
        self._frame = _frame(result, width, self._lanes, self._times, self._heads, compact)
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
        last = self._result.rows[-1].output
        y += PLATE * bool(self._times[-1])
        self._items.append(Line(((frame.middle, y), (frame.middle, y + EDGE)), FLOW, arrow=True))
        if frame.sizes is None:
            self._items.append(self._flowing(shape_text(last), y))
        ends = [*self._ways(entry)]
        return Spine((*ends, *self._items), y + EDGE + 1)

    def _input(self, y: float) -> Place:
        frame, tall = self._frame, TINY * LEADING + 4
        text = shape_text(self._network.input_shape)
        self._items.append(Box(frame.left, y, frame.wide, tall, "box.input", tall / 2))
        self._items += centred([fitted(text, TINY, frame.wide - 8)], frame.middle, y + tall / 2, TINY)
        self._items.append(Text(frame.names, y + tall / 2 + 0.36 * TINY, "input", "text.soft", TINY, "end"))
        return Place(y, y + tall)

    def _edge(self, i: int, y: float) -> float:
        """The way from the row above, with the size of what flows where that changed, and heads that leave there."""
        frame, rows = self._frame, self._network.rows
        before = rows[i - 1].layer if i else "in"
        said = bool(i) and frame.sizes is None and self._changes(i - 1)
        heads = self._heads.get(before, ()) if i else ()
        long = EDGE if said or heads else SHORT
        y += PLATE * bool(i and self._times[i - 1])
        if not rows[i].sources or before in rows[i].sources:
            self._items.append(Line(((frame.middle, y), (frame.middle, y + long)), FLOW, arrow=True))
        if said:
            self._items.append(self._flowing(self._output(i - 1), y, self._wrongs.get(i - 1, Wrong()).output))
        if heads:
            self._items += self._leaving([head.name for head in heads], y + long / 2)
        return y + long + PLATE * bool(self._times[i])

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
        for lane in self._lanes:
            x = left - PLATE - LANE * (lane.track + 1)
            start = places[lane.source].middle + 2 * (lane.source >= 0)
            for target in lane.targets:
                end = places[target].middle - 2
                yield Line(((left, start), (x, start), (x, end), (left, end)), SHORTCUT, 3, arrow=True)


def times_of(row: Row) -> str | None:
    """How often a row that is one repetition runs; None where it is none, or runs once."""
    step = row.steps[0] if row.steps and len(row.steps) == 1 else None
    if not isinstance(step, Repeat) or step.times.value in (None, 1):
        return None
    return f"×{step.times.value}"


def look_of(row: Row) -> str:
    """What a row is: a block where one is used or written in brackets, or the kind of its first layer."""
    layer = next(applied(row.steps or ()), None)
    if any(isinstance(step, Instance | Branches) for step in every_step(row.steps or ())):
        return "box.block"
    return "box.input" if layer is None else f"box.{layer.kind_of_layer.drawn_as}"


def _frame(
    result: Result,
    width: float,
    lanes: Sequence[Lane],
    times: Sequence[str | None],
    heads: Mapping[str, Sequence[Head]],
    compact: bool,
) -> Frame:
    """Shares the width: names as far as they need it, bars what boxes leave."""
    network = result.network
    names = [*(row.layer for row in network.rows), "input"]
    wide_names = max(width_of(printable(name), SMALL) for name in names)
    for taken in heads.values():
        wide_names = max(wide_names, width_of(printable(", ".join(head.name for head in taken)), TINY) + 6)
    named = min(wide_names, LONGEST_NAME_SHARE * width)
    plates = max((width_of(said, SMALL) + 5 for said in times if said), default=0.0)
    left = named + 6 + width_of_lanes(lanes, LANE) + PLATE
    costs = columns_of(result, 0, 0)
    numbers = costs[-1].right
    sizes = max(width_of(shape_text(row.output), TINY) for row in result.rows) + 8 if compact else 0.0
    natural = max((width_of(cell_text(row.op), SMALL) for row in network.rows), default=0.0) + 12
    rest = width - left - plates - 8 - sizes - numbers
    spare = rest - 2 * (NUMBER + 2 * LEAST_BAR)
    needed = next((each for lines in (2, 3) if (each := _needed(network.rows, natural, lines)) <= spare), rest)
    box = max(40.0, min(natural, max(0.6 * rest, min(needed, rest)), 190.0))
    end = left + box + plates + 10
    right = min(width, end + sizes + numbers + 2 * 95)
    return Frame(named, left, box, plates, columns_of(result, end + sizes, right), end - 4 if compact else None)


def _needed(rows: Sequence[Row], natural: float, lines: int) -> float:
    """How wide boxes have to be so that no cell takes more lines, of which words are kept whole."""
    texts = [cell_text(row.op) for row in rows if not isinstance((row.steps or (None,))[0], Instance)]
    wide = 40.0
    while wide < natural and any(len(lines_of(text, SMALL, wide - 8, 9)) > lines for text in texts):
        wide += 8
    return wide


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
