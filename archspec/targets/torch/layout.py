"""Python expressions as text that no formatter would change: on one line if it fits, else one item a line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from archspec.targets.torch.names import string

WIDTH = 88


class Bracket(NamedTuple):
    """``open`` items ``close``, the items separated by commas."""

    open: str
    items: Sequence[Doc]
    close: str


class Loop(NamedTuple):
    """``*[item for _ in range(count)]``."""

    item: Doc
    times: str
    variable: str = "_"


class Choice(NamedTuple):
    """``yes if condition else no``."""

    yes: Doc
    condition: str
    no: str


class Perhaps(NamedTuple):
    """``*([items] if condition else [])``."""

    items: Sequence[Doc]
    condition: str

    @property
    def choice(self) -> Choice:
        """What is spread."""
        return Choice(Bracket("[", self.items, "]"), self.condition, "[]")


Doc: TypeAlias = str | Bracket | Loop | Choice | Perhaps


def literal(value: object) -> Doc:
    """A value as Python writes it; a symbol as its expression."""
    if hasattr(value, "text"):
        return str(value.text)
    if isinstance(value, str):
        return string(value)
    if isinstance(value, tuple):
        return Bracket("(", [literal(item) for item in value], ")")
    if isinstance(value, list):
        return Bracket("[", [literal(item) for item in value], "]")
    return f'float("{value}")' if value in (float("inf"), -float("inf")) else repr(value)


def flat(doc: Doc) -> str:
    """A document on one line."""
    if isinstance(doc, str):
        return doc
    if isinstance(doc, Loop):
        return f"*[{flat(doc.item)} for {doc.variable} in range({doc.times})]"
    if isinstance(doc, Perhaps):
        return f"*({flat(doc.choice)})"
    if isinstance(doc, Choice):
        return f"{flat(doc.yes)} if {doc.condition} else {doc.no}"
    return doc.open + ", ".join(flat(item) for item in doc.items) + doc.close


def lines(before: str, doc: Doc, after: str, indent: int) -> list[str]:
    """``before doc after`` at an indent, within the width wherever a bracket can be opened."""
    blank = " " * indent
    single = f"{blank}{before}{flat(doc)}{after}"
    if len(single) <= WIDTH:
        return [single]
    if isinstance(doc, str):
        return [f"{blank}{part}" for part in _broken(doc, after, WIDTH - indent)] if not before else [single]
    if isinstance(doc, Perhaps):
        return lines(f"{before}*", doc.choice, after, indent)
    if isinstance(doc, Loop):
        tail = f"for {doc.variable} in range({doc.times})"
        inner = f"{blank}    {flat(doc.item)} {tail}"
        body = [inner] if len(inner) <= WIDTH else [*lines("", doc.item, "", indent + 4), f"{blank}    {tail}"]
        return [f"{blank}{before}*[", *body, f"{blank}]{after}"]
    if isinstance(doc, Choice):
        sides = [f"{blank}    {flat(doc)}"]
        if len(sides[0]) > WIDTH:
            conditions = [f"{blank}    if {doc.condition}", f"{blank}    else {doc.no}"]
            sides = [*lines("", doc.yes, "", indent + 4), *conditions]
        return [f"{blank}{before}(", *sides, f"{blank}){after}"]
    body = [line for item in doc.items for line in lines("", item, ",", indent + 4)]
    return [f"{blank}{before}{doc.open}", *body, f"{blank}{doc.close}{after}"]


def _broken(text: str, after: str, room: int) -> list[str]:
    """An expression that is too long for one line, before its operators as a formatter breaks it."""
    named = re.match(r"\w+=(?!=)", text)
    if named:
        first, *rest = _broken(text[named.end() :], after, room - named.end())
        return [f"{named[0]}{first}", *rest]
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:  # no expression, such as an argument with its type: it stays whole
        return [f"{text}{after}"]
    if isinstance(tree, ast.IfExp):
        body, test, orelse = (ast.unparse(part) for part in (tree.body, tree.test, tree.orelse))
        whole = f"{ast.unparse(tree)}{after}"
        return [whole] if len(whole) <= room else [body, f"if {test}", f"else {orelse}{after}"]
    if not isinstance(tree, ast.BinOp):
        return [f"{text}{after}"]
    kinds = (ast.Add, ast.Sub) if isinstance(tree.op, ast.Add | ast.Sub) else (ast.Mult, ast.Div, ast.FloorDiv)
    ends = [*_operands(tree, text, kinds)]
    cuts = [0, *(text.index(" ", end) + 1 for end in reversed(ends)), len(text) + 1]
    parts = [text[start : end - 1] for start, end in pairwise(cuts)]
    return [*parts[:-1], f"{parts[-1]}{after}"]


def _operands(tree: ast.BinOp, text: str, kinds: tuple[type[ast.operator], ...]) -> Iterator[int]:
    """Where each operand but the last ends, the last first; one in parentheses stays whole."""
    left = tree.left
    end = left.end_col_offset or 0
    yield end
    if isinstance(left, ast.BinOp) and isinstance(left.op, kinds) and text[end] != ")":
        yield from _operands(left, text, kinds)
