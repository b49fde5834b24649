"""Printed figures with what the arithmetic gives, in every format."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from archspec.ir.network import UNEXPLAINED
from archspec.render.formats import csv_text, markdown, value_text
from archspec.support.bound import is_known
from archspec.support.terminal import Style, clipped, columns, printable, width

if TYPE_CHECKING:
    from archspec.analysis.checked import Checked
    from archspec.analysis.misprints import Misprinted

CHECK_HEADER = ("printed in", "quantity", "printed", "arithmetic", "verdict", "counted")
CHECK_NUMERIC = (False, False, True, True, False, False)


def checks_text(checks: Sequence[Checked], style: Style, limit: int | None = None) -> str:
    """Printed figures, each with what the arithmetic gives and the verdict."""
    rows: list[Sequence[str]] = [CHECK_HEADER, *(check_cells(check) for check in checks)]
    if limit is not None:  # the name of a reported quantity may be any text, and would push the verdict out
        rows = [(source, clipped(quantity, limit // 4), *rest) for source, quantity, *rest in rows]
    lines = [clipped(line, limit or width(line)) for line in columns(rows, CHECK_NUMERIC, limit)]
    painted = [style(lines[0], "dim")]
    for line, check in zip(lines[1:], checks, strict=True):
        painted.append(style(line, _colour(check)))
        painted += [style(work, "dim") for work in working_text(check, limit)]
    return "\n".join(painted)


def _colour(check: Checked) -> str:
    """Green agrees, yellow disagrees as it is marked, red does not hold; the others are not checked."""
    if check.verdict == "reported" or (check.unchecked and check.holds):
        return "dim"
    if not check.holds:
        return "red"
    return "yellow" if check.marked else "green"


def working_text(check: Checked, limit: int | None = None) -> list[str]:
    """The arithmetic of a figure that is not a plain total, in the line below it."""
    line = f"  {printable(check.working)}"
    return [clipped(line, limit or width(line))] if check.working else []


def check_data(check: Checked) -> dict[str, Any]:
    """One printed figure as JSON-ready data; it says of a value that is a lower bound that it is one."""
    bound = {} if is_known(check.value) else {"lower_bound": True}
    return bound | {
        "source": check.source,
        "quantity": check.quantity,
        "printed": check.printed,
        "value": check.value,
        "verdict": check.verdict,
        "marked": check.marked,
        "mark": check.mark,
        "correction": check.correction,
        "at_fault": list(check.at_fault),
        "taken_from": check.taken_from,
        "counted": check.counted,
        "parameters": dict(check.parameters),
        "figure": check.figure or None,
        "working": check.working or None,
    }


def checks_csv(named: Iterable[tuple[str, Checked]]) -> str:
    """One line a printed figure."""
    header = ("network", "printed in", "quantity", "printed", "arithmetic", "verdict", "marked", "mark", "counted")
    rows = [
        (n, c.source, c.what, c.printed, c.value, c.verdict, "yes" if c.marked else "no", c.mark, c.counted)
        for n, c in named
    ]
    return csv_text([header, *rows])


def checks_markdown(checks: Sequence[Checked]) -> str:
    """Printed figures with their verdicts as Markdown."""
    return markdown([CHECK_HEADER, *map(_worked_cells, checks)], CHECK_NUMERIC)


def _worked_cells(check: Checked) -> list[str]:
    """The cells of a row, with the arithmetic of a figure in the place of its result."""
    cells = check_cells(check)
    cells[CHECK_HEADER.index("arithmetic")] = printable(check.working) or cells[CHECK_HEADER.index("arithmetic")]
    return cells


def misprints_text(misprints: Sequence[Misprinted]) -> str:
    """Cells of layers that are printed wrong, a line each, with what shows it."""
    return "\n".join(printable(f"{each.source}: {each.printed} ! {each.works}: {each.shown}") for each in misprints)


def misprint_data(misprinted: Misprinted) -> dict[str, Any]:
    """One cell of layers that is printed wrong as JSON-ready data."""
    return {
        "row": misprinted.source,
        "column": misprinted.column,
        "printed": misprinted.printed,
        "works": misprinted.works,
        "holds": misprinted.holds,
        "shown": misprinted.shown,
    }


def check_cells(check: Checked) -> list[str]:
    """One printed figure as the cells of a row: see ``CHECK_HEADER``."""
    value = "" if check.value is None else f"{check.value:,}" if isinstance(check.value, int) else check.value
    settings = [f"{name}={value_text(v)}" for name, v in check.parameters.items()]
    return [
        printable(check.source),
        printable(check.what),
        printable(check.written),
        value,
        check.verdict + _by_mark(check),
        ", ".join(filter(None, [check.counted, *settings])),
    ]


def _by_mark(check: Checked) -> str:
    """What a mark adds to the verdict."""
    if check.unchecked and check.marked:
        return ", though marked"
    if check.mark == UNEXPLAINED and check.verdict == "disagrees":
        return ", no rule found"
    return ", marked" if check.marked else ""
