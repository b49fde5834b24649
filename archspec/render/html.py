"""A table as HTML that stands by itself in any page: header cells with scopes, a caption, no script, no style sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from archspec.render.cells import Piece, Stack, multiplied
from archspec.render.sheet import Cell, Field, Sheet, grouped
from archspec.support.terminal import printable

STYLE = "border-collapse: collapse; font-variant-numeric: tabular-nums"
CAPTION = "caption-side: top; text-align: left"
BRACKET = (
    "display: inline-block; vertical-align: middle; padding: 0 0.35em; "
    "border: solid; border-width: 0 1px; border-radius: 4px"
)
INDENT = 1.2
"""How far what stands inside a row is moved to the right, for each level."""


def as_html(sheet: Sheet) -> str:
    """One ``table``, in ASCII, so that it says the same in whatever encoding a page has."""
    parts = [
        f'<table id="tab-{sheet.label}" style="{STYLE}">',
        f'<caption style="{CAPTION}">{_caption(sheet)}</caption>',
        f"<thead><tr>{''.join(map(_header, sheet.fields))}</tr></thead>",
        "<tbody>",
        *_lines(sheet.rows, sheet.fields),
        "</tbody>",
    ]
    if sheet.totals:
        parts += ['<tfoot style="border-top: 1px solid">', *_lines(sheet.totals, sheet.fields), "</tfoot>"]
    return "\n".join([*parts, "</table>"]).encode("ascii", "xmlcharrefreplace").decode()


def _caption(sheet: Sheet) -> str:
    papers = "; ".join(escape(printable(str(paper))) for paper in sheet.papers)
    title = f"<b>{escape(sheet.title)}</b>" + (f" (<cite>{papers}</cite>)" if papers else "") + "."
    return " ".join([title, *(f"{_words(note)}." for note in sheet.notes)])


def _header(field: Field) -> str:
    return f'<th scope="col" style="{_side(field.kind)}; border-bottom: 1px solid">{escape(field.header)}</th>'


def _lines(rows: Sequence[Sequence[Cell]], fields: Sequence[Field]) -> Iterator[str]:
    for row in rows:
        cells = zip(row, fields, strict=False)
        yield f"<tr>{''.join(_cell(cell, field, i == 0) for i, (cell, field) in enumerate(cells))}</tr>"


def _cell(cell: Cell, field: Field, first: bool) -> str:
    """A cell; the first of a row is its header."""
    style = _side("centre" if cell.columns > 1 else field.kind)
    if cell.level:
        style += f"; padding-left: {INDENT * cell.level:g}em"
    wide = f' colspan="{cell.columns}"' if cell.columns > 1 else ""
    tag, scope = ("th", ' scope="row"') if first and cell.kind == "text" else ("td", "")
    weight = "; font-weight: normal" * bool(scope)
    return f'<{tag}{scope}{wide} style="{style}{weight}">{_text(cell)}</{tag}>'


def _side(kind: str) -> str:
    side = "center" if kind == "centre" else "right" if kind in ("number", "right") else "left"
    return f"text-align: {side}; padding: 0.15em 0.6em"


def _text(cell: Cell) -> str:
    if cell.kind == "layers":
        steps = [" ".join(map(_piece, step)) for step in cell.laid.steps]
        return "<br>".join(steps) if cell.laid.apart else "; ".join(steps)
    if cell.kind == "number":
        return grouped(cell.text)
    return escape(cell.text) if cell.kind == "text" else _words(cell.text)


def _piece(piece: Piece) -> str:
    if isinstance(piece, Stack):
        lines = "<br>".join(map(_words, piece.lines))
        times = f" &#215; {_words(piece.times)}" if piece.times else ""
        return f'<span style="{BRACKET}">{lines}</span>{times}'
    return _words(piece)


def _words(text: str) -> str:
    """A text in which sizes have their sign."""
    return escape(multiplied(text, "×"))
