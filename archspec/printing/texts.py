"""Values, expressions and names as a spec writes them; what it cannot write is said, and never written otherwise."""

from __future__ import annotations

import re
from collections.abc import Collection

from archspec import ops
from archspec.expressions import Binary, Expression, Logic, Name, Negative, Quoted, Size, Truth
from archspec.expressions.tree import rebuilt
from archspec.ir.network import Arg
from archspec.ir.node import Value
from archspec.language.syntax import RESERVED

NAME = re.compile(r"[^\W\d]\w*")
LISTED = re.compile(r'[^\s,:"|][^,:"|]*')
"""What a statement may name without quotes: a row, a column, a source."""
CLOSE = re.compile(r" (\*) (?=[\w(])|(?<!\d) (/) (?=[\w(])")
"""An operator that needs no blanks; between numbers a slash may be meant as a stride."""

NOT = re.compile(r"not \((\w+)\)")
"""A negation that needs no parentheses."""


class Unwritable(Exception):
    """A part of a network has no words in the language: which, and why."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what, self.why = what, why


def value(given: Value, names: Collection[str] = ()) -> str:
    """A value: ``64``, ``3x3``, ``yes``, a word, or a text in quotes where a word would mean something else.

    ``names`` are the parameters that stand for values there.
    """
    if isinstance(given, bool):
        return "yes" if given else "no"
    if isinstance(given, tuple):
        if len(given) < 2 or any(type(side) is not int or side < 0 for side in given):
            raise Unwritable(f"the size {list(given)}", "a size has two sides or more, which are whole numbers")
        return "x".join(map(str, given))
    if isinstance(given, str):
        return given if NAME.fullmatch(given) and given not in {*names, *RESERVED} else quoted(given, "the value")
    return repr(given)


def word(given: str, names: Collection[str]) -> str:
    """What a parameter of a block is: the name of a layer as it is, any other word in quotes."""
    found = ops.find(given)
    return (
        given if found is not None and found.spelled() == given and given not in names else quoted(given, "the value")
    )


def quoted(text: str, what: str) -> str:
    """A text in quotes."""
    if '"' in text or not text.isprintable():
        raise Unwritable(f"{what} {text!r}", "a text in quotes has no quotes and no line breaks in it")
    return f'"{text}"'


def listed(text: str, what: str) -> str:
    """A name in a list of a statement, in quotes where it needs them."""
    plain = LISTED.fullmatch(text) and text.isprintable() and text == text.strip() and "#" not in text
    return text if plain else quoted(text, what)


def cell(text: str, what: str) -> str:
    """A text that stands as it is in a cell of a table."""
    if "|" in text or text.count('"') % 2 or not text.isprintable() or text != text.strip():
        raise Unwritable(f"{what} {text!r}", "a cell has no bars or line breaks in it, nor open quotes")
    return text


def expression(given: Expression, names: Collection[str]) -> str:
    """An expression, with its words and truth values as a spec has them: ``option == A``."""

    def plain(part: Expression) -> Expression:
        if isinstance(part, Quoted):
            if not NAME.fullmatch(part.word) or part.word in {*names, *RESERVED}:
                raise Unwritable(f"the word {part.word!r} of `{given}`", "a parameter has that name, or it is no word")
            return Name(part.word)
        return Name("yes" if part.value else "no") if isinstance(part, Truth) else rebuilt(part, plain)

    if isinstance(given, Size):
        raise Unwritable(f"the size `{given}`", "a size of expressions stands in the line `input` alone")
    return NOT.sub(r"not \1", CLOSE.sub(r"\1\2", str(plain(given))))


def condition(given: Expression, names: Collection[str]) -> str:
    """A condition, without the parentheses that one of several parts has inside others."""
    text = expression(given, names)
    return text[1:-1] if isinstance(given, Logic) else text


def argument(arg: Arg, names: Collection[str]) -> str:
    """An argument: its expression, or its value."""
    if arg.expression is not None:
        return expression(arg.expression, names)
    assert arg.value is not None
    whole = isinstance(arg.value, float) and arg.value.is_integer()
    return value(int(arg.value) if whole and isinstance(arg.value, float) else arg.value, names)


def atom(arg: Arg, names: Collection[str]) -> str:
    """The same in parentheses where it is more than one number or name, so that it may stand behind a slash."""
    text, tree = argument(arg, names), arg.expression
    return f"({text})" if isinstance(tree, Binary | Negative) else text


def is_plain(arg: Arg) -> bool:
    """Whether an argument is a number, or may be one where it is used."""
    if isinstance(arg.value, bool | str | tuple) or isinstance(arg.expression, Size):
        return False
    negative = arg.expression is None and arg.value is not None and arg.value < 0
    return not negative and not isinstance(arg.expression, Negative)
