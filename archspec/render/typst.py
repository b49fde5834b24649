"""A table as Typst: a figure with a caption and a label. All text of a spec stands in strings, never in markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from archspec.render.cells import Laid, Piece, Stack, lines_of, multiplied
from archspec.render.sheet import Cell, Field, Sheet, grouped
from archspec.support.terminal import printable

LINE = "  "
SPECIAL = re.compile(r'["\\]')
"""The only characters that mean something in a string of Typst."""


def as_typst(sheet: Sheet, cite: str | None = None) -> str:
    """A figure that compiles as it stands; with ``cite``, the key of its paper, in a document with a bibliography."""
    return "\n".join(
        [
            f"#figure(kind: table, caption: figure.caption(position: top, [{_caption(sheet, cite)}]),",
            f"{LINE}table(",
            f"{LINE * 2}columns: {len(sheet.fields)}, stroke: none, inset: (x: 0.5em, y: 0.3em),",
            f"{LINE * 2}align: ({''.join(f'{_side(field)} + horizon, ' for field in sheet.fields)}),",
            f"{LINE * 2}table.hline(),",
            f"{LINE * 2}table.header({', '.join(_string(field.header) for field in sheet.fields)}),",
            f"{LINE * 2}table.hline(stroke: 0.5pt),",
            *_lines(sheet.rows),
            *[f"{LINE * 2}table.hline(stroke: 0.5pt),"] * bool(sheet.totals),
            *_lines(sheet.totals),
            f"{LINE * 2}table.hline(),",
            f"{LINE}),",
            f') #label("tab:{sheet.label}")',
        ]
    )


def _caption(sheet: Sheet, cite: str | None) -> str:
    """The title with its paper: cited where there is a key, which a document without a bibliography may not hold."""
    papers = "; ".join(printable(str(paper)) for paper in sheet.papers)
    title = sheet.title if cite else f"{sheet.title} ({papers})" if papers else sheet.title
    cited = f" #cite(label({_string(cite)}))" if cite else ""
    notes = "".join(f" {multiplied(note, '×')}." for note in sheet.notes)
    return f"#{_string(title)}{cited}#{_string(f'.{notes}')}"


def _side(field: Field) -> str:
    return "right" if field.kind in ("number", "right") else "left"


def _lines(rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
    for row in rows:
        yield LINE * 2 + ", ".join(map(_cell, row)) + ","


def _cell(cell: Cell) -> str:
    text = _text(cell)
    if cell.level:
        text = f"pad(left: {1.2 * cell.level:g}em, {text})"
    return f"table.cell(colspan: {cell.columns}, align: center, {text})" if cell.columns > 1 else text


def _text(cell: Cell) -> str:
    if cell.kind == "layers":
        return _layers(cell.laid)
    text = grouped(cell.text) if cell.kind == "number" else cell.text
    return _string(text if cell.kind == "text" else multiplied(text, "×"))


def _layers(found: Laid) -> str:
    """A cell of layers: steps one behind the other, or below one another where they are long."""
    steps = [*map(_step, found.steps)]
    stacked = any(isinstance(piece, Stack) for step in found.steps for piece in step)
    if len(steps) > 1 and (found.apart or stacked):
        return f"stack(spacing: 0.5em, {', '.join(steps)})"
    return ' + "; " + '.join(steps) or '""'


def _step(pieces: Sequence[Piece]) -> str:
    """The pieces of a step beside one another."""
    texts = [text for piece in pieces for text in _piece(piece)]
    if len(texts) == 1:
        return texts[0]
    return f"grid(columns: {len(texts)}, column-gutter: 0.3em, align: horizon, {', '.join(texts)})"


def _piece(piece: Piece) -> Iterator[str]:
    """Words, or a bracket and what stands behind it."""
    if isinstance(piece, str):
        first, *more = lines_of(multiplied(piece, "×"))
        lines = [_string(first), *(f"h(1em) + {_string(line)}" for line in more)]
        yield f"stack(spacing: 0.5em, {', '.join(lines)})" if more else lines[0]
        return
    lines = [_string(multiplied(line, "×")) for line in piece.lines]
    stack = f"$lr([#stack(spacing: 0.5em, {', '.join(lines)})])$.body"
    yield f"math.equation(block: true, numbering: none, {stack})"
    if piece.times:
        yield _string(f"× {multiplied(piece.times, '×')}")


def _string(text: str) -> str:
    """A text as a string of Typst."""
    quoted = SPECIAL.sub(r"\\\g<0>", printable(text))
    return f'"{quoted}"'
