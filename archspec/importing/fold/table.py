"""The table of layers: what rows of one block differ in has columns; in a family, each member has one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from archspec.importing.fold.names import Names, row_name
from archspec.importing.fold.rows import Row
from archspec.importing.fold.writing import Defaults, Steps, Writer
from archspec.ir.node import IN
from archspec.printing.tables import headed, spanned

LEAST_ROWS, LEAST_COLUMNS = 3, 3
"""How many rows must use one block, and how many of its parameters they must give, for these to have columns."""
TAKEN = frozenset({"layer", "op", "repeat", "from", "output", "input", "params"})
"""Columns of a table that mean something else."""


def table(rows: Sequence[tuple[Row, Steps]], names: Mapping[int, str], writer: Writer, defaults: Defaults) -> list[str]:
    """The table of one network."""
    name, columns = _columns(rows, defaults)
    has_sources = any(row.sources is not None for row, _ in rows)
    repeats = bool(columns) and any(row.times > 1 and len(steps) == 1 for row, steps in rows)
    cells = [["layer", "op", *columns, *(["repeat"] if repeats else []), *(["from"] if has_sources else [])]]
    above = -1
    for row, steps in rows:
        own = [] if row.sources is None or row.sources == (above,) else [names[each] for each in row.sources]
        in_columns = bool(columns) and _is_use(steps, name)
        is_apart = repeats and len(steps) == 1
        args = steps[0].args if in_columns else {}
        text = name if in_columns else writer.cell(steps, 1 if is_apart else row.times)
        times = [str(row.times) if is_apart and row.times > 1 else ""] if repeats else []
        numbers = [args.get(column, "") for column in columns]
        cells.append([names[row.number], text, *numbers, *times, *([", ".join(own)] if has_sources else [])])
        above = row.number
    return headed(cells)


def family_table(members: Mapping[str, Sequence[tuple[Row, Steps]]], writer: Writer) -> list[str]:
    """The table of a family: what all members have in one cell."""
    texts = [[(row.name, writer.cell(steps, row.times)) for row, steps in rows] for rows in members.values()]
    cells = [["layer", *members]]
    spanning: dict[int, str] = {}
    for name, own in _merged(texts):
        if len(set(own)) == 1:
            spanning[len(cells)] = own[0]
        cells.append([name, *(own if len(set(own)) > 1 else [""] * len(own))])
    room = max(map(len, spanning.values()), default=0)
    least = -(-(room - 3 * (len(members) - 1)) // len(members))
    cells[0] = [cells[0][0], *(name.ljust(least) for name in cells[0][1:])]
    return spanned(cells, spanning, 1)


def _merged(members: Sequence[Sequence[tuple[str, str]]]) -> list[tuple[str, list[str]]]:
    """Rows of one name beside each other, in an order that all members have; empty where a member has none."""
    found: list[tuple[str, list[str]]] = []
    for at, rows in enumerate(members):
        one, other = [name for name, _ in found], [name for name, _ in rows]
        merged: list[tuple[str, list[str]]] = []
        for kind, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
            if kind == "equal":
                merged += [(n, [*texts, text]) for (n, texts), (_, text) in zip(found[a:b], rows[c:d], strict=True)]
            else:
                merged += [(name, [*texts, ""]) for name, texts in found[a:b]]
                merged += [(name, [""] * at + [text]) for name, text in rows[c:d]]
        found = merged
    return found


def row_names(rows: Sequence[Row], named: bool) -> dict[int, str]:
    """The names of rows by their numbers; where rows are named by others, no two are called the same."""
    if not named and all(row.sources is None for row in rows):
        return {row.number: row.name for row in rows}
    taken = Names(IN, of_rows=True)
    return {-1: IN} | {row.number: taken.free(row_name(row.name)) for row in rows}


def _columns(rows: Sequence[tuple[Row, Steps]], defaults: Defaults) -> tuple[str, list[str]]:
    """The block that most rows use alone, and those of its parameters that they give, where it has columns."""
    uses = Counter(steps[0].name for _, steps in rows if len(steps) == 1 and steps[0].of_block)
    for name, many in uses.most_common(1):
        given = {each for _, steps in rows if _is_use(steps, name) for each in steps[0].args}
        columns = [each for each in defaults[name] if each in given]
        if many >= LEAST_ROWS and len(columns) >= LEAST_COLUMNS and not set(columns) & TAKEN:
            return name, columns
    return "", []


def _is_use(steps: Steps, name: str) -> bool:
    return len(steps) == 1 and steps[0].of_block and steps[0].name == name
