"""Expressions of the IR by a reader of their own: their text to a number, a truth value, a word or a size.

It follows docs/language.md and knows nothing of how the compiler reads or computes them.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from archspec.ir.network import Arg

Values = Mapping[str, Any]
Meaning = Callable[[Values], Any]
"""What a text comes to, for the values of its names."""

TOKEN = re.compile(r'\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|("[^"]*")|([^\W\d]\w*)|([=!<>]=|[-+*/<>(),]))')
BINARY: Mapping[str, tuple[int, Callable[[Any, Any], Any]]] = {
    **dict.fromkeys(["or", "and"], (0, operator.eq)),  # computed apart, for they may not look at both sides
    "==": (4, operator.eq), "!=": (4, operator.ne), "<": (4, operator.lt), "<=": (4, operator.le),
    ">": (4, operator.gt), ">=": (4, operator.ge), "+": (5, operator.add), "-": (5, operator.sub),
    "*": (6, operator.mul), "/": (6, operator.truediv),
}  # fmt: skip
CHOICE, OR, AND, NOT, COMPARED, SUM, SIGN = 0, 1, 2, 3, 4, 5, 7
WORDS = {"True": True, "False": False}


def value_of(arg: Arg | None, values: Values) -> Any:
    """The value of an argument where these are the values of its names."""
    assert arg is not None
    if arg.value is not None or arg.text is None:
        return arg.value
    return meaning(arg.text)(values)


@cache
def meaning(text: str) -> Meaning:
    """What a text says."""
    reader = _Reader(text)
    found = reader.sized()
    assert reader.at == len(reader.words), f"cannot read {text!r} from {reader.words[reader.at :]}"
    return found


def whole(value: Any) -> Any:
    """The number, or the whole one that it is within a billionth of."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    nearest = round(value)
    return nearest if abs(value - nearest) <= 1e-9 * abs(value) else value


def round_to(x: float, n: float) -> float:
    """The nearest multiple of n, halves up, at least n and not less than nine tenths of x."""
    found = max(n * math.floor(x / n + 0.5), n)
    return found + n if found < 0.9 * x else found


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "round_to": round_to, "min": min, "max": max, "floor": math.floor, "ceil": math.ceil,
}  # fmt: skip


class _Reader:
    """Reads one text from left to right: each operator binds as tightly as its number says."""

    def __init__(self, text: str) -> None:
        self.words = ["".join(found) for found in TOKEN.findall(text)]
        assert "".join(self.words) == re.sub(r"\s", "", text), f"cannot read {text!r}"
        self.at = 0

    def take(self, *expected: str) -> str:
        word = self.words[self.at] if self.at < len(self.words) else ""
        assert not expected or word in expected, f"{word!r} stands where one of {expected} is due"
        self.at += 1
        return word

    @property
    def next(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def sized(self) -> Meaning:
        """A size, ``3 x 3``, or one expression: what stands alone or in parentheses."""
        sides = [self.expression(CHOICE)]
        while self.next == "x":
            self.take("x")
            sides.append(self.expression(SUM))
        return sides[0] if len(sides) == 1 else lambda values: tuple(side(values) for side in sides)

    def expression(self, least: int) -> Meaning:
        left = self.operand()
        while True:
            word = self.next
            if word == "if" and least <= CHOICE:
                left = self.choice(left)
            elif word in ("or", "and") and least <= (OR if word == "or" else AND):
                left = self.logic(left, self.take())
            elif word in BINARY and word not in ("or", "and") and least <= BINARY[word][0]:
                left = self.operation(left, self.take())
            else:
                return left

    def choice(self, yes: Meaning) -> Meaning:
        self.take("if")
        condition = self.expression(OR)
        self.take("else")
        no = self.expression(CHOICE)
        return lambda values: yes(values) if condition(values) else no(values)

    def logic(self, left: Meaning, word: str) -> Meaning:
        right = self.expression(AND if word == "or" else NOT)
        if word == "or":
            return lambda values: bool(left(values)) or bool(right(values))
        return lambda values: bool(left(values)) and bool(right(values))

    def operation(self, left: Meaning, word: str) -> Meaning:
        binds, function = BINARY[word]
        right = self.expression(binds + 1)
        if binds == COMPARED:  # numbers that agree to nine decimals are equal
            return lambda values: function(_to_nine_decimals(left(values)), _to_nine_decimals(right(values)))
        return lambda values: whole(function(left(values), right(values)))

    def operand(self) -> Meaning:
        word = self.take()
        if word == "not":
            inner = self.expression(NOT)
            return lambda values: not inner(values)
        if word == "-":
            inner = self.expression(SIGN)
            return lambda values: -inner(values)
        if word == "(":
            inner = self.sized()
            self.take(")")
            return inner
        return self.called(word) if self.next == "(" else _named(word)

    def called(self, name: str) -> Meaning:
        args: list[Meaning] = []
        while self.take("(", ",", ")") != ")":
            args.append(self.expression(CHOICE))
        return lambda values: whole(FUNCTIONS[name](*(arg(values) for arg in args)))


def _to_nine_decimals(value: Any) -> Any:
    return round(value, 9) if isinstance(value, float) else value


def _named(word: str) -> Meaning:
    """A number, a text, a truth value or a name."""
    if word[0].isdigit() or word[0] == ".":
        number = whole(float(word)) if re.search(r"[.eE]", word) else int(word)
        return lambda values: number
    if word[0] == '"':
        return lambda values: word[1:-1]
    return lambda values: WORDS[word] if word in WORDS else values[word]
