"""Equations in the comments of a spec, ``7*7*3*64 + 64 = 9,472``: they are reasons, and have to come out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from archspec.budget import spend
from archspec.counting.printed import UNITS
from archspec.counting.stated import BYTES
from archspec.diagnostics import Diagnostic, Source, Span, explained
from archspec.language.parse import comments
from archspec.support.limits import STEP, WORD

TOKEN = re.compile(
    r"(?P<number>(?<![\w.,])(?:\d{1,3}(?:,\d{3}){1,10}|\d{1,30})(?:\.\d{1,30})?(?P<unit>[kKMGBT%])?(?![\w%]|[.,]\d))|(?P<sign>[-+*/()=])|\S+?\b|\S"
)
JOINED = frozenset(
    (*("times", "plus", "minus", "less", "by", "over", "mod", "x"), *("percent", "half", "halved", "squared", "cubed"))
) | {unit for unit in (*UNITS, *BYTES) if unit}
"""Words that belong to a number beside them: it is a part of a sum, or stands for more than its digits."""
CLOSING = frozenset(",.;:?=≈'\"`()[]–—…")
"""The signs beside a side that end a sentence or hold it together; any other, such as ``^``, belongs to a number."""
LONGEST_SIDE = 60
"""The tokens that are tried for one side."""


class Range(NamedTuple):
    """What a number may be: one that is printed with decimals or a unit is rounded or cut."""

    low: Fraction
    high: Fraction

    def meets(self, other: Range) -> bool:
        """Whether both may be the same number."""
        return self.low <= other.high and other.low <= self.high


class Token(NamedTuple):
    """A number, a sign or a word of a comment, with its place."""

    text: str
    span: Span
    number: Range | None = None


def wrong_equations(source: Source) -> Iterator[Diagnostic]:
    """The equations of a file's comments that do not come out."""
    for paragraph in _paragraphs(source):
        if any(token.text == "=" for token in paragraph):
            spend(WORD * len(paragraph), paragraph[0].span)
            yield from _wrong(paragraph)


def _paragraphs(source: Source) -> Iterator[list[Token]]:
    """The words of comments; those of lines that hold nothing else are read on from line to line."""
    found: list[Token] = []
    above = 0
    for number, (text, alone) in comments(source).items():
        if found and not (alone and above == number - 1):
            yield found
            found = []
        at = source.lines[number - 1].rindex(text)
        found += _tokens(text, Span(source, number, at, at + len(text)))
        above = number if alone else 0
    yield found


def _wrong(tokens: Sequence[Token]) -> Iterator[Diagnostic]:
    for i, token in enumerate(tokens):
        if token.text != "=":
            continue
        left, right = _side(tokens, i, before=True), _side(tokens, i, before=False)
        if left and right and (left.worked or right.worked) and not left.value.meets(right.value):
            yield equation_fails(right.span, _said(left.value))


class Side(NamedTuple):
    """What stands on one side of a sign of equality, as far as it is arithmetic."""

    value: Range
    span: Span
    worked: bool
    """Whether it is a sum, or what one before it comes to: ``64 = 2 groups of 32`` is not arithmetic."""


def _side(tokens: Sequence[Token], at: int, before: bool) -> Side | None:
    """The arithmetic right before or behind a sign; None where a word stands there or belongs to it."""
    step = -1 if before else 1
    end = at + step
    while 0 <= end < len(tokens) and abs(end - at) <= LONGEST_SIDE and _counts(tokens[end]):
        end += step
    inside = tokens[end + 1 : at] if before else tokens[at + 1 : end]
    if not inside or _belongs(tokens, end, before, inside[0].text):
        return None
    found = _Reader(inside)
    value = found.sum()
    if value is None or found.at < len(inside):
        return None
    worked = len(inside) > 1 or (before and end >= 0 and tokens[end].text == "=")
    return Side(value, inside[-1].span if before else inside[0].span, worked)


def _belongs(tokens: Sequence[Token], at: int, before: bool, first: str) -> bool:
    """Whether what stands beside a side is a part of it, and no word of the sentence around it."""
    outside = tokens[at].text.lower() if 0 <= at < len(tokens) else ""
    if not outside[-1:].isalnum():
        return bool(outside) and (outside not in CLOSING or _between_digits(tokens, at))
    part = outside == "of" and before and at > 0 and not tokens[at - 1].text.isalpha()
    return outside in JOINED or part or (before and first in ("-", "("))


def _between_digits(tokens: Sequence[Token], at: int) -> bool:
    """Whether a sign stands between two numbers without blanks: ``3:4``."""
    near = tokens[max(at - 1, 0) : at + 2]
    glued = all(a.span.line == b.span.line and a.span.end == b.span.start for a, b in pairwise(near))
    return len(near) == 3 and glued and all(token.number is not None for token in (near[0], near[2]))


def _counts(token: Token) -> bool:
    return token.number is not None or token.text in tuple("-+*/()")


class _Reader:
    """Reads sums, products and parentheses from the left."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self.at = 0

    def sum(self) -> Range | None:
        value = self._product()
        while value is not None and (sign := self._sign("+-")):
            other = self._product()
            value = None if other is None else _added(value, other if sign == "+" else Range(-other.high, -other.low))
        return value

    def _product(self) -> Range | None:
        value = self._factor()
        while value is not None and (sign := self._sign("*/")):
            other = self._factor()
            if other is None or (sign == "/" and other.low <= 0 <= other.high):
                return None
            value = _multiplied(value, other if sign == "*" else Range(1 / other.high, 1 / other.low))
        return value

    def _factor(self) -> Range | None:
        if self._sign("("):
            inner = self.sum()
            return inner if self._sign(")") else None
        token = self._tokens[self.at] if self.at < len(self._tokens) else None
        if token is None or token.number is None:
            return None
        self.at += 1
        return token.number

    def _sign(self, signs: str) -> str:
        if self.at < len(self._tokens) and self._tokens[self.at].text in tuple(signs):
            self.at += 1
            return self._tokens[self.at - 1].text
        return ""


def _added(a: Range, b: Range) -> Range:
    return Range(a.low + b.low, a.high + b.high)


def _multiplied(a: Range, b: Range) -> Range:
    products = [x * y for x in a for y in b]
    return Range(min(products), max(products))


def _tokens(text: str, at: Span) -> Iterator[Token]:
    for match in TOKEN.finditer(text):
        spend(STEP, at)
        number = _range(match["number"], match["unit"] or "") if match["number"] else None
        yield Token(match[0], at.within(*match.span()), number)


def _range(printed: str, unit: str) -> Range:
    """What a print may stand for: a whole number without a unit for itself, another for what rounds or is cut to it."""
    digits = printed.removesuffix(unit).replace(",", "")
    scale = Fraction(1, 100) if unit == "%" else Fraction(10 ** UNITS[unit.lower()])
    value = Fraction(digits) * scale
    if "." not in digits and not unit:
        return Range(value, value)
    place = scale / 10 ** len(digits.partition(".")[2])
    return Range(value - place / 2, value + place)


def _said(value: Range) -> str:
    middle = (value.low + value.high) / 2
    whole = middle.denominator == 1 or abs(middle) >= 10**6
    return f"{int(middle):,}" if whole else f"{float(middle):,.6g}"


@explained("E0317")
def equation_fails(span: Span, made: str) -> Diagnostic:
    """An equation in a comment does not come out: comments are the reasons that `archspec audit` prints.

    Both sides are read as arithmetic with whole and decimal numbers, units (K, M, G, %) and parentheses; numbers with
    decimals or a unit stand for all that rounds or is cut to them. A side with words, names or other signs, `2 x 32`,
    `2^6`, `1.2 million`, is not read, nor is an equation without a sum in it, `64 = 2 groups of 32`.
    """
    return Diagnostic(
        "E0317", f"the arithmetic before this `=` gives {made}", span, "does not come out", severity="warning"
    )
