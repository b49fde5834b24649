"""Rows to text, JSON, CSV and Markdown. No arithmetic here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from typing import TYPE_CHECKING, Any

from archspec.render.checks import check_data, checks_markdown, checks_text, misprint_data, misprints_text
from archspec.render.columns import IN_CSV, Column, Inside, Part, chosen, headers
from archspec.render.formats import csv_text, escaped, json_text, markdown, value_text
from archspec.support.bound import is_known
from archspec.support.terminal import Style, columns, printable

if TYPE_CHECKING:
    from archspec.analysis.cost import RowCost, Totals
    from archspec.analysis.result import Result
    from archspec.ir.network import Head

INDENT, DOTS = "  ", "· "
"""Before what is inside a row, for each level; Markdown would drop blanks."""
INDENTED = ("text", "layers")
"""The kinds of columns that show how deep something is inside."""
TOTAL = "total"


def exact(number: int) -> str:
    """A count to its last digit."""
    return f"{number:,}"


def as_text(
    result: Result,
    style: Style,
    limit: int | None = None,
    said: Callable[[int], str] = exact,
    inside: Inside = (),
    shown: Sequence[Column] | None = None,
) -> str:
    """The table of layers with its totals, the convention, and the claims with their verdicts.

    ``said`` writes a count, ``inside`` is what stands below each row, and ``shown`` are the columns.
    """
    network = result.network
    head = [style(printable(result.name), "bold") + (f"  {printable(network.display_name)}" if network.title else "")]
    head += [style(printable(str(paper)), "dim") for paper in network.own_papers]
    settings = ", ".join(f"{name}={value_text(value)}" for name, value in network.parameters.items())
    head.append(f"input {network.input_shape}" + (f"; {settings}" if settings else ""))
    lines = _lines(result, limit, said, inside, shown or chosen(None))
    lines[0] = style(lines[0], "dim")
    lines[-1] = style(lines[-1], "bold")
    notes = [head_note(result, head, said) for head in network.heads]
    notes += [f"activations {said(result.totals.activations)}; convention: {result.convention}"]
    notes += [f"  {line}" for line in result.counting.describe()]
    notes += bounds_notes(result, {"params", "mult_adds", "activations"})
    parts = ["\n".join(head), "\n".join(lines), "\n".join(style(note, "dim") for note in notes)]
    if result.claims:
        parts.append(checks_text(result.claims, style, limit))
    if result.misprints:
        parts.append("\n".join(["printed wrong, as the figures beside it show", misprints_text(result.misprints)]))
    if network.overridden:
        parts.append(style("printed figures not checked: they are for the file's own parameters and input", "dim"))
    return "\n\n".join(parts)


def _lines(
    result: Result, limit: int | None, said: Callable[[int], str], inside: Inside, shown: Sequence[Column]
) -> list[str]:
    """The rows between the header and the totals; where they are too wide, the column of layers is cut first."""
    layers = [i for i, column in enumerate(shown) if column.kind == "layers"]
    texts = [i for i, column in enumerate(shown) if not column.numeric]
    rows = [headers(shown), *_cells(result, shown, said, inside), _total(result, shown, said)]
    return columns(rows, [column.numeric for column in shown], limit, flexible=layers or texts)


def bounds_notes(result: Result, shown: Set[str]) -> list[str]:
    """Why some of the totals that are shown are lower bounds; nothing where none is."""
    if not result.totals.unknown & shown:
        return []
    from archspec.analysis.unchecked import not_known

    heads = (item for rows in result.inferred.heads.values() for item in rows)
    uses = (use for item in (*result.inferred.rows, *heads) for use in item.uses)
    return [f">= is a lower bound: {not_known(uses)}"]


def head_note(result: Result, head: Head, said: Callable[[int], str]) -> str:
    """What a side branch costs, which no total holds unless its rule says so."""
    rows = result.heads[head.name]
    params, mult_adds = sum(row.params for row in rows), sum(row.mult_adds for row in rows)
    total = "in the total" if result.counting.with_heads else "not in the total"
    where = f"for training alone, from {printable(head.source)}, weight {head.weight:g}; {total}"
    return f"head {printable(head.name)}: {said(params)} params, {said(mult_adds)} mult-adds ({where})"


def as_json(result: Result) -> str:
    """One network by the schema in ``docs/counts.schema.json``."""
    return json_text(as_data(result))


def as_data(result: Result) -> dict[str, Any]:
    """What ``as_json`` writes."""
    network = result.network
    return {
        "network": network.name,
        "variant": network.variant,
        "parameters": {name: list(v) if isinstance(v, tuple) else v for name, v in network.parameters.items()},
        "input": list(network.input),
        "convention": result.convention,
        **_unknown(result.totals, _totals_data(result.totals)),
        "rows": [_unknown(row, _row_data(row)) for row in result.rows],
        "heads": [_head_data(result, head) for head in network.heads],
        "claims": [check_data(check) for check in result.claims],
        "cells": [check_data(check) for check in result.cells],
        "misprints": [misprint_data(each) for each in result.misprints],
        "diagnostics": [diagnostic.to_dict() for diagnostic in result.diagnostics],
    }


def _unknown(costs: RowCost | Totals, data: dict[str, Any]) -> dict[str, Any]:
    """The data, and where a layer is not known, which of it are lower bounds, or null."""
    unknown = [name for name in data if name in costs.unknown]
    return data | {"unknown": unknown} if unknown else data


def _head_data(result: Result, head: Head) -> dict[str, Any]:
    rows = result.heads[head.name]
    sums = {name: sum(getattr(row, name) for row in rows) for name in ("params", "mult_adds")}
    unknown = [name for name, value in sums.items() if not is_known(value)]
    named = {"head": head.name, "from": head.source, "weight": head.weight}
    return {**named, **sums, **({"unknown": unknown} if unknown else {})}


def _totals_data(totals: Totals) -> dict[str, Any]:
    return {name: getattr(totals, name) for name in ("params", "mult_adds", "activations", "kept")}


def _row_data(row: RowCost) -> dict[str, Any]:
    """What JSON says of a row; pairs are height and width, null behind a layer that is not known."""
    return {
        "layer": row.layer,
        "op": row.op,
        "output": row.output.dims,
        "params": row.params,
        "mult_adds": row.mult_adds,
        "activations": row.activations,
        "receptive_field": row.receptive_field and list(row.receptive_field),
        "stride": row.stride and list(row.stride),
        "centre": row.centre and list(row.centre),
        "kept": row.kept,
    }


def as_csv(results: Iterable[Result], shown: Sequence[Column] | None = None) -> str:
    """One line a row of the table; figures without separators."""
    shown = shown or chosen(None, default=IN_CSV)
    rows = [[column.of(result, row) for column in shown] for result in results for row in result.rows]
    return csv_text([[column.in_csv for column in shown], *rows])


def as_markdown(
    result: Result,
    said: Callable[[int], str] = exact,
    inside: Inside = (),
    shown: Sequence[Column] | None = None,
) -> str:
    """The table, its totals and its claims as Markdown."""
    title = f"**{escaped(result.name)}** (input {result.network.input_shape}, convention: {result.convention})"
    parts = [title, cost_table(result, said, inside, shown)]
    if result.claims:
        parts.append(checks_markdown(result.claims))
    if result.misprints:
        lines = misprints_text(result.misprints).split("\n")
        parts.append("\n".join(f"- {escaped(line)}" for line in lines))
    return "\n\n".join(parts)


def cost_table(
    result: Result,
    said: Callable[[int], str] = exact,
    inside: Inside = (),
    shown: Sequence[Column] | None = None,
) -> str:
    """The rows with their costs and the totals as a Markdown table."""
    shown = shown or chosen(None)
    total = [f"**{cell}**" if cell else "" for cell in _total(result, shown, said)]
    rows = [headers(shown), *_cells(result, shown, said, inside, DOTS), total]
    return markdown(rows, [column.numeric for column in shown])


def _cells(
    result: Result,
    shown: Sequence[Column],
    said: Callable[[int], str] = exact,
    inside: Inside = (),
    indent: str = INDENT,
) -> list[list[str]]:
    lines: list[list[str]] = []
    for i, row in enumerate(result.rows):
        lines.append(_line(result, shown, row, said))
        for part in inside[i] if inside else ():
            blank = indent * part.level
            cells = zip(shown, _line(result, shown, part, said), strict=True)
            lines.append([blank + cell if column.kind in INDENTED and cell else cell for column, cell in cells])
    return lines


def _line(result: Result, shown: Sequence[Column], cost: RowCost | Part, said: Callable[[int], str]) -> list[str]:
    cells = (column.of(result, cost) for column in shown)
    return [said(cell) if isinstance(cell, int) else cell for cell in cells]


def _total(result: Result, shown: Sequence[Column], said: Callable[[int], str] = exact) -> list[str]:
    """The sums below the counts, named where the first column leaves room for it."""
    sums = [column.total(result.totals) for column in shown]
    cells = ["" if total is None else said(total) for total in sums]
    return cells if shown[0].numeric else [TOTAL, *cells[1:]]
