"""Tables with their columns aligned, as specs have them."""

from __future__ import annotations

from collections.abc import Sequence


def aligned(cells: Sequence[Sequence[str]]) -> list[str]:
    """The rows of a table with its columns aligned; the first is the header."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]

    def line(row: Sequence[str]) -> str:
        return "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |"

    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return [line(cells[0]), rule, *map(line, cells[1:])]


def spanned(cells: Sequence[Sequence[str]], spanning: dict[int, str], first: int) -> list[str]:
    """The same, with one cell in the place of all from column ``first`` on in some rows, by their positions."""
    lines = aligned(cells)
    starts = sum(max(len(row[at]) for row in cells) + 3 for at in range(first)) + 2
    for at, text in spanning.items():
        line = lines[at + 1]  # the rule stands below the header
        lines[at + 1] = line[:starts] + text.ljust(len(line) - starts - 2) + " |"
    return lines
