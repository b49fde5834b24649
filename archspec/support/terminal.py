"""Text for a terminal: widths of characters, colours, columns."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Sequence
from typing import IO

from archspec.support.limits import WIDEST_COLUMN

USUAL = 40
"""A column of so many characters at most is as wide as its widest cell."""
FEW = 8
"""The part of the cells of a column that may be wider than it."""
READABLE, SHORTEST, NARROWEST = 24, 12, 8
"""The characters to which the flexible column is cut first, to which others are, and to which it is cut at last."""
FAR = 1.5
"""How many times as wide such a cell is at least."""
COLOURS = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}


class Style:
    """Paints text, or leaves it plain."""

    def __init__(self, colour: bool = False) -> None:
        self.colour = colour

    def __call__(self, text: str, *names: str) -> str:
        if not self.colour or not text or not names:
            return text
        codes = ";".join(COLOURS[name] for name in names)
        return f"\033[{codes}m{text}\033[0m"


def style_for(stream: IO[str]) -> Style:
    """Colour on a terminal, plain in a pipe; NO_COLOR and FORCE_COLOR have the last word."""
    if os.environ.get("NO_COLOR"):
        return Style()
    terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
    return Style(terminal or bool(os.environ.get("FORCE_COLOR")))


def terminal_width(stream: IO[str]) -> int | None:
    """The columns of the terminal; None in a pipe, where nothing is cut."""
    if not stream.isatty():
        return None
    from shutil import get_terminal_size

    return get_terminal_size().columns


def width(text: str) -> int:
    """How many columns a text takes: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth

    return max(int(wcswidth(text)), 0)


def padded(text: str, columns: int, right: bool = False) -> str:
    """The text with blanks up to a number of columns, or to the most that any column is filled up to."""
    blanks = " " * (min(columns, WIDEST_COLUMN) - width(text))
    return blanks + text if right else text + blanks


def clipped(text: str, columns: int) -> str:
    """The text cut to a number of columns, with an ellipsis where it was cut."""
    if width(text) <= columns:
        return text
    longest = bisect_right(range(len(text)), columns - 1, key=lambda length: width(text[:length])) - 1
    return text[: max(longest, 0)] + "…"


def shown_json(text: str) -> str:
    """JSON with escapes for what could move a terminal's cursor."""
    import json

    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def printable(text: str) -> str:
    """Text from a spec without control characters, which could move the cursor or paint the terminal."""
    return "".join(c if c.isprintable() else " " if c == "\t" else "\ufffd" for c in text)


def columns(
    rows: Sequence[Sequence[str]],
    numeric: Sequence[bool],
    limit: int | None = None,
    flexible: int | Sequence[int] = 0,
) -> list[str]:
    """Rows of cells as aligned lines.

    A few cells that are far longer than the others of their column stand out of it, so that it is not as wide as they
    are. Where lines are wider than ``limit``, such cells are cut, and then the columns ``flexible``.
    """
    every = [[width(row[i]) for row in rows] for i in range(len(numeric))]
    full = [*map(max, every)]
    if limit is not None and sum(full) + 2 * (len(full) - 1) <= limit:
        limit = None
        widths = full
    else:
        first = [flexible] if isinstance(flexible, int) else flexible
        widths = _fitting([*map(_fair, every)], numeric, limit or 10**9, first)
    lines = []
    for row in rows:
        texts = row if limit is None else [*map(clipped, row, widths)]
        cells = (padded(text, w, right) for text, w, right in zip(texts, widths, numeric, strict=True))
        lines.append("  ".join(cells).rstrip())
    return lines


def _fitting(widths: list[int], numeric: Sequence[bool], limit: int, first: Sequence[int]) -> list[int]:
    """Widths that make no longer lines: ``first`` are cut to what can be read, then others of text, then they."""
    room = limit - 2 * (len(widths) - 1)
    texts = [i for i, right in enumerate(numeric) if not right and i not in first]
    for columns, least in ((first, READABLE), (texts, SHORTEST), (first, NARROWEST)):
        _cut(widths, columns, least, room)
    return widths


def _cut(widths: list[int], columns: Sequence[int], least: int, room: int) -> None:
    """Cut the widest of some columns until all fit or none of them is wider than ``least``."""
    over = sum(widths) - room
    while over > 0 and columns:
        widest = max(columns, key=widths.__getitem__)
        if widths[widest] <= least:
            return
        widths[widest] -= 1
        over -= 1


def _fair(widths: Sequence[int]) -> int:
    """How wide a column is: as its widest cell, unless few are far wider than all others and than a usual column."""
    ordered = sorted(widths)
    usual = ordered[bisect_right(ordered, USUAL) - 1]
    fair = max(usual if usual <= USUAL else 0, ordered[-1 - len(ordered) // FEW])
    return ordered[-1] if ordered[-1] <= fair * FAR else fair
