"""Python expressions as text that no formatter would change: on one line if it fits, else one item a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import NamedTuple, TypeAlias

from archspec.expressions import Binary, Expression, Function, Logic
from archspec.expressions import Choice as Conditional
from archspec.expressions.symbols import Symbol
from archspec.expressions.tree import BINDING, OR
from archspec.recipe.part import Code
from archspec.targets.torch.names import doc, string

WIDTH = 88
"""Characters of a line of emitted code: black's and ruff's default, so that a formatter leaves it alone."""
INDENT = 8
"""Where the statements of methods stand."""


class Formula(NamedTuple):
    """An expression over names."""

    expression: Expression


class Named(NamedTuple):
    """``name=value``."""

    name: str
    value: Doc


class Bracket(NamedTuple):
    """``open`` items ``close``, the items separated by commas."""

    open: str
    items: Sequence[Doc]
    close: str


class Loop(NamedTuple):
    """``*[item for _ in range(count)]``."""

    item: Doc
    times: Doc
    variable: str = "_"

    @property
    def tail(self) -> str:
        """What says how often."""
        return f"for {self.variable} in range({flat(self.times)})"


class Choice(NamedTuple):
    """``yes if condition else no``."""

    yes: Doc
    condition: Expression
    no: str

    @property
    def tail(self) -> list[str]:
        """What follows the first side."""
        return [f"if {self.condition.written(OR, spec=False)}", f"else {self.no}"]


class Perhaps(NamedTuple):
    """``*([items] if condition else [])``."""

    items: Sequence[Doc]
    condition: Expression

    @property
    def choice(self) -> Choice:
        """What is spread."""
        return Choice(Bracket("[", self.items, "]"), self.condition, "[]")


Doc: TypeAlias = str | Formula | Named | Bracket | Loop | Choice | Perhaps


def literal(value: object) -> Doc:
    """A value as Python writes it; a symbol as its expression, and code as it is."""
    if isinstance(value, Symbol):
        return Formula(value.code)
    if isinstance(value, Code):
        return value.text
    if isinstance(value, str):
        return string(value)
    if isinstance(value, tuple):
        return Bracket("(", [literal(item) for item in value], ")")
    if isinstance(value, list):
        return Bracket("[", [literal(item) for item in value], "]")
    return f'float("{value}")' if value in (float("inf"), -float("inf")) else repr(value)


def flat(doc: Doc) -> str:
    """A document on one line."""
    match doc:
        case str():
            return doc
        case Formula(expression):
            return expression.python()
        case Named(name, value):
            return f"{name}={flat(value)}"
        case Loop(item):
            return f"*[{flat(item)} {doc.tail}]"
        case Perhaps():
            return f"*({flat(doc.choice)})"
        case Choice(yes):
            return " ".join([flat(yes), *doc.tail])
        case Bracket(opened, items, closed):
            return opened + ", ".join(flat(item) for item in items) + closed


def lines(before: str, doc: Doc, after: str, indent: int) -> list[str]:
    """``before doc after`` at an indent, within the width wherever a bracket can be opened."""
    blank = " " * indent
    single = f"{blank}{before}{flat(doc)}{after}"
    if len(single) <= WIDTH:
        return [single]
    match doc:
        case str():
            return [single]
        case Formula(Function(name, args)):
            return lines(before, Bracket(f"{name}(", [Formula(arg) for arg in args], ")"), after, indent)
        case Named(name, Formula() as formula):
            return lines(f"{before}{name}=", formula, after, indent)
        case Named():
            return [single]
        case Formula(expression):
            return [f"{blank}{part}" for part in _broken(before, expression, after)]
        case Perhaps():
            return lines(f"{before}*", doc.choice, after, indent)
        case Loop(item):
            inner = f"{blank}    {flat(item)} {doc.tail}"
            body = [inner] if len(inner) <= WIDTH else [*lines("", item, "", indent + 4), f"{blank}    {doc.tail}"]
            return [f"{blank}{before}*[", *body, f"{blank}]{after}"]
        case Choice(yes):
            sides = [f"{blank}    {flat(doc)}"]
            if len(sides[0]) > WIDTH:
                sides = [*lines("", yes, "", indent + 4), *(f"{blank}    {line}" for line in doc.tail)]
            return [f"{blank}{before}(", *sides, f"{blank}){after}"]
        case Bracket(opened, items, closed):
            body = [line for item in items for line in lines("", item, ",", indent + 4)]
            return [f"{blank}{before}{opened}", *body, f"{blank}{closed}{after}"]


def split(text: str, separator: str) -> Iterator[str]:
    """The parts of an expression between separators that stand in no bracket."""
    depth, start = 0, 0
    for i, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if depth == 0 and text.startswith(separator, i):
            yield text[start:i]
            start = i + len(separator)
    yield text[start:]


def enumerated(words: Sequence[str]) -> str:
    """``a, b and c``; of no words nothing."""
    *first, last = words or [""]
    return f"{', '.join(first)} and {last}" if first else last


def docstring(text: str, indent: int, sentences: Sequence[str] = ()) -> list[str]:
    """A text as a docstring, and sentences below it."""
    first = _summary(text, indent)
    if not sentences:
        return first
    blank = " " * indent
    opened = [first[0].removesuffix('"""')] if len(first) == 1 else first[:-1]
    body = [f"{blank}{doc(line)}" for sentence in sentences for line in wrap(sentence, WIDTH - indent)]
    return [*opened, "", *body, f'{blank}"""']


def _summary(text: str, indent: int) -> list[str]:
    """A docstring on one line if it fits, else wrapped, with its last quotes on a line of their own."""
    blank, escaped = " " * indent, doc(text)
    single = f'{blank}"""{escaped}"""'
    if len(single) <= WIDTH:
        return [single]
    # No word is broken, as it may be an escaped character. A formatter wants one line of what would be one with quotes.
    wrapped = (wrap(f'"""{escaped}', width, break_long_words=False) for width in (WIDTH - indent, WIDTH - indent - 3))
    parts = next((parts for parts in wrapped if len(parts) > 1), None)
    return [single] if parts is None else [*(f"{blank}{part}" for part in parts), f'{blank}"""']


def assignment(name: str, expression: Expression, indent: int, sign: str = "=") -> list[str]:
    """``name = expression`` or ``name += expression``, in brackets where that is too long for one line."""
    blank = " " * indent
    single = f"{blank}{name} {sign} {expression.python()}"
    if len(single) <= WIDTH:
        return [single]
    if isinstance(expression, Function):
        items = [Formula(arg) for arg in expression.args]
        return lines(f"{name} {sign} ", Bracket(f"{expression.name}(", items, ")"), "", indent)
    return [f"{blank}{name} {sign} (", *lines("", Formula(expression), "", indent + 4), f"{blank})"]


def local_variable(name: str, code: Expression, sign: str = "=") -> tuple[str, ...]:
    """The lines of a statement of a constructor, ``width = 3 * w // 2``, without the indent that they get there."""
    return tuple(line[INDENT:] for line in assignment(name, code, INDENT, sign))


def _broken(before: str, expression: Expression, after: str) -> list[str]:
    """An expression that is too long for one line, before its operators as a formatter breaks it."""
    if isinstance(expression, Conditional):
        yes, condition = (part.written(OR, spec=False) for part in (expression.yes, expression.condition))
        return [f"{before}{yes}", f"if {condition}", f"else {expression.no.python()}{after}"]
    if not isinstance(expression, Binary | Logic):
        return [f"{before}{expression.python()}{after}"]
    first, *rest = _operands(expression, BINDING[expression.operator])
    parts = [f"{before}{first}", *rest]
    return [*parts[:-1], f"{parts[-1]}{after}"]


def _operands(expression: Binary | Logic, binds: int) -> Iterator[str]:
    """The operands that operators of one kind stand between, each with the operator before it."""
    left = expression.left
    if isinstance(left, Binary | Logic) and BINDING[left.operator] == binds:
        yield from _operands(left, binds)
    else:
        yield left.written(binds, spec=False)
    yield f"{expression.operator} {expression.right.written(binds + 1, spec=False)}"
