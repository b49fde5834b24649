"""Texts with their colours, line by line: emitted Python, and specs."""

from __future__ import annotations

import builtins
import io
import keyword
import re
import tokenize
from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from archspec.budget import spend
from archspec.language.grammar import STATEMENTS
from archspec.support.limits import SHOWN
from archspec.support.terminal import printable

KNOWN = frozenset(dir(builtins)) | {"self", "nn", "torch", "Tensor"}
NAMED = ("class", "def")
SPEC = re.compile(r'(?P<s>"[^"]*")|(?P<c>(?:^|(?<=\s))#.*$)|(?P<m>\||(?<=\s)[!?](?=\s))|(?P<n>(?<![\w.])\d[\w.,]*)')
"""A text in quotes, a comment, what parts cells and marks figures, a number."""


class Piece(NamedTuple):
    """A part of a line from one column to another, and its colour."""

    start: int
    end: int
    colour: str


def python(source: str) -> list[str]:
    """The lines of Python as HTML."""
    spend(SHOWN * len(source))
    lines = source.rstrip("\n").split("\n")
    pieces: list[list[Piece]] = [[] for _ in lines]
    for row, piece in _tokens(source):
        pieces[row].append(piece)
    return [_painted(line, found) for line, found in zip(lines, pieces, strict=True)]


def _tokens(source: str) -> Iterator[tuple[int, Piece]]:
    """The coloured parts of each line; a text of several lines is one part of each."""
    before = ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        colour = _colour(token, before)
        before = token.string
        (first, start), (last, end) = token.start, token.end
        for row in range(first, last + 1) if colour else ():
            yield row - 1, Piece(start if row == first else 0, end if row == last else -1, colour)


def _colour(token: tokenize.TokenInfo, before: str) -> str:
    if token.type == tokenize.NAME:
        if keyword.iskeyword(token.string):
            return "k"
        return "f" if before in NAMED else "b" if token.string in KNOWN else ""
    known = {tokenize.STRING: "s", tokenize.COMMENT: "c", tokenize.NUMBER: "n"}
    in_string = tokenize.tok_name[token.type].startswith("FSTRING")  # which Python 3.12 takes apart
    return "s" if in_string else known.get(token.type, "")


def spec(line: str) -> str:
    """A line of a spec as HTML."""
    spend(SHOWN * len(line))
    shown = printable(line.expandtabs(4))
    word = re.match(r"\s*([A-Za-z]+)\b", shown)
    first = [Piece(*word.span(1), "k")] if word and word[1] in STATEMENTS else []
    return _painted(shown, [*first, *(Piece(*m.span(), m.lastgroup or "") for m in SPEC.finditer(shown))])


def _painted(line: str, pieces: list[Piece]) -> str:
    found, at = [], 0
    for start, end, colour in pieces:
        stop = len(line) if end < 0 else end
        found += [escape(line[at:start]), f'<b class="{colour}">{escape(line[start:stop])}</b>']
        at = stop
    return "".join([*found, escape(line[at:])])
