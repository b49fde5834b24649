"""Text for a terminal: widths of characters, colours, columns."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Sequence
from typing import IO

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
    """The text with blanks up to a number of columns."""
    blanks = " " * (columns - width(text))
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


NARROWEST = 8
"""How far a column is cut."""


def columns(
    rows: Sequence[Sequence[str]],
    numeric: Sequence[bool],
    limit: int | None = None,
    flexible: int | Sequence[int] = 0,
) -> list[str]:
    """Rows of cells as aligned lines; where they are wider than ``limit``, the widest of some columns are cut."""
    widths = [max(width(row[i]) for row in rows) for i in range(len(numeric))]
    over = sum(widths) + 2 * (len(widths) - 1) - (limit or 10**9)
    cut = [flexible] if isinstance(flexible, int) else flexible
    while over > 0:
        wide = max(cut, key=lambda i: widths[i])
        if widths[wide] <= NARROWEST:
            break
        widths[wide] -= 1
        over -= 1
    lines = []
    for row in rows:
        cells = (padded(clipped(text, w), w, right) for text, w, right in zip(row, widths, numeric, strict=True))
        lines.append("  ".join(cells).rstrip())
    return lines
