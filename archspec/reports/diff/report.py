"""The differences of two networks as text, Markdown and JSON. No arithmetic here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from archspec.analysis.cost import RowCost
from archspec.render import html_parts as html
from archspec.render.formats import escaped, markdown
from archspec.reports.diff.compare import COUNTED, BlockChange, Difference, Total
from archspec.reports.diff.rows import Change, Same
from archspec.reports.diff.running import difference, sentences, signed
from archspec.support.bound import is_known
from archspec.support.terminal import Style, columns, printable

ROWS = ("", "layer", "op", "output", "params", "mult-adds")
ROWS_NUMERIC = (False, False, False, False, True, True)
TOTALS = ("", "first", "second", "difference", "ratio")
TOTALS_NUMERIC = (False, True, True, True, True)
COLOURS = {"-": "red", "+": "green", "": "dim"}


def as_text(found: Difference, style: Style, limit: int | None = None) -> str:
    """What runs differently, the rows that differ like a patch, the blocks once each, and the totals."""
    parts = [style(printable(f"{found.a} -> {found.b}"), "bold")]
    parts[0] += "".join(f"\n{printable(line)}" for line in setting_lines(found))
    parts.append("\n".join([style("what runs", "bold"), *(f"  {line}" for line in sentences(found.work))]))
    rows = [tuple(map(printable, row)) for row in _rows(found)]
    lines = columns([ROWS, *rows], ROWS_NUMERIC, limit, flexible=2)
    painted = (style(line, COLOURS[row[0]]) for line, row in zip(lines[1:], rows, strict=True))
    parts.append("\n".join([style(lines[0], "dim"), *painted]))
    for block in found.blocks:
        parts.append("\n".join([style(f"block {printable(block.name)}", "bold"), *_indented(block)]))
    parts.append("\n".join(columns([TOTALS, *map(_total, found.totals)], TOTALS_NUMERIC, limit)))
    return "\n\n".join(parts)


def as_markdown(found: Difference) -> str:
    """The same as Markdown."""
    parts = [f"**{escaped(found.a)}** -> **{escaped(found.b)}**"]
    parts += ["\n".join(f"- {escaped(line)}" for line in setting_lines(found))] * bool(found.settings)
    parts.append("What runs:\n\n" + "\n".join(f"- {escaped(line)}" for line in sentences(found.work)))
    parts.append(markdown([ROWS, *_rows(found)], ROWS_NUMERIC))
    for block in found.blocks:
        changes = "\n".join(f"- {escaped(change)}" for change in (*block.changes, _cost(block)))
        parts.append(f"Block `{printable(block.name)}`:\n\n{changes}")
    parts.append(markdown([TOTALS, *map(_total, found.totals)], TOTALS_NUMERIC))
    return "\n\n".join(parts)


def as_html(found: Difference) -> str:
    """The same as HTML, for a notebook."""
    title = f"<b>{html.said(found.a)}</b> &#8594; <b>{html.said(found.b)}</b>"
    title += "".join(f"<br>{html.said(line)}" for line in setting_lines(found))
    runs = "".join(f"<li>{html.said(line)}</li>" for line in sentences(found.work))
    parts = [html.plain(f"<p>{title}</p><p>what runs</p><ul>{runs}</ul>")]
    parts.append(html.table("", ROWS, ((row, COLOURS[row[0]]) for row in _rows(found)), ROWS_NUMERIC))
    for block in found.blocks:
        changes = "".join(f"<li>{html.said(change)}</li>" for change in (*block.changes, _cost(block)))
        parts.append(html.plain(f"<p>block <b>{html.said(block.name)}</b></p><ul>{changes}</ul>"))
    totals = ((_total(total), "") for total in found.totals)
    return "\n".join([*parts, html.table("", TOTALS, totals, TOTALS_NUMERIC)])


def as_data(found: Difference) -> dict[str, Any]:
    """The same by the schema in ``docs/diff.schema.json``."""
    return {
        "a": found.a,
        "b": found.b,
        "settings": {name: [mine, theirs] for name, mine, theirs in found.settings},
        "recounted": {total.quantity: total.difference for total in found.recounted},
        "rows": [_row_data(row) for row in found.rows],
        "work": {
            "changes": [change._asdict() | {"what": difference(change)} for change in found.work.changes],
            "elsewhere": found.work.elsewhere,
            "stride_moves": found.work.moved,
        },
        "blocks": [block._asdict() for block in found.blocks],
        "totals": [_total_data(total) for total in found.totals],
    }


def setting_lines(found: Difference, first: str = "first") -> Iterator[str]:
    """The input, parameters, counting rule and heads that differ, with what another rule makes of the ``first``."""
    for name, mine, theirs in found.settings:
        costs = (
            ", ".join(f"{signed(each.difference)} {each.quantity}" for each in found.recounted) or "the same figures"
        )
        more = f": {costs} for the {first}; all below is counted by {theirs}" if name == COUNTED else ""
        yield f"{name} {mine} -> {theirs}{more}"


def _rows(found: Difference) -> Iterator[tuple[str, ...]]:
    for row in found.rows:
        if isinstance(row, Same):
            yield "", "", _same(row), "", "", ""
            continue
        if row.a is not None:
            yield _side("-", row.a)
        if row.b is not None:
            yield _side("+", row.b)
        if row.a is not None and row.b is not None:
            yield from _reasons(row)


def _reasons(row: Change) -> Iterator[tuple[str, ...]]:
    """Why a row differs, with its cost beside a reason that is alone; that of several is of all together."""
    costs = signed(row.params), signed(row.mult_adds)
    if len(row.reasons) > 1:
        yield from (("", "", f"  {reason}", "", "", "") for reason in row.reasons)
        yield "", "", "  together", "", *costs
    else:
        yield "", "", f"  {''.join(row.reasons)}".rstrip(), "", *costs


def _same(found: Same) -> str:
    rows = "1 row is the same" if found.rows == 1 else f"{found.rows} rows are the same"
    return rows if found.instead == found.rows else f"{rows} as {found.instead} of the second"


def _side(sign: str, row: RowCost) -> tuple[str, ...]:
    return sign, row.layer, row.op, str(row.output), f"{row.params:,}", f"{row.mult_adds:,}"


def _indented(block: BlockChange) -> list[str]:
    return [f"  {printable(line)}" for line in (*block.changes, _cost(block))]


def _cost(block: BlockChange) -> str:
    if not block.rows:
        return "the rows that use it differ otherwise too"
    where = ", ".join(block.rows)
    return f"costs {signed(block.params)} params and {signed(block.mult_adds)} mult-adds in {where}"


def _total(total: Total) -> Sequence[str]:
    ratio = f"{total.ratio:.3f}" if total.ratio is not None else ""
    return total.quantity, f"{total.a:,}", f"{total.b:,}", signed(total.difference), ratio


def _row_data(row: Change | Same) -> dict[str, Any]:
    if isinstance(row, Same):
        return {"same": row.rows, "instead": row.instead}
    sides = {"a": _side_data(row.a), "b": _side_data(row.b)}
    return {**sides, "reasons": list(row.reasons), "params": row.params, "mult_adds": row.mult_adds}


def _total_data(total: Total) -> dict[str, Any]:
    unknown = [side for side in ("a", "b") if not is_known(getattr(total, side))]
    data = {**total._asdict(), "difference": total.difference, "ratio": total.ratio}
    return data | {"unknown": unknown} if unknown else data


def _side_data(row: RowCost | None) -> dict[str, Any] | None:
    if row is None:
        return None
    costs = {"params": row.params, "mult_adds": row.mult_adds, "activations": row.activations}
    unknown = [name for name in costs if name in row.unknown]
    shapes = {"layer": row.layer, "op": row.op, "input": row.input.dims, "output": row.output.dims}
    return {**shapes, **costs, **({"unknown": unknown} if unknown else {})}
