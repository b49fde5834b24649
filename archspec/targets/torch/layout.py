"""Python expressions as text that no formatter would change: on one line if it fits, else one item a line."""

from __future__ import annotations

from collections.abc import Sequence
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


class Choice(NamedTuple):
    """``yes if condition else no``."""

    yes: Doc
    condition: str
    no: str


class Spread(NamedTuple):
    """``*([items] if condition else [])``."""

    items: Sequence[Doc]
    condition: str


Doc: TypeAlias = str | Bracket | Loop | Choice | Spread


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
        return f"*[{flat(doc.item)} for _ in range({doc.times})]"
    if isinstance(doc, Choice):
        return f"{flat(doc.yes)} if {doc.condition} else {doc.no}"
    if isinstance(doc, Spread):
        return f"*([{', '.join(flat(item) for item in doc.items)}] if {doc.condition} else [])"
    return doc.open + ", ".join(flat(item) for item in doc.items) + doc.close


def lines(before: str, doc: Doc, after: str, indent: int) -> list[str]:
    """``before doc after`` at an indent, within the width wherever a bracket can be opened."""
    blank = " " * indent
    single = f"{blank}{before}{flat(doc)}{after}"
    if len(single) <= WIDTH or isinstance(doc, str):
        return [single]
    if isinstance(doc, Loop):
        tail = f"for _ in range({doc.times})"
        inner = f"{blank}    {flat(doc.item)} {tail}"
        body = [inner] if len(inner) <= WIDTH else [*lines("", doc.item, "", indent + 4), f"{blank}    {tail}"]
        return [f"{blank}{before}*[", *body, f"{blank}]{after}"]
    if isinstance(doc, Choice):
        sides = [*lines("", doc.yes, "", indent + 4), f"{blank}    if {doc.condition}", f"{blank}    else {doc.no}"]
        return [f"{blank}{before}(", *sides, f"{blank}){after}"]
    if isinstance(doc, Spread):
        listed = lines("", Bracket("[", doc.items, "]"), "", indent + 4)
        body = [*listed, f"{blank}    if {doc.condition}", f"{blank}    else []"]
        return [f"{blank}{before}*(", *body, f"{blank}){after}"]
    body = [line for item in doc.items for line in lines("", item, ",", indent + 4)]
    return [f"{blank}{before}{doc.open}", *body, f"{blank}{doc.close}{after}"]
