"""The parser: it runs the tables that lark made of the grammar, and needs no lark for it.

A table of LALR(1) says for each state and each kind of token whether to shift to another state or to reduce by a rule.
A lexer knows the tokens of its states alone, so that ``x`` is a name in one place and a repetition in another. lark's
own parser does the same; to import it and bring its tables to life took a third of the time of a count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

END = "$END"
NOTHING = 1 << 30
"""No action: a number above those of states."""


class Token(str):
    """A word of the text: its kind, and its places in the text."""

    __slots__ = ("end_pos", "start_pos", "type")

    type: str
    start_pos: int
    end_pos: int

    def __new__(cls, kind: str, text: str, start: int) -> Token:
        """Make a token that starts at a place."""
        token = str.__new__(cls, text)
        token.type, token.start_pos, token.end_pos = kind, start, start + len(text)
        return token


class Tree:
    """What a rule was read from: its name, and the tokens, trees and absent parts (None) it is made of."""

    __slots__ = ("children", "data")

    def __init__(self, data: str, children: list[Tree | Token | None]) -> None:
        self.data = data
        self.children = children


class Unexpected(Exception):
    """A text that the grammar does not allow, from a place on, and the kinds of tokens that it allows there."""

    def __init__(self, start: int, text: str, expected: Iterable[str]) -> None:
        super().__init__(start, text)
        self.start = start
        self.text = text
        self.expected = frozenset(expected)


class Rule(NamedTuple):
    """How values become one: a rule of the grammar, and the shape of its tree."""

    origin: str
    size: int
    """How many values it takes."""
    name: str
    lone: bool
    """Whether a tree of one child is that child."""
    kept: tuple[tuple[int, bool, int], ...] | None
    """Of each value that is a child: its index, whether its own children are meant, and how many absent parts stand
    before it. None where all values are children as they are."""
    absent: int
    """How many absent parts stand behind the last child."""


class Words(NamedTuple):
    """The tokens of some states, as one pattern whose groups are their kinds."""

    pattern: str
    spelled: Mapping[str, Mapping[str, str]]
    """The texts by which a token of a kind is one of another kind."""


class Tables(NamedTuple):
    """What lark made of a grammar, in plain data."""

    states: tuple[dict[str, int], ...]
    """By kind of token or name of rule: the next state, or below zero the rule to reduce by, counted from the end."""
    starts: dict[str, int]
    ends: dict[str, int]
    rules: tuple[Rule, ...]
    lexers: tuple[Words, ...]
    lexer_of: tuple[int, ...]
    """The lexer of each state."""
    everywhere: Words
    """Every token of the grammar: what stands where the lexer of a state sees nothing."""
    ignored: frozenset[str]


class Lexer:
    """Reads the tokens that some states know; its pattern is compiled when it is first needed."""

    def __init__(self, words: Words) -> None:
        self.words = words

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The pattern whose groups are the kinds of tokens."""
        return re.compile(self.words.pattern)

    def token(self, text: str, start: int) -> Token | None:
        """The token at a place of the text, if there is one that this lexer knows."""
        found = self.pattern.match(text, start)
        if found is None:
            return None
        kind, word = found.lastgroup or "", found.group()
        spelled = self.words.spelled.get(kind)
        return Token(kind if spelled is None else spelled.get(word, kind), word, start)


class Parser:
    """Reads texts by the rules of a grammar."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        lexers = [Lexer(words) for words in tables.lexers]
        self._lexers = [lexers[number] for number in tables.lexer_of]
        self._everywhere = Lexer(tables.everywhere)
        self._ends = frozenset(tables.ends.values())

    def parse(self, text: str, start: str) -> Any:
        """The tree of a text by one of the rules to start with; raises Unexpected."""
        states, rules, end = self._tables.states, self._tables.rules, self._tables.ends[start]
        stack, values = [self._tables.starts[start]], list[Any]()
        at = 0
        while True:
            token = self._next(text, at, stack)
            kind, at = token.type, token.end_pos
            while (action := states[stack[-1]].get(kind, NOTHING)) < 0:
                rule = rules[action]
                first = len(values) - rule.size
                made = _made(rule, values[first:])
                del values[first:], stack[first + 1 :]
                stack.append(states[stack[-1]][rule.origin])
                values.append(made)
                if kind == END and stack[-1] == end:
                    return made
            if action == NOTHING:
                raise Unexpected(token.start_pos, token, self._accepted(stack))
            stack.append(action)
            values.append(token)

    def _next(self, text: str, at: int, stack: list[int]) -> Token:
        """The next token that counts, as the lexer of the state reads it; raises Unexpected where it sees none."""
        lexer = self._lexers[stack[-1]]
        while at < len(text):
            token = lexer.token(text, at)
            if token is None:
                raise self._misplaced(text, at, stack)
            if token.type not in self._tables.ignored:
                return token
            at = token.end_pos
        return Token(END, "", at)

    def _misplaced(self, text: str, at: int, stack: list[int]) -> Unexpected:
        """What is wrong where the lexer of a state sees no token: another token, or none of the grammar."""
        token = self._everywhere.token(text, at)
        if token is None:
            return Unexpected(at, text[at], {*self._lexers[stack[-1]].pattern.groupindex} - self._tables.ignored)
        return Unexpected(at, token, self._accepted(stack))

    def _accepted(self, stack: list[int]) -> Iterator[str]:
        """The kinds of tokens that can stand next."""
        kinds = filter(str.isupper, self._tables.states[stack[-1]])  # rules have names in lower case
        return (kind for kind in kinds if self._accepts([*stack], kind))

    def _accepts(self, stack: list[int], kind: str) -> bool:
        while (action := self._tables.states[stack[-1]].get(kind, NOTHING)) < 0:
            rule = self._tables.rules[action]
            del stack[len(stack) - rule.size :]
            stack.append(self._tables.states[stack[-1]][rule.origin])
            if kind == END and stack[-1] in self._ends:
                return True
        return action != NOTHING


def _made(rule: Rule, values: list[Any]) -> Any:
    """What values become by a rule: a tree, or the child where there is but one and the rule says so."""
    children = values if rule.kept is None else _kept(rule, values)
    return children[0] if rule.lone and len(children) == 1 else Tree(rule.name, children)


def _kept(rule: Rule, values: list[Any]) -> list[Any]:
    children: list[Any] = []
    for number, opened, absent in rule.kept or ():
        children += [None] * absent
        if opened and not children:
            children = values[number].children  # nobody else has it: a list that grows is not copied for each part
        else:
            children += values[number].children if opened else [values[number]]
    children += [None] * rule.absent
    return children
