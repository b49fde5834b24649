"""Functions of the training program as text that no formatter would change, and the imports that they need."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import indent, wrap
from typing import NamedTuple

from archspec.recipe.part import Line
from archspec.targets.torch.layout import WIDTH, lines
from archspec.targets.torch.names import doc
from archspec.targets.torch.statements import document, statement
from archspec.targets.train.program import importable

SPREAD = re.compile(r"^( *)(.*[\w\[(]\(|.*[\[{])\n((?:\1    [^\s#)\]}].*,\n)+)\1([)\]}][,:]?)$", re.MULTILINE)
"""Brackets, but of tuples, whose parts have a line each."""

INSTALLED = ("sklearn", "torch")
"""How the names of modules begin that are not those of the standard library."""
UNTYPED = ("sklearn", "torchvision")


class Origin(NamedTuple):
    """What a recipe itself says of a setting: its cell, and where the paper says so. Neither is trusted."""

    text: str
    source: str = ""


def function(signature: str, summary: str, body: Iterable[Line | str], notes: Sequence[str] = ()) -> str:
    """A function with its docstring, of which ``notes`` are further lines; a body that is text stands at no indent."""
    close = '"""'
    head = [f"    {close}{summary}", "", *(f"    {note}" if note else "" for note in notes), f"    {close}"]
    return "\n".join(
        [
            signature,
            *(head if notes else [f"    {close}{summary}{close}"]),
            *(line for part in body for line in _statement(part)),
        ]
    )


def said(origins: Mapping[str, Origin], *settings: str) -> list[str]:
    """What the recipe says of some settings, as lines of a docstring: ``augment: crop 224; flip (section 3.1)``."""
    found: list[str] = []
    for setting in settings:
        if setting in origins:
            text, source = (doc(part) for part in origins[setting])
            shown = f"{setting}: {text}" + (f" ({source})" if source else "")
            found += wrap(shown, WIDTH - 4, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
    return found


def constant(name: str, value: object, comment: str = "") -> str:
    """An assignment at the top of the program."""
    return "\n".join(lines(f"{name} = ", document(value), f"  # {comment}" if comment else "", 0))


def _statement(part: Line | str) -> Iterator[str]:
    if isinstance(part, str):
        yield from indent(part.strip("\n"), "    ").split("\n")
    else:
        yield from statement(part, 4)


def import_lines(source: str, others: Mapping[str, Iterable[str]] = {}) -> list[str]:
    """The imports of pieces in a source, sorted, in two blocks; ``others`` are more, names by their modules."""
    used = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    wanted: dict[str, set[str]] = {module: set(names) for module, names in others.items()}
    known = importable()
    for module, name in (known[name] for name in used & known.keys()):
        wanted.setdefault(module, set()).add(name)
    blocks = [_block(wanted, heavy) for heavy in (False, True)]
    return [*blocks[0], *[""] * all(map(bool, blocks)), *blocks[1]]


def _block(wanted: Mapping[str, set[str]], heavy: bool) -> list[str]:
    """The imports of the standard library, or those of what is installed."""
    whole = sorted(name for name in wanted.get("", ()) if name.startswith(INSTALLED) == heavy)
    modules = sorted(module for module in wanted if module and module.startswith(INSTALLED) == heavy)
    return [
        *(f"import {name}" for name in whole),
        *(line for module in modules for line in _from(module, sorted(wanted[module], key=_rank))),
    ]


def _from(module: str, names: list[str]) -> list[str]:
    """An import of names, each on a line of its own where they do not fit on one."""
    line = f"from {module} import {', '.join(names)}"
    if module.startswith(UNTYPED):
        return [f"{line}  # type: ignore[import-untyped]"]
    return [line] if len(line) <= WIDTH else [f"from {module} import (", *(f"    {name}," for name in names), ")"]


def _rank(name: str) -> tuple[bool, bool, str]:
    """Constants, classes, functions, as import sorters have them."""
    return not name.isupper(), not name[0].isupper(), name


def closed_up(source: str) -> str:
    """Source in which what stands between brackets is on one line where a formatter would leave it there."""
    return SPREAD.sub(_closed, source)


def _closed(found: re.Match[str]) -> str:
    indent, before, inside, after = found.groups()
    shown = ", ".join(line.strip().removesuffix(",") for line in inside.splitlines())
    if len(whole := f"{indent}{before}{shown}{after}") <= WIDTH:
        return whole
    nested = all(line.strip().startswith(("[", "{")) for line in inside.splitlines())  # such rows keep a line each
    fits = before.endswith("(") and len(indent) + 4 + len(shown) <= WIDTH and not nested
    return f"{indent}{before}\n{indent}    {shown}\n{indent}{after}" if fits else found[0]
