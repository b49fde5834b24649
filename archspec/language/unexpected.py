"""What the grammar expected where a statement or a cell breaks it, in the words of the language."""

from __future__ import annotations

from typing import Any

import lark

from archspec.diagnostics import Diagnostic, Span
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


def unexpected(span: Span, error: lark.UnexpectedInput) -> Diagnostic:
    """What is said of a text that the parser could not read."""
    text = span.text
    ended = isinstance(error, lark.UnexpectedEOF) or getattr(getattr(error, "token", None), "type", "") == "$END"
    at = len(text) if ended else min(getattr(error, "pos_in_stream", 0) or 0, len(text))
    token = getattr(error, "token", None)
    length = max(len(token), 1) if token is not None and not ended else 1
    allowed: Any = getattr(error, "allowed", None) or getattr(error, "accepts", None) or getattr(error, "expected", ())
    expected = sorted(SPOKEN[name] for name in allowed if name in SPOKEN)
    return unreadable(span.within(at, at + length), text[at : at + length], expected, mend(text, at))
