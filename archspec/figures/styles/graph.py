"""Every layer as a box, from the input to the output: what repeats is drawn once, with its number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archspec.analysis.result import Result
from archspec.budget import spend
from archspec.diagnostics import ArchError
from archspec.figures.frame import EDGE, PAGE, framed
from archspec.figures.layout.graph import Named, graph
from archspec.figures.layout.piece import BEND, FLOW, GAP, Piece, chain
from archspec.figures.messages import too_wide
from archspec.figures.metrics import width_of
from archspec.figures.node import LEADING, MANNERS, SMALL, TINY, Manner, centred, lines_of, node
from archspec.figures.parts import piece_of, size_of
from archspec.figures.scene import Box, Group, Item, Line, Scene, Text
from archspec.figures.unfolded import unfolded
from archspec.figures.words import shape_text, title_text
from archspec.support.limits import DRAWN
from archspec.support.terminal import printable

TALL = 655.0
"""How high a column may be before there is another, in points."""
BETWEEN = 20.0
"""Between two columns, where the way goes up again."""
MOST_NAMED = 64.0
STUB = 9.0
MOST_COLUMNS = 8


class Drawn(NamedTuple):
    """Columns with their items, and how wide and high they are together."""

    width: float
    height: float
    items: tuple[Item, ...]


def scene(result: Result, width: float | None) -> Scene:
    """The figure of a network with all of its layers, in as many columns as it needs and the width has room for."""
    inner = (width or PAGE) - 2 * EDGE
    rows = unfolded(result.network)
    best: Drawn | None = None
    narrowest = inner
    for manner in MANNERS:
        spend(DRAWN * sum(map(size_of, rows)))
        pieces = [piece_of(series, manner) for series in rows]
        drawn = _branched(result, pieces) if _takes_others(result) else _columns(result, pieces, inner)
        if drawn.width <= inner and (best is None or drawn.height < best.height - 1):
            best = drawn
        if best is not None and best.height <= TALL:
            break
        narrowest = drawn.width
    if best is None:
        raise ArchError([too_wide(result.network.place, title_text(result.network), narrowest + 2 * EDGE)])
    return framed(result, inner, best.items, best.height)


def _takes_others(result: Result) -> bool:
    return any(row.sources for row in result.network.rows)


def _branched(result: Result, pieces: Sequence[Piece]) -> Drawn:
    """Rows that take others than the one above, as a graph."""
    rows = [_named(result, i, piece) for i, piece in enumerate(pieces)]
    named = [Named(row.layer, piece, row.sources) for row, piece in zip(result.network.rows, rows, strict=True)]
    whole = chain([_entry(result), graph(named, 8, result.network.place)])
    return _ended(result, whole)


def _columns(result: Result, pieces: Sequence[Piece], width: float) -> Drawn:
    """Rows one below the other in columns: as few as are not too high, or as many as there is room for."""
    rows = [_entry(result), *(_named(result, i, piece) for i, piece in enumerate(pieces))]
    outlines = [row._replace(items=()) for row in rows]
    count = 1
    while count < min(MOST_COLUMNS, len(rows)):
        drawn = _in_columns(result, outlines, count)
        if drawn.height <= TALL or _in_columns(result, outlines, count + 1).width > width:
            break
        count += 1
    return _in_columns(result, rows, count)


def _in_columns(result: Result, rows: Sequence[Piece], count: int) -> Drawn:
    """Rows in so many columns of about one height, with the ways from the foot of each to the head of the next."""
    parts = [chain(part) for part in _parted(rows, count)]
    tall = max(part.height for part in parts)
    items: list[Item] = []
    x, top = 0.0, STUB if len(parts) > 1 else 0.0
    foot, low = 0.0, 0.0
    for i, part in enumerate(parts):
        items += part.at(x, top)
        if i:
            middle, head = x - BETWEEN / 2, x + part.enter
            way = ((foot, low), (foot, low + STUB), (middle, low + STUB), (middle, 0.0), (head, 0.0), (head, top))
            items.append(Line(way, FLOW, BEND, arrow=part.pointed))
        foot, low = x + part.leave, top + part.height
        x += part.width + BETWEEN
    items += _output(result, foot, low)
    return Drawn(x - BETWEEN, max(top + tall + STUB, low + 2 * STUB), tuple(items))


def _parted(rows: Sequence[Piece], count: int) -> Iterator[list[Piece]]:
    """Rows in their order as parts of about one height, none of which is empty."""
    whole = sum(row.height + GAP for row in rows)
    part: list[Piece] = []
    done = 0.0
    parts = 0
    for i, row in enumerate(rows):
        left = len(rows) - i
        full = done + row.height / 2 > whole * (parts + 1) / count
        if part and parts < count - 1 and (full or left <= count - 1 - parts):
            yield part
            part, parts = [], parts + 1
        part.append(row)
        done += row.height + GAP
    yield part


def _entry(result: Result) -> Piece:
    text = shape_text(result.network.input_shape)
    wide, tall = width_of(text, TINY) + 14, TINY * LEADING + 4
    items: tuple[Item, ...] = (
        Box(0, 0, wide, tall, "box.input", tall / 2),
        *centred([text], wide / 2, tall / 2, TINY),
    )
    return Piece(wide, tall, (Group(items, "input", "input"),), wide / 2, wide / 2)


def _named(result: Result, i: int, piece: Piece) -> Piece:
    """The layers of a row, with its name at their left; an empty box where it has none."""
    row = result.network.rows[i]
    piece = piece if piece.items else node("", "box.input", Manner(30, inner=15))
    lines = lines_of(printable(row.layer), SMALL, MOST_NAMED, 2)
    aside = max((width_of(line, SMALL) for line in lines), default=0.0) + 8
    tall = max(piece.height, SMALL * LEADING * len(lines))
    items: list[Item] = [
        Text(aside - 8, 0.86 * SMALL + SMALL * LEADING * k + 1, line, "text", SMALL, "end")
        for k, line in enumerate(lines)
    ]
    items += piece.at(aside, 0)
    enter, leave = aside + piece.enter, aside + piece.leave
    if tall > piece.height:
        items.append(Line(((leave, piece.height), (leave, tall)), FLOW))
    tip = f"{printable(row.layer)}: {printable(row.op)}"
    return Piece(aside + piece.width, tall, (Group(tuple(items), "row", row.layer, tip),), enter, leave, piece.pointed)


def _ended(result: Result, whole: Piece) -> Drawn:
    items = (*whole.items, *_output(result, whole.leave, whole.height))
    return Drawn(whole.width, whole.height + STUB + 2, items)


def _output(result: Result, x: float, y: float) -> Iterator[Item]:
    yield Line(((x, y), (x, y + STUB)), FLOW, arrow=True)
    text = shape_text(result.rows[-1].output)
    yield Text(x + 5, y + STUB - 1, text, "text.soft", TINY)
