"""Boxes with text: layers, uses of blocks, and plates around what repeats or has a condition."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from archspec.figures.layout.fork import JOIN, ROUND
from archspec.figures.layout.piece import Piece
from archspec.figures.metrics import fitted, width_of, wrapped
from archspec.figures.scene import Box, Group, Item, Text

TINY, SMALL, BODY, HEAD = 7.0, 7.5, 8.0, 10.0
"""The sizes of type in a figure, in points."""
LEADING = 1.18
BAND = 1.9
"""How high the band is that stands for a layer of a rule."""
MOST_LINES = 3


class Manner(NamedTuple):
    """How much room boxes take: how wide a text may be before it is broken, what is between boxes and in them."""

    room: float
    gap: float = 6
    inner: float = 4


MANNERS = (
    Manner(84),
    Manner(64),
    Manner(52, 5),
    Manner(44, 5, 3),
    Manner(36, 4, 3),
    Manner(28, 3, 2),
    Manner(22, 2.5, 1.5),
)
"""How boxes are made narrower, until frames fit."""


def lines_of(text: str, size: float, room: float, most: int = MOST_LINES, bold: bool = False) -> list[str]:
    """A text in lines of at most ``room`` points and of about one length, the last cut where they are too many.

    A word that is wider is broken behind one of its marks.
    """
    lines = _lines(text, size, room, bold)
    whole = [width for word in text.split() if (width := width_of(word, size, bold)) <= room]
    narrow, wide = max([room / 2, *whole]), room
    while 1 < len(lines) <= most and wide - narrow > 1:
        tried = _lines(text, size, (narrow + wide) / 2, bold)
        if len(tried) > len(lines):
            narrow = (narrow + wide) / 2
        else:
            lines, wide = tried, (narrow + wide) / 2
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [fitted(line, size, room, bold) for line in lines]


def _lines(text: str, size: float, room: float, bold: bool) -> list[str]:
    lines: list[str] = []
    for line in wrapped(text, size, room, bold):
        lines += [line] if width_of(line, size, bold) <= room else _broken(line, size, room, bold)
    return lines


def _broken(word: str, size: float, room: float, bold: bool) -> list[str]:
    lines = [""]
    for part in re.findall(r"[^-_./·]+[-_./·]*|[-_./·]+", word):
        if lines[-1] and width_of(lines[-1] + part, size, bold) > room:
            lines.append(part)
        else:
            lines[-1] += part
    return lines


def words_room(text: str, size: float, room: float, limit: float) -> float:
    """The room, or what the widest word needs, as far as that is less than the limit."""
    return max(room, min(limit, max((width_of(word, size) for word in text.split()), default=0.0)))


def node(
    text: str,
    look: str,
    manner: Manner,
    above: Sequence[str] = (),
    below: Sequence[str] = (),
) -> Piece:
    """A box with its text, and a band for each layer that its rule has above it and below it."""
    room = words_room(text, TINY, manner.room, 2.2 * manner.room)
    lines = lines_of(text, TINY, room, MOST_LINES + 2)
    wide = max([width_of(line, TINY) for line in lines], default=0.0) + 2 * manner.inner
    tall = len(lines) * TINY * LEADING + 2.2
    top, whole = BAND * len(above), BAND * (len(above) + len(below)) + tall
    items: list[Item] = [Box(0, 0, wide, whole, look, 2)]
    for i, band in enumerate(above):
        items.append(Box(0, BAND * i, wide, BAND, band))
    for i, band in enumerate(below):
        items.append(Box(0, top + tall + BAND * i, wide, BAND, band))
    items += centred(lines, wide / 2, top + tall / 2, TINY)
    return Piece(wide, whole, (Group(tuple(items), "layer", text),), wide / 2, wide / 2)


def stack(layers: Sequence[tuple[str, str]], manner: Manner) -> Piece:
    """Boxes that touch, as wide as one another: text and look of each."""
    pieces = [node(text, look, manner) for text, look in layers]
    wide, y = max(piece.width for piece in pieces), 0.0
    items: list[Item] = []
    for piece in pieces:
        items += (_widened(item, wide, y) for item in piece.items)
        y += piece.height
    return Piece(wide, y, tuple(items), wide / 2, wide / 2)


def _widened(item: Item, wide: float, y: float) -> Item:
    """A box with its text, as wide as others, at a height."""
    if isinstance(item, Group):
        return item._replace(items=tuple(_widened(each, wide, y) for each in item.items))
    if isinstance(item, Box):
        return item._replace(width=wide, y=item.y + y, radius=0)
    return item._replace(x=wide / 2, y=item.y + y) if isinstance(item, Text) else item


def sign_node(sign: str) -> Piece:
    """A join as its sign in a circle."""
    items = (
        Box(0, 0, 2 * ROUND, 2 * ROUND, JOIN, ROUND),
        Text(ROUND, ROUND + 0.36 * TINY, sign, "text", TINY, "middle"),
    )
    return Piece(2 * ROUND, 2 * ROUND, (Group(items, "layer", sign),), ROUND, ROUND)


def centred(lines: Sequence[str], x: float, middle: float, size: float, look: str = "text") -> list[Text]:
    """Lines of text around a middle, above one another."""
    pitch = size * LEADING
    first = middle - pitch * (len(lines) - 1) / 2 + 0.36 * size
    return [Text(x, first + i * pitch, line, look, size, "middle") for i, line in enumerate(lines)]


def plate(inner: Piece, note: str, manner: Manner, aside: bool = True) -> Piece:
    """A frame around a piece, with a note at its right or, where that is a sentence, below."""
    pad = 3.0
    if aside:
        wide = inner.width + 2 * pad + width_of(note, TINY) + 3
        tall = inner.height + 2 * pad
        texts = [Text(wide - pad, tall / 2 + 0.36 * TINY, note, "text", TINY, "end")]
        x = pad
    else:
        room = max(inner.width, words_room(note, TINY, manner.room * 1.3, 2 * manner.room))
        lines = lines_of(note, TINY, room)
        wide = max([inner.width, *(width_of(line, TINY) for line in lines)]) + 2 * pad
        tall = inner.height + 2 * pad + len(lines) * TINY * LEADING
        texts = centred(lines, wide / 2, inner.height + pad + len(lines) * TINY * LEADING / 2 + 1, TINY, "text.soft")
        x = (wide - inner.width) / 2
    items = (Box(0, 0, wide, tall, "plate", 3), *inner.at(x, pad), *texts)
    return Piece(wide, tall, items, x + inner.enter, x + inner.leave, True, inner.passes)
