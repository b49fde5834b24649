"""Two networks side by side: their rows in pairs, what differs in colour, and the blocks that differ below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple, NoReturn

from archspec.analysis.cost import RowCost
from archspec.analysis.result import Result
from archspec.budget import spend
from archspec.diagnostics import ArchError
from archspec.figures.frame import EDGE, PAGE, legend
from archspec.figures.insets import BETWEEN, Content, Inset, contents, framed_inset
from archspec.figures.layout.piece import FLOW
from archspec.figures.messages import too_large, too_wide
from archspec.figures.metrics import fitted, width_of
from archspec.figures.node import HEAD, LEADING, MANNERS, SMALL, TINY, centred, lines_of
from archspec.figures.parts import recoloured, size_of, texts_of
from archspec.figures.scene import Anchor, Box, Group, Item, Line, Scene, Text, moved
from archspec.figures.words import cell_text, count_text, shape_text, title_text
from archspec.support.limits import DRAWN, MATCHED, MOST_DRAWN_ROWS
from archspec.support.terminal import printable

LEFT, RIGHT, CHANGED, SAME = "only.left", "only.right", "changed", "same"
MEANINGS = {LEFT: "only left", RIGHT: "only right", CHANGED: "differs", SAME: "the same"}
EDGE_LONG, PAD = 11.0, 2.7
LEAST_BOX, MOST_BOX = 120.0, 170.0
MIDDLE = 74.0
"""Between the boxes of two rows, where what they cost more is said."""


class Pair(NamedTuple):
    """Two rows that belong together by their places, or one that the other network lacks."""

    left: int | None
    right: int | None
    same: bool


class Side(NamedTuple):
    """One of the two networks: where its names and boxes stand."""

    result: Result
    names: float
    named: float
    """How much room they have."""
    names_end: bool
    """Whether its names end there, left of the boxes."""
    box: float
    wide: float

    @property
    def middle(self) -> float:
        return self.box + self.wide / 2


def twofold(a: Result, b: Result, pairs: Sequence[Pair], blocks: Sequence[str], width: float | None) -> Scene:
    """The figure of two networks whose rows go together like this, and of which these blocks differ."""
    if len(pairs) > MOST_DRAWN_ROWS:
        raise ArchError([too_large(None, "rows", MOST_DRAWN_ROWS, "compare parts of the networks")])
    inner = min(PAGE, _natural(a, b)) if width is None else width - 2 * EDGE
    sides = _sides(a, b, inner)
    head = [*_titles(sides, inner)]
    items, y = _rows(sides, pairs, HEAD * LEADING + TINY * LEADING + 6)
    frames, y = _blocks(a, b, blocks, inner, y + BETWEEN)
    every = [*head, *items, *frames]
    below, deep = legend(every, inner, y + 4, MEANINGS)
    page = Box(0, 0, inner + 2 * EDGE, deep + 2 * EDGE, "page")
    shown = tuple(moved(item, EDGE, EDGE) for item in (*every, *below))
    title = f"{title_text(a.network)} and {title_text(b.network)}"
    return Scene(inner + 2 * EDGE, deep + 2 * EDGE, (page, *shown), title, _said(a, b, pairs))


def _natural(a: Result, b: Result) -> float:
    """How wide the figure is where no width is asked for: no wider than its boxes need it."""
    rows = [row for x in (a, b) for row in x.network.rows]
    cells = max((width_of(cell_text(row.op), SMALL) for row in rows), default=0.0) + 12
    names = max((width_of(printable(row.layer), SMALL) for row in rows), default=0.0) + 5
    return 2 * (min(MOST_BOX, max(LEAST_BOX, cells)) + names) + MIDDLE


def _sides(a: Result, b: Result, width: float) -> tuple[Side, Side]:
    """Names outside, boxes inside, as wide as one another."""
    named = [
        min(0.16 * width, max((width_of(printable(row.layer), SMALL) for row in x.network.rows), default=0.0) + 5)
        for x in (a, b)
    ]
    middle = min(MIDDLE, 0.2 * width)
    wide = (width - sum(named) - middle) / 2
    left = Side(a, named[0] - 5, named[0] - 5, True, named[0], wide)
    return left, Side(b, width - named[1] + 5, named[1] - 5, False, named[0] + wide + middle, wide)


def _titles(sides: Sequence[Side], width: float) -> Iterator[Text]:
    for side in sides:
        name = fitted(title_text(side.result.network), HEAD, side.wide, True)
        yield Text(side.middle, HEAD * 0.8, name, "text", HEAD, "middle", bold=True)
        totals = side.result.totals
        said = f"{count_text(totals.params)} params, {count_text(totals.mult_adds)} mult-adds"
        said = fitted(said, TINY, side.wide)
        yield Text(side.middle, HEAD * 0.8 + TINY * LEADING + 1, said, "text.soft", TINY, "middle")


def _rows(sides: tuple[Side, Side], pairs: Sequence[Pair], y: float) -> tuple[list[Item], float]:
    """The rows of both with the ways between them, each pair at one height; and where they end."""
    items: list[Item] = []
    last: list[tuple[float, int] | None] = [None, None]
    for pair in pairs:
        places = (pair.left, pair.right)
        spend(2 * DRAWN)
        texts = [_cell(side, i) for side, i in zip(sides, places, strict=True)]
        tall = max(len(lines) for lines in texts) * SMALL * LEADING + 2 * PAD
        look = SAME if pair.same else CHANGED if None not in places else LEFT if pair.right is None else RIGHT
        for k, (side, i) in enumerate(zip(sides, places, strict=True)):
            if i is None:
                continue
            items += _way(side, last[k], y, i)
            items.append(_row(side, i, texts[k], y, tall, look))
            last[k] = y + tall, i
        if not pair.same:
            items += _more(sides, pair, y + tall / 2)
        y += tall + EDGE_LONG
    for side, end in zip(sides, last, strict=True):
        if end is not None:
            items += _way(side, end, end[0] + EDGE_LONG, None)
    return items, y


def _cell(side: Side, i: int | None) -> list[str]:
    if i is None:
        return []
    row = side.result.network.rows[i]
    return lines_of(cell_text(row.op) or "input", SMALL, side.wide - 8, 3)


def _row(side: Side, i: int, lines: Sequence[str], y: float, tall: float, look: str) -> Group:
    row = side.result.network.rows[i]
    items: list[Item] = [Box(side.box, y, side.wide, tall, look, 2.5)]
    items += centred(lines, side.middle, y + tall / 2, SMALL)
    name = fitted(printable(row.layer), SMALL, side.named)
    anchor: Anchor = "end" if side.names_end else "start"
    items.append(Text(side.names, y + tall / 2 + 0.36 * SMALL, name, "text", SMALL, anchor))
    return Group(tuple(items), "row", row.layer)


def _way(side: Side, start: tuple[float, int] | None, y: float, i: int | None) -> Iterator[Item]:
    """The way to a row, with the size of what flows where that changed."""
    x = side.middle
    if start is None:
        return
    above, before = start
    yield Line(((x, above), (x, y)), FLOW, arrow=True)
    cost = side.result.rows[before]
    if cost.output != cost.input or i is None:
        text = fitted(shape_text(cost.output), TINY, side.wide / 2 - 5)
        yield Text(x + 5, above + EDGE_LONG / 2 + 0.3 * TINY, text, "text.soft", TINY)


def _more(sides: tuple[Side, Side], pair: Pair, y: float) -> Iterator[Item]:
    """What the second costs more than the first, between them."""
    left, right = sides
    x = (left.box + left.wide + right.box) / 2
    a = None if pair.left is None else left.result.rows[pair.left]
    b = None if pair.right is None else right.result.rows[pair.right]
    room = right.box - left.box - left.wide - 4
    said = [_difference(a, b, "params", "params"), _difference(a, b, "mult_adds", "mult-adds")]
    lines = [fitted(text, TINY, room) for text in said if text]
    yield from centred(lines, x, y, TINY)


def _difference(a: RowCost | None, b: RowCost | None, field: str, name: str) -> str:
    more = (getattr(b, field) if b else 0) - (getattr(a, field) if a else 0)
    return f"{'+' if more > 0 else '−'}{count_text(abs(more))} {name}" if more else ""


def _blocks(a: Result, b: Result, blocks: Sequence[str], width: float, y: float) -> tuple[list[Item], float]:
    """The blocks that differ, that of the first at the left and that of the second at the right."""
    items: list[Item] = []
    mine, theirs = ({content.name: content for content in contents(x.network)} for x in (a, b))
    half = (width - BETWEEN) / 2
    for name in dict.fromkeys([*blocks, *mine, *theirs]):
        pair = mine.get(name), theirs.get(name)
        if name not in blocks and None not in pair:
            continue
        coloured = _coloured(*pair)
        frames = [_fitting(content, half) for content in coloured]
        if all(frame or not content for frame, content in zip(frames, coloured, strict=True)):
            tall = max(frame.tall(half) for frame in frames if frame)
            places = ((frames[0], 0.0), (frames[1], half + BETWEEN))
            items += [framed_inset(frame, x, y, half, tall) for frame, x in places if frame]
            y += tall + BETWEEN
            continue
        for content, result in zip(coloured, (a, b), strict=True):
            if content is not None:
                frame = _fitting(content, width) or _refused(content, result)
                items.append(framed_inset(frame, 0, y, width, frame.tall(width)))
                y += frame.tall(width) + BETWEEN
    return items, y


def _fitting(content: Content | None, width: float) -> Inset | None:
    """A frame in the most roomy manner that is not wider; None where none is."""
    frames = (content.drawn(manner) for manner in MANNERS if content)
    return next((frame for frame in frames if frame.natural <= width), None)


def _refused(content: Content, result: Result) -> NoReturn:
    needs = content.drawn(MANNERS[-1]).natural
    raise ArchError([too_wide(result.network.place, content.name, needs + 2 * EDGE)])


def _coloured(a: Content | None, b: Content | None) -> tuple[Content | None, Content | None]:
    """Two blocks, of which what only one of them has is in its colour, and what both have in none."""
    if a is None or b is None:
        return _alone(a, LEFT), _alone(b, RIGHT)
    mine, theirs = texts_of(a.series), texts_of(b.series)
    spend(MATCHED * len(mine) * len(theirs))
    looks = [LEFT] * len(mine), [RIGHT] * len(theirs)
    for i, j, many in SequenceMatcher(None, mine, theirs, autojunk=False).get_matching_blocks():
        looks[0][i : i + many] = looks[1][j : j + many] = [SAME] * many
    return a._replace(series=recoloured(a.series, looks[0])), b._replace(series=recoloured(b.series, looks[1]))


def _alone(content: Content | None, look: str) -> Content | None:
    """A block that one of the two networks has."""
    if content is None:
        return None
    return content._replace(series=recoloured(content.series, [look] * size_of(content.series)))


def _said(a: Result, b: Result, pairs: Sequence[Pair]) -> str:
    """The figure for those who cannot see it: the rows that differ."""
    lines = []
    for pair in pairs:
        if not pair.same:
            mine = "nothing" if pair.left is None else a.network.rows[pair.left].op
            theirs = "nothing" if pair.right is None else b.network.rows[pair.right].op
            lines.append(f"{mine} on the left, {theirs} on the right")
    return printable("; ".join(lines) or "all rows are the same")
