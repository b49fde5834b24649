"""Tables with their columns aligned, as specs have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Rows = Sequence[Sequence[str]]


def aligned(cells: Rows) -> list[str]:
    """The rows of a table without a header, with its columns aligned."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [_line(row, widths) for row in cells]


def headed(cells: Rows) -> list[str]:
    """The same of a table whose first row is its header, with the rule below it."""
    header, *rows = aligned(cells)
    rule = "|".join("-" * len(cell) for cell in _between_bars(cells))
    return [header, f"|{rule}|", *rows]


def spanned(cells: Rows, spanning: Mapping[int, str], first: int) -> list[str]:
    """The same, with one cell in the place of all from column ``first`` on in some rows, by their positions."""
    lines = headed(cells)
    starts = sum(max(len(row[at]) for row in cells) + 3 for at in range(first)) + 2
    for at, text in spanning.items():
        line = lines[at + 1]  # the rule stands below the header
        lines[at + 1] = line[:starts] + text.ljust(len(line) - starts - 2) + " |"
    return lines


def by_columns(columns: Mapping[str, Sequence[str]], kept: Sequence[str]) -> list[str]:
    """A table of columns by their headers, without those that are empty and need not be ``kept``."""
    shown = {name: cells for name, cells in columns.items() if name in kept or any(cells)}
    return headed([[*shown], *map(list, zip(*shown.values(), strict=True))])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return f"| {' | '.join(text.ljust(width) for text, width in zip(row, widths, strict=True))} |"


def _between_bars(cells: Rows) -> list[str]:
    """What stands between the bars of each row, blanks included."""
    return [" " * (max(map(len, column)) + 2) for column in zip(*cells, strict=True)]
