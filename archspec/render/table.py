"""Rows to text, JSON, CSV, Markdown and HTML. No arithmetic here but shares of a total."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from archspec.counting.quantities import MULT_ADDS, OUTPUT, PARAMS
from archspec.support.terminal import Style, clipped, columns, padded, printable, width

if TYPE_CHECKING:
    from archspec.analysis.check import Checked
    from archspec.analysis.cost import RowCost
    from archspec.analysis.result import Result
    from archspec.ir.network import Head

HEADER = ("layer", "op", OUTPUT.name, PARAMS.name, "%", MULT_ADDS.name, "%")
NUMERIC = (False, False, False, True, True, True, True)
CHECK_HEADER = ("printed in", "quantity", "printed", "arithmetic", "verdict", "counted")
CHECK_NUMERIC = (False, False, True, True, False, False)
VERDICT_COLOURS = {"disagrees": "red", "reported": "dim"}


def as_text(result: Result, style: Style, limit: int | None = None) -> str:
    """The table of layers with its totals, the convention, and the claims with their verdicts."""
    network = result.network
    head = [style(printable(result.name), "bold") + (f"  {printable(network.display_name)}" if network.title else "")]
    head += [style(printable(str(paper)), "dim") for paper in network.papers]
    settings = ", ".join(f"{name}={_value(value)}" for name, value in network.parameters.items())
    head.append(f"input {network.input_shape}" + (f"; {settings}" if settings else ""))
    lines = columns([HEADER, *_cells(result), _total(result)], NUMERIC, limit, flexible=1)
    lines[0] = style(lines[0], "dim")
    lines[-1] = style(lines[-1], "bold")
    notes = [_head_note(result, head) for head in network.heads]
    notes += [f"activations {result.totals.activations:,}; convention: {result.convention}"]
    notes += [f"  {line}" for line in result.counting.describe()]
    parts = ["\n".join(head), "\n".join(lines), "\n".join(style(note, "dim") for note in notes)]
    if result.claims:
        parts.append(checks_text(result.claims, style, limit))
    if network.overridden:
        parts.append(style("printed figures not checked: they are for the file's own parameters and input", "dim"))
    return "\n\n".join(parts)


def _head_note(result: Result, head: Head) -> str:
    """What a side branch costs, which no total holds unless its rule says so."""
    rows = result.heads[head.name]
    params, mult_adds = sum(row.params for row in rows), sum(row.mult_adds for row in rows)
    total = "in the total" if result.counting.with_heads else "not in the total"
    where = f"for training alone, from {printable(head.source)}, weight {head.weight:g}; {total}"
    return f"head {printable(head.name)}: {params:,} params, {mult_adds:,} mult-adds ({where})"


def checks_text(checks: Sequence[Checked], style: Style, limit: int | None = None) -> str:
    """Printed figures, each with what the arithmetic gives and the verdict."""
    rows: list[Sequence[str]] = [CHECK_HEADER, *(check_cells(check) for check in checks)]
    if limit is not None:  # the name of a reported quantity may be any text, and would push the verdict out
        rows = [(source, clipped(quantity, limit // 4), *rest) for source, quantity, *rest in rows]
    lines = [clipped(line, limit or width(line)) for line in columns(rows, CHECK_NUMERIC, limit)]
    painted = [style(lines[0], "dim")]
    for line, check in zip(lines[1:], checks, strict=True):
        colour = "green" if check.holds else VERDICT_COLOURS.get(check.verdict, "red")
        painted.append(style(line, "dim" if check.verdict == "reported" else colour))
    return "\n".join(painted)


def as_json(result: Result) -> str:
    """One network by the schema in ``docs/counts.schema.json``."""
    return json_text(as_data(result))


def json_text(data: Mapping[str, Any]) -> str:
    """Data as JSON in readable characters; those that could move a terminal's cursor are escaped."""
    import json

    text = json.dumps(data, indent=2, ensure_ascii=False)
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def as_data(result: Result) -> dict[str, Any]:
    """What ``as_json`` writes."""
    network = result.network
    return {
        "network": network.name,
        "variant": network.variant,
        "parameters": {name: list(v) if isinstance(v, tuple) else v for name, v in network.parameters.items()},
        "input": list(network.input),
        "convention": result.convention,
        "params": result.totals.params,
        "mult_adds": result.totals.mult_adds,
        "activations": result.totals.activations,
        "kept": result.totals.kept,
        "rows": [
            {
                "layer": row.layer,
                "op": row.op,
                "output": row.output.dims,
                "params": row.params,
                "mult_adds": row.mult_adds,
                "activations": row.activations,
                **_row_details(row),
            }
            for row in result.rows
        ],
        "heads": [_head_data(result, head) for head in network.heads],
        "claims": [check_data(check) for check in result.claims],
        "cells": [check_data(check) for check in result.cells],
        "diagnostics": [diagnostic.to_dict() for diagnostic in result.diagnostics],
    }


def _head_data(result: Result, head: Head) -> dict[str, Any]:
    rows = result.heads[head.name]
    return {
        "head": head.name,
        "from": head.source,
        "weight": head.weight,
        "params": sum(row.params for row in rows),
        "mult_adds": sum(row.mult_adds for row in rows),
    }


def _row_details(row: RowCost) -> dict[str, Any]:
    """What JSON says of a row beside its counts; pairs are height and width."""
    return {
        "receptive_field": list(row.receptive_field),
        "stride": list(row.stride),
        "centre": list(row.centre),
        "kept": row.kept,
    }


def check_data(check: Checked) -> dict[str, Any]:
    """One printed figure as JSON-ready data."""
    return {
        "source": check.source,
        "quantity": check.quantity,
        "printed": check.printed,
        "value": check.value,
        "verdict": check.verdict,
        "marked": check.marked,
        "counted": check.counted,
        "parameters": dict(check.parameters),
    }


def as_csv(results: Iterable[Result]) -> str:
    """One line a row of the table; figures without separators."""
    rows = [
        (
            result.name,
            row.layer,
            row.op,
            str(row.output),
            row.params,
            row.mult_adds,
            row.activations,
            result.convention,
        )
        for result in results
        for row in result.rows
    ]
    return csv_text([("network", "layer", "op", "output", "params", "mult_adds", "activations", "convention"), *rows])


def checks_csv(named: Iterable[tuple[str, Checked]]) -> str:
    """One line a printed figure."""
    header = ("network", "printed in", "quantity", "printed", "arithmetic", "verdict", "marked", "counted")
    rows = [
        (n, c.source, c.quantity, c.printed, c.value, c.verdict, "yes" if c.marked else "no", c.counted)
        for n, c in named
    ]
    return csv_text([header, *rows])


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV with plain line ends."""
    import csv
    import io

    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([printable(_plain(cell)) for cell in row] for row in rows)
    return out.getvalue().rstrip("\n")


def _plain(cell: object) -> str:
    return "" if cell is None else str(cell)


def as_markdown(result: Result) -> str:
    """The table, its totals and its claims as Markdown."""
    title = f"**{escaped(result.name)}** (input {result.network.input_shape}, convention: {result.convention})"
    parts = [title, cost_table(result)]
    if result.claims:
        parts.append(checks_markdown(result.claims))
    return "\n\n".join(parts)


def cost_table(result: Result) -> str:
    """The rows with their costs and the totals as a Markdown table."""
    total = [f"**{cell}**" if cell else "" for cell in _total(result)]
    return markdown([HEADER, *_cells(result), total], NUMERIC)


def checks_markdown(checks: Sequence[Checked]) -> str:
    """Printed figures with their verdicts as Markdown."""
    return markdown([CHECK_HEADER, *(check_cells(check) for check in checks)], CHECK_NUMERIC)


def markdown(rows: Sequence[Sequence[str]], numeric: Sequence[bool]) -> str:
    """Rows as an aligned Markdown table; the first is the header."""
    texts = [[escaped(cell) for cell in row] for row in rows]
    widths = [max(3, *(width(row[i]) for row in texts)) for i in range(len(numeric))]
    lines = [" | ".join(padded(c, w, right) for c, w, right in zip(row, widths, numeric, strict=True)) for row in texts]
    rule = " | ".join("-" * (w - 1) + (":" if right else "-") for w, right in zip(widths, numeric, strict=True))
    return "\n".join(f"| {line} |" for line in [lines[0], rule, *lines[1:]])


def as_html(result: Result) -> str:
    """The table for a notebook."""
    from html import escape

    def row(cells: Iterable[str], tag: str) -> str:
        styled = zip(cells, NUMERIC, strict=True)
        return "".join(
            f'<{tag} style="text-align:{"right" if right else "left"}">{escape(c)}</{tag}>' for c, right in styled
        )

    body = "".join(f"<tr>{row(cells, 'td')}</tr>" for cells in _cells(result))
    caption = escape(f"{result.name}: input {result.network.input_shape}, convention: {result.convention}")
    return (
        f"<table><caption>{caption}</caption><thead><tr>{row(HEADER, 'th')}</tr></thead>"
        f"<tbody>{body}</tbody><tfoot><tr>{row(_total(result), 'th')}</tr></tfoot></table>"
    )


def _cells(result: Result) -> list[list[str]]:
    return [
        [
            printable(row.layer),
            printable(row.op),
            str(row.output),
            f"{row.params:,}",
            _share(row.params, result.totals.params),
            f"{row.mult_adds:,}",
            _share(row.mult_adds, result.totals.mult_adds),
        ]
        for row in result.rows
    ]


def _total(result: Result) -> list[str]:
    return ["total", "", "", f"{result.totals.params:,}", "", f"{result.totals.mult_adds:,}", ""]


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if part else ""


def check_cells(check: Checked) -> list[str]:
    """One printed figure as the cells of a row: see ``CHECK_HEADER``."""
    value = "" if check.value is None else f"{check.value:,}" if isinstance(check.value, int) else check.value
    settings = [f"{name}={_value(v)}" for name, v in check.parameters.items()]
    verdict = f"{check.verdict}, marked" if check.marked else check.verdict
    mark = " !" if check.marked else ""
    return [
        printable(check.source),
        printable(check.quantity),
        check.printed + mark,
        value,
        verdict,
        ", ".join([check.counted, *settings]),
    ]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "x".join(map(str, value)) if isinstance(value, tuple) else printable(str(value))


def escaped(text: str) -> str:
    """Text as Markdown takes it literally in a cell."""
    return printable(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
