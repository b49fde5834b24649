"""What the grammar expected where a statement or a cell breaks it, in the words of the language."""

from __future__ import annotations

from archspec.diagnostics import Diagnostic, Span
from archspec.language.automaton import Unexpected
from archspec.language.grammar import parser
from archspec.language.messages import mend, unreadable

SPOKEN = {
    "NAME": "a name",
    "OP": "a layer such as `conv`",
    "NUMBER": "a number",
    "SIZE": "a size such as 3x3",
    "AMOUNT": "a number such as 32k",
    "RANGE": "a range such as 256..512",
    "DOTS": "`..`",
    "STRING": 'a text in "quotes"',
    "REPEAT": "` x `",
    "VARIANT": "a variant's name",
    "REFERENCE": "a reference",
    "COMMA": "`,`",
    "SEMICOLON": "`;`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "EQUAL": "`=`",
    "COLON": "`:`",
    "LAYER": "the name of a row",
    "OF": "`of`",
    "FROM": "`from`",
    "AT": "`at`",
    "IF": "` if `",
    "ELSE": "` else `",
    "$END": "the end",
}


def unexpected(span: Span, error: Unexpected) -> Diagnostic:
    """What is said of a text that the parser could not read."""
    text, at = span.text, error.start
    end = at + max(len(error.text), 1)
    expected = sorted(SPOKEN[kind] for kind in error.expected if kind in SPOKEN)
    return unreadable(span.within(at, end), text[at:end], expected, mend(text, at, _below(span)))


def _below(span: Span) -> str:
    """The layers of the cell below a cell of a table; empty where there are none."""
    rows = span.source.lines[span.line - 1 : span.line + 1]
    if len(rows) < 2 or not all(row.lstrip().startswith("|") for row in rows):
        return ""
    cells = rows[1].split("|")
    column = rows[0][: span.start].count("|")
    below = cells[column].strip() if column < len(cells) else ""
    try:
        parser().parse(below, start="chain")
    except Unexpected:
        return ""
    return below
