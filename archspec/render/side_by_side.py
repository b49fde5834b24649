"""Networks of one spec side by side, as ResNet's Table 1: their rows by name, a column for each network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from archspec.counting.quantities import MULT_ADDS, OUTPUT, PARAMS
from archspec.render.formats import csv_text, escaped, markdown
from archspec.render.table import exact
from archspec.support.terminal import READABLE, Style, columns, printable, width

if TYPE_CHECKING:
    from archspec.analysis.cost import RowCost
    from archspec.analysis.result import Result

Said = Callable[[int], str]
Key = tuple[str, int]
"""The name of a row, and how many rows of that name stand above it."""


def side_by_side_text(results: Sequence[Result], style: Style, limit: int | None = None, said: Said = exact) -> str:
    """The networks in one table for a terminal."""
    network = results[0].network
    head = [style(printable(network.name), "bold") + (f"  {printable(network.title)}" if network.title else "")]
    head += [style(printable(str(paper)), "dim") for paper in network.own_papers]
    tables = ["\n".join(_painted(rows, style, limit)) for rows in _fitting(rows_of(results, said), limit)]
    return "\n\n".join(["\n".join(head), *tables, style(_note(results), "dim")])


def _painted(rows: Sequence[Sequence[str]], style: Style, limit: int | None) -> list[str]:
    """One table in lines."""
    if limit is not None and len(rows[0]) == 3:  # the totals of the one network are never cut
        before = sum(max(width(row[i]) for row in rows) + 2 for i in (0, 1))
        limit = max(limit, before + max(width(row[2]) for row in rows[-2:]))
    lines = columns(rows, (False,) * len(rows[0]), limit, flexible=range(2, len(rows[0])))
    return [style(lines[0], "dim"), *lines[1:-2], *(style(line, "bold") for line in lines[-2:])]


def _fitting(rows: list[list[str]], limit: int | None) -> list[list[list[str]]]:
    """The table, or several below one another where the layers of all networks could not be read in its width."""
    if limit is None:
        return [rows]
    full = [max(width(row[i]) for row in rows) for i in range(len(rows[0]))]
    room = limit - sum(full[:2]) - 2
    blocks: list[list[int]] = []
    left = 0
    for i in range(2, len(full)):
        needed = 2 + min(full[i], READABLE)
        if not blocks or needed > left:
            blocks.append([])
            left = room
        blocks[-1].append(i)
        left -= needed
    return [[[row[0], row[1], *(row[i] for i in block)] for row in rows] for block in blocks]


def side_by_side_markdown(results: Sequence[Result], said: Said = exact) -> str:
    """The networks in one table of Markdown."""
    rows = rows_of(results, said)
    title = f"**{escaped(results[0].network.name)}** ({escaped(_note(results))})"
    return "\n\n".join([title, markdown(rows, (False,) * len(rows[0]))])


def side_by_side_csv(results: Sequence[Result]) -> str:
    """The networks in one table of CSV, with exact counts."""
    return csv_text(rows_of(results, str))


def rows_of(results: Sequence[Result], said: Said) -> list[list[str]]:
    """The header, a line for each name of a row, and the totals."""
    tables = [by_name(result) for result in results]
    labels = [printable(result.network.variant or result.network.name) for result in results]
    lines = [["layer", OUTPUT.name, *labels]]
    for key in merged([[*table] for table in tables]):
        found = [table.get(key) for table in tables]
        lines.append([printable(key[0]), _output(found), *(printable(row.op) if row else "" for row in found)])
    lines.append([PARAMS.name, "", *(said(result.totals.params) for result in results)])
    lines.append([MULT_ADDS.name, "", *(said(result.totals.mult_adds) for result in results)])
    return lines


def by_name(result: Result) -> dict[Key, RowCost]:
    """The rows of a network by their names."""
    found: dict[Key, RowCost] = {}
    seen: dict[str, int] = {}
    for row in result.rows:
        found[row.layer, seen.get(row.layer, 0)] = row
        seen[row.layer] = seen.get(row.layer, 0) + 1
    return found


def merged(orders: Sequence[Sequence[Key]]) -> list[Key]:
    """All names in one order: what only a later network has stands behind the row that it follows there."""
    merged: list[Key] = []
    for order in orders:
        place = {key: i for i, key in enumerate(merged)}
        last, behind = -1, dict[int, list[Key]]()
        for key in order:
            if key in place:
                last = max(last, place[key])
            else:
                behind.setdefault(last, []).append(key)
        merged = [*behind.get(-1, ()), *(x for i, key in enumerate(merged) for x in (key, *behind.get(i, ())))]
    return merged


def _output(rows: Sequence[RowCost | None]) -> str:
    """The output where all have one; else its height and width, as ResNet's table prints it; else each that occurs."""
    outputs = dict.fromkeys(row.output for row in rows if row)
    if len(outputs) == 1:
        return str(next(iter(outputs)))
    sides = dict.fromkeys(f"{x.height}x{x.width}" if x.is_map else str(x) for x in outputs)
    return ", ".join(sides)


def _note(results: Sequence[Result]) -> str:
    inputs = ", ".join(dict.fromkeys(str(result.network.input_shape) for result in results))
    return f"input {inputs}; convention: {', '.join(dict.fromkeys(result.convention for result in results))}"
