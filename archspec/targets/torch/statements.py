"""Statements of the parts of a recipe as text that no formatter would change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archspec.op import Call
from archspec.recipe.part import Line
from archspec.targets.torch.layout import WIDTH, Bracket, Doc, flat, lines, literal, split
from archspec.targets.torch.names import string


def statement(line: Line, indent: int) -> Iterator[str]:
    """The lines of one statement of a function whose body stands at an indent."""
    before = line.before.lstrip(" ")
    depth = indent + len(line.before) - len(before)
    whole = f"{' ' * depth}{before}{line.after}".rstrip()
    if line.value is None and len(whole) > WIDTH and whole.endswith(")"):
        opened, _, rest = before.partition("(")
        yield from lines("", Bracket(f"{opened}(", [*split(rest[:-1], ", ")], ")"), "", depth)
    elif line.value is None:
        yield whole
    else:
        yield from lines(before, document(line.value), line.after, depth)


def document(value: Any) -> Doc:
    """A value or a call, laid out with what is inside it."""
    if isinstance(value, Call):
        inner = [document(each) for each in value.args.values()]
        named = [f"{name}={flat(document(each))}" for name, each in value.spoken.items()]
        return Bracket(f"{value.target}(", [*inner, *named], ")")
    if isinstance(value, dict):
        named = [f"{string(name)}: {flat(document(each))}" for name, each in value.items()]
        return Bracket("{", named, "}")
    return Bracket("[", [document(each) for each in value], "]") if isinstance(value, list) else literal(value)
