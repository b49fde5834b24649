"""Checks of arguments as Python: what is refused, and what the error says of it."""

from __future__ import annotations

from functools import reduce
from textwrap import wrap
from typing import NamedTuple, TypeAlias

from archspec.expressions import Expression, Logic
from archspec.expressions.code import code
from archspec.expressions.polynomial import TooLong
from archspec.targets.torch.layout import INDENT, WIDTH, Formula, enumerated, lines

MOST_NAMES = 3
"""Arguments whose values an error says."""
Statement: TypeAlias = tuple[str, ...]
"""The lines of one."""


class Check(NamedTuple):
    """What an argument must not be, and what it must be instead, in words."""

    refused: Expression
    subjects: tuple[str, ...]
    """What must be that: arguments, or what is computed from them."""
    wanted: str
    names: tuple[str, ...]
    """The arguments to blame."""
    where: Expression | None
    """The condition under which it matters."""
    guard: Expression | None = None
    """What is refused before that, as it could not be computed: a divisor below one."""


def statement(check: Check) -> Statement:
    """What raises ``ValueError``; raises TooLong where no line could hold a part of it."""
    refused = check.refused if check.guard is None else _or(check.guard, check.refused)
    refused = refused if check.where is None else Logic("and", code(check.where), refused)
    said = f"{'each of ' * (len(check.subjects) > 1)}{enumerated(check.subjects)} must be {check.wanted}"
    made = [*_condition(refused), *_raised((said + _found(check)).replace('"', "'"))]
    if any(len(line) > WIDTH for line in made):
        raise TooLong(refused.names)
    return tuple(made)


def _found(check: Check) -> str:
    """What the arguments are instead; where they are many, the caller looks at what was passed."""
    if len(check.names) > MOST_NAMES:
        return ""
    if check.names == check.subjects:
        return f", not {enumerated([f'{{{name}}}' for name in check.names])}"
    return f", but {enumerated([f'{name} is {{{name}}}' for name in check.names])}"


def _or(guard: Expression, refused: Expression) -> Expression:
    """A condition before others, of which none is in parentheses."""
    parts = [refused]
    while isinstance(parts[0], Logic) and parts[0].operator == "or":
        parts[:1] = [parts[0].left, parts[0].right]
    return reduce(lambda one, other: Logic("or", one, other), parts, guard)


def _condition(refused: Expression) -> list[str]:
    blank = " " * INDENT
    single = f"{blank}if {refused.python()}:"
    return (
        [single]
        if len(single) <= WIDTH
        else [f"{blank}if (", *lines("", Formula(refused), "", INDENT + 4), f"{blank}):"]
    )


def _raised(said: str) -> list[str]:
    blank = " " * (INDENT + 4)
    single = f"{blank}raise ValueError({_literal(said)})"
    if len(single) <= WIDTH:
        return [single]
    texts = wrap(said, WIDTH - INDENT - len('        f""'), break_long_words=False, drop_whitespace=False)
    return [f"{blank}raise ValueError(", *(f"{blank}    {_literal(text)}" for text in texts), f"{blank})"]


def _literal(text: str) -> str:
    return f'{"f" if "{" in text else ""}"{text}"'
