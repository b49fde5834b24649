"""Blocks as statements: a chain, branches that are joined, or named rows, and what follows them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from archspec.ir.network import Branches, Graph, Row, Step
from archspec.printing.definitions import Formal, Written
from archspec.printing.steps import Writer
from archspec.printing.tables import aligned, by_columns
from archspec.printing.texts import NAME, Unwritable, argument, cell, word

LONGEST = 100
"""Characters of a cell of a chain that is not parted into rows."""

SEVERAL = re.compile(r"[;\[\]]| x | if |\bno ")
"""What tells that a cell is more than a layer with its own arguments."""


def lines_of(block: Written, writer: Writer) -> Iterator[str]:
    """The lines of a block: its own, its table, and what follows that."""
    inner = writer.within([formal.name for formal in block.formals])
    formals = ", ".join(_formal(formal, inner) for formal in block.formals)
    head = f"block {block.name}({formals})" if formals else f"block {block.name}"
    first = block.steps[0] if block.steps else None
    rest = block.steps[1:]
    if isinstance(first, Branches):
        yield f"{head} = {first.join.op} of"
        yield from _branches(first, inner)
    elif isinstance(first, Graph):
        yield head
        yield from table(first.rows, inner)
    else:
        yield head
        yield from aligned([[text] for text in _parted(block.steps, inner)])
        rest = ()
    if rest:
        yield f"then {inner.chain(rest)}"


def table(
    rows: Sequence[Row],
    writer: Writer,
    more: Mapping[str, Sequence[str]] = {},
    printed: Mapping[int, str] = {},
) -> list[str]:
    """Rows with their names, what they take and their layers, and further columns.

    What is ``printed`` wrong in the place of the layers of a row stands before them, with the mark.
    """
    columns: dict[str, Sequence[str]] = {
        "layer": [cell(row.layer, "the row") for row in rows],
        "op": [_layers(row, writer, printed.get(i)) for i, row in enumerate(rows)],
        "from": [_sources(row) for row in rows],
    }
    return by_columns({**columns, **more}, ("layer", "op"))


def _layers(row: Row, writer: Writer, printed: str | None) -> str:
    text = writer.chain(row.steps) if row.steps else ""
    return text if printed is None else f"{printed} ! {_works(printed, text)}"


def _works(printed: str, text: str) -> str:
    """What stands behind the mark: the one argument of a layer that is another, or all of the layers."""
    (name, *args), (also, *others) = printed.replace(" ", ", ", 1).split(", "), text.replace(" ", ", ", 1).split(", ")
    wrong = [(arg, other) for arg, other in zip(args, others, strict=False) if arg != other]
    alike = name == also and len(args) == len(others) and len(wrong) == 1
    return wrong[0][1] if alike and not any(SEVERAL.search(part) for part in (printed, text)) else text or "-"


def _sources(row: Row) -> str:
    if any("," in source for source in row.sources):
        raise Unwritable(f"the row {row.layer!r}", "a row whose name has a comma cannot stand in the column `from`")
    return cell(", ".join(row.sources), "the rows")


def _formal(formal: Formal, writer: Writer) -> str:
    if formal.default is None:
        return formal.name
    known = formal.default.value
    said = word(known, writer.names) if isinstance(known, str) else argument(formal.default, writer.names)
    return f"{formal.name}={said}"


def _branches(step: Branches, writer: Writer) -> list[str]:
    """A row for each branch; named unless all are called as the language calls them."""
    cells = [writer.branch(branch) for branch in step.branches]
    names = [branch.name for branch in step.branches]
    own = ["shortcut" if text.split(" ")[0] == "shortcut" else f"branch{i}" for i, text in enumerate(cells, 1)]
    if names == own:
        return aligned([[text] for text in cells])
    if all(NAME.fullmatch(name) for name in names):
        return aligned([*map(list, zip(names, cells, strict=True))])
    return by_columns({"layer": [cell(name, "the branch") for name in names], "op": cells}, ("layer", "op"))


def _parted(steps: Sequence[Step], writer: Writer) -> list[str]:
    """The chain of a block as one row, or as several of at most so many characters."""
    if not steps:
        return [writer.chain(steps)]
    rows: list[str] = []
    for text in map(writer.step, steps):
        if rows and len(rows[-1]) + len(text) + 2 <= LONGEST:
            rows[-1] += f"; {text}"
        else:
            rows.append(text)
    return rows
