"""Branches side by side, which take the same input, and what joins them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archspec.figures.layout.piece import BEND, CLOSE, FLOW, GAP, SHORTCUT, SPLIT, Piece, beside
from archspec.figures.scene import Box, Item, Line, Text, moved

ROUND, BAR = 4.5, 9.4
"""The radius of a sign, and the height of a bar."""
JOIN = "box.join"


def fork(branches: Sequence[Piece], sign: str, name: str, gap: float, size: float) -> Piece:
    """Branches between a split and a join: a sign in a circle, or a bar with the name of what has none.

    Shortcuts stand outside, on the right.
    """
    ordered = sorted(branches, key=lambda piece: piece.passes)
    width, places = beside(ordered, gap)
    trunk = _trunk(ordered, places, width)
    deep = SPLIT + max(piece.height for piece in ordered)
    items: list[Item] = [*_split(ordered, places, trunk)]
    for piece, x in zip(ordered, places, strict=True):
        items += piece.at(x, SPLIT)
    if sign:
        items += _signed(ordered, places, trunk, deep, sign, size)
        high = deep + GAP + 2 * ROUND
    else:
        items += _barred(ordered, places, width, deep, name, size)
        high = deep + GAP + BAR
    aside = max(0.0, ROUND - trunk)
    moved_items = tuple(moved(item, aside, 0) for item in items)
    return Piece(width + aside, high, moved_items, trunk + aside, trunk + aside, pointed=False)


def _trunk(pieces: Sequence[Piece], places: Sequence[float], width: float) -> float:
    """Where the way goes on: through the one branch that is no shortcut, or through the middle."""
    main = [x + piece.enter for x, piece in zip(places, pieces, strict=True) if not piece.passes]
    if len(main) == 1:
        return main[0]
    return next((x for x in main if abs(x - width / 2) < 2 * BEND), width / 2)


def _split(pieces: Sequence[Piece], places: Sequence[float], trunk: float) -> Iterator[Item]:
    for piece, left in zip(reversed(pieces), reversed(places), strict=True):  # shortcuts lie below
        x = left + piece.enter
        look = SHORTCUT if piece.passes else FLOW
        bent = ((trunk, 0.0), (trunk, SPLIT / 2), (x, SPLIT / 2), (x, SPLIT))
        way = bent if abs(x - trunk) > CLOSE else (bent[0], bent[-1])
        yield Line(way, look, BEND, arrow=piece.pointed)


def _signed(
    pieces: Sequence[Piece], places: Sequence[float], trunk: float, deep: float, sign: str, size: float
) -> Iterator[Item]:
    middle = deep + GAP + ROUND
    for piece, left in zip(pieces, places, strict=True):
        x, start = left + piece.leave, SPLIT + piece.height
        look = SHORTCUT if piece.passes else FLOW
        if abs(x - trunk) < CLOSE:
            yield Line(((x, start), (x, middle - ROUND)), look, arrow=True)
        else:
            side = trunk + (ROUND if x > trunk else -ROUND)
            yield Line(((x, start), (x, middle), (side, middle)), look, BEND, arrow=True)
    yield Box(trunk - ROUND, middle - ROUND, 2 * ROUND, 2 * ROUND, JOIN, ROUND)
    yield Text(trunk, middle + 0.36 * size, sign, "text", size, "middle")


def _barred(
    pieces: Sequence[Piece], places: Sequence[float], width: float, deep: float, name: str, size: float
) -> Iterator[Item]:
    for piece, left in zip(pieces, places, strict=True):
        x, look = left + piece.leave, SHORTCUT if piece.passes else FLOW
        yield Line(((x, SPLIT + piece.height), (x, deep + GAP)), look, arrow=True)
    yield Box(0, deep + GAP, width, BAR, JOIN, 2)
    yield Text(width / 2, deep + GAP + BAR / 2 + 0.36 * size, name, "text", size, "middle")
