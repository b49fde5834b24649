"""What reports and notebooks show as HTML: tables of texts, and diagnostics with the characters that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from archspec.diagnostics import Diagnostic, Said, Span
from archspec.support.limits import MOST_SHOWN
from archspec.support.terminal import printable

CELL = "padding: 0.15em 0.6em; text-align: "
COLOURS = {"red": "#d1242f", "green": "#1a7f37", "yellow": "#9a6700", "dim": "#767676", "blue": "#0969da"}
"""To be read on white and on black; words beside each say the same."""
AROUND = 80
"""How many characters of a line are shown before and behind what is wrong in it."""


def table(
    caption: str, header: Sequence[str], rows: Iterable[tuple[Sequence[str], str]], numeric: Sequence[bool]
) -> str:
    """A table of texts, each row with the name of its colour or none; ``caption`` is HTML."""
    head = "".join(_cell("th", text, right, ' scope="col"') for text, right in zip(header, numeric, strict=True))
    body = "\n".join(f"<tr{_coloured(colour)}>{_cells(cells, numeric)}</tr>" for cells, colour in rows)
    title = f'<caption style="caption-side: top; text-align: left">{caption}</caption>' if caption else ""
    return plain(
        f'<table style="border-collapse: collapse; font-variant-numeric: tabular-nums">{title}'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"
    )


def diagnostics(found: Sequence[Diagnostic]) -> str:
    """Diagnostics one below the other, of very many the first hundred."""
    shown = [_diagnostic(each) for each in found[:MOST_SHOWN]]
    beyond = [f"<p>and {len(found) - MOST_SHOWN:,} more</p>"] * (len(found) > MOST_SHOWN)
    return plain("\n".join([*shown, *beyond]))


def plain(html: str) -> str:
    """HTML in ASCII, which is the same in every encoding."""
    return html.encode("ascii", "xmlcharrefreplace").decode()


def said(text: str) -> str:
    """A text of a spec as HTML takes it literally."""
    return escape(printable(text))


def _cells(cells: Sequence[str], numeric: Sequence[bool]) -> str:
    return "".join(_cell("td", text, right) for text, right in zip(cells, numeric, strict=True))


def _cell(tag: str, text: str, right: bool, scope: str = "") -> str:
    kept = said(text).replace("  ", "&#160; ")
    return f'<{tag}{scope} style="{CELL}{"right" if right else "left"}">{kept}</{tag}>'


def _coloured(colour: str) -> str:
    return f' style="color: {COLOURS[colour]}"' if colour else ""


def _diagnostic(found: Diagnostic) -> str:
    colour = "red" if found.severity == "error" else "yellow"
    lines = [f"<b{_coloured(colour)}>{found.severity}[{found.code}]</b><b>: {said(found.message)}</b>"]
    if found.span:
        lines += _excerpt(found.span, found.label, colour)
    if found.second:
        lines += _excerpt(*found.second, "blue")
    lines += [f"  = {said(note)}" for note in found.notes]
    helps = (*found.mends, *[found.help or ""] * bool(found.help))
    lines += [f"  = <b>help:</b> {said(help)}" for help in helps]
    return "<pre>" + "\n".join(lines) + "</pre>"


def _excerpt(span: Span, label: str, colour: str) -> list[str]:
    """The line of a place, in which the characters that are meant are marked."""
    text = span.source.printed[span.line - 1]
    start, end = max(span.start - AROUND, 0), span.end + AROUND
    marked = said(text[span.start : span.end]) or "&#160;"
    number = "" if isinstance(span.source, Said) else f"{span.line} "
    shown = f"{'…' * (start > 0)}{said(text[start : span.start])}<mark>{marked}</mark>{said(text[span.end : end])}"
    note = f"  <b{_coloured(colour)}>{said(label)}</b>" if label else ""
    return [f"  {said(str(span))}", f"  {number}| {shown}{'…' * (end < len(text))}{note}"]
