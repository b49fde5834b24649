"""The text of an expression, as ``str()`` writes it, back to its tree: JSON holds texts."""

from __future__ import annotations

from collections.abc import Callable

from archspec.expressions.tree import (
    BINDING,
    CHOICE,
    COMPARED,
    NOT,
    OR,
    SIGN,
    SUM,
    Binary,
    Choice,
    Comparison,
    Expression,
    Function,
    Logic,
    Name,
    Negation,
    Negative,
    Number,
    Quoted,
    Size,
    Truth,
)
from archspec.expressions.values import FUNCTIONS
from archspec.support.limits import DEEPEST_EXPRESSION, LONGEST_EXPRESSION

COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
KEYWORDS = frozenset({"if", "else", "and", "or", "not"})


class Unreadable(ValueError):
    """A text is not an expression."""

    def __init__(self, text: str) -> None:
        super().__init__(f"`{text}` is not an expression over numbers and parameters")


def read(text: str) -> Expression:
    """The tree of a text; raises Unreadable where it is none."""
    try:
        tree = _Reader(_tokens(text)).whole() if len(text) <= LONGEST_EXPRESSION else None
        if tree is not None and tree.depth <= DEEPEST_EXPRESSION and _fits(tree):
            return tree
    except (_Wrong, ValueError, RecursionError):
        pass
    raise Unreadable(text)


class _Wrong(Exception):
    """What was read so far is not the start of an expression."""


def _tokens(text: str) -> list[str]:
    """Names, numbers, words in quotes and operators."""
    found: list[str] = []
    at = 0
    while at < len(text):
        end = _end(text, at)
        found += [text[at:end]] if text[at] != " " else []
        at = end
    return found


def _end(text: str, at: int) -> int:
    """Where the token that starts here ends."""
    first = text[at]
    if first == '"':
        return text.index('"', at + 1) + 1
    if first.isascii() and (first.isdecimal() or first == "."):
        end = _past(text, at, lambda c: c.isascii() and (c.isdecimal() or c == "."))
        signed = end + 1 + (text[end + 1 : end + 2] in ("+", "-"))
        exponent = text[end : end + 1] == "e" and text[signed : signed + 1].isdecimal()
        return _past(text, signed, str.isdecimal) if exponent else end
    if _in_name(first):
        return _past(text, at, _in_name)
    return at + 2 if text[at : at + 2] in COMPARISONS else at + 1


def _past(text: str, at: int, belongs: Callable[[str], bool]) -> int:
    while at < len(text) and belongs(text[at]):
        at += 1
    return at


def _in_name(character: str) -> bool:
    return character.isalnum() or character == "_"


class _Reader:
    """Reads by precedence, from the left."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens, self._at = tokens, 0

    def whole(self) -> Expression:
        """A size, or one expression, and nothing after it."""
        found = self._sized()
        if self._next:
            raise _Wrong
        return found

    def _sized(self) -> Expression:
        """A size or one expression: what stands alone, or in parentheses."""
        sides = [self.read(CHOICE)]
        while self._next == "x":
            self._take()
            sides.append(self.read(SUM))
        return sides[0] if len(sides) == 1 else Size(tuple(sides))

    @property
    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, wanted: str | None = None) -> str:
        token = self._next
        if not token or (wanted is not None and token != wanted):
            raise _Wrong
        self._at += 1
        return token

    def read(self, least: int) -> Expression:
        """An expression of operators that bind at least so closely."""
        left, most = self._first(), SIGN
        while max(least, OR) <= (binds := self._binding()) <= most:
            operator = self._take()
            right = self.read(binds + 1)
            kind: Callable[..., Expression] = Binary if binds >= SUM else Comparison if binds == COMPARED else Logic
            left = kind(operator, left, right)
            most = NOT if binds == COMPARED else most  # comparisons are not chained
        if least == CHOICE and self._next == "if":
            self._take()
            condition = self.read(OR)
            self._take("else")
            return Choice(left, condition, self.read(CHOICE))
        return left

    def _binding(self) -> int:
        token = self._next
        return COMPARED if token in COMPARISONS else BINDING.get(token, -1) if token != "//" else -1

    def _first(self) -> Expression:
        token = self._take()
        if token == "(":
            inner = self._sized()
            self._take(")")
            return inner
        if token == "-":
            return Negative(self.read(SIGN))
        if token == "not":
            return Negation(self.read(NOT))
        if self._next == "(" and token in FUNCTIONS:
            return Function(token, self._arguments())
        return _atom(token)

    def _arguments(self) -> tuple[Expression, ...]:
        self._take("(")
        args = [self.read(CHOICE)]
        while self._next == ",":
            self._take()
            args.append(self.read(CHOICE))
        self._take(")")
        return tuple(args)


def _atom(token: str) -> Expression:
    if token[0] == '"':
        return Quoted(token[1:-1])
    if token in ("True", "False"):
        return Truth(token == "True")
    if token.isascii() and token.isdecimal():
        return Number(int(token))
    if token[0] == "." or (token[0].isascii() and token[0].isdecimal()):
        value = float(token)
        if value != float("inf"):
            return Number(value)
        raise _Wrong
    if _in_name(token[0]) and not token[0].isdecimal() and token not in KEYWORDS and token not in FUNCTIONS:
        return Name(token)
    raise _Wrong


def _fits(tree: Expression, compared: bool = False) -> bool:
    """Whether words are compared and no more, and functions have as many arguments as they take."""
    if isinstance(tree, Quoted):
        return compared
    if isinstance(tree, Function):
        least, most, _ = FUNCTIONS[tree.name]
        if not least <= len(tree.args) <= most:
            return False
    words = isinstance(tree, Comparison) and tree.operator in ("==", "!=")
    return all(_fits(part, words) for part in tree.parts)
