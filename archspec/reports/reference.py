"""What the reference says of a layer or a statement, cut from ``docs/language.md`` for a terminal.

The wheel carries the page, since who installs with pip has no checkout.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from archspec import ops
from archspec.op import Op

PAGE = "language.md"
WIDTH = 100
SIGNS = {"!": "Marks", "?": "Marks", ";": "Cells", "x": "Repetitions", "/": "Short forms", "in": "Names in a block"}
"""The sections about what is not a word."""
COLUMNS = {
    "from": "Rows by name: from",
    **dict.fromkeys(("op", "layer", "repeat", "output"), "Tables of layers"),
    **dict.fromkeys(("params", "mult-adds"), "Printed figures"),
}
"""The sections about columns that have no heading of their own."""
HEADING = re.compile(r"^#{2,3} (.*)$", re.MULTILINE)
BLOCK = re.compile(
    r"(?:^<!--[^\n]*-->\n)*^```\w*\n(?P<code>.*?)^```$|(?P<table>(?:^\|[^\n]*\n?)+)|(?P<text>(?:^(?!<!--|```|\|)[^\n]+\n?)+)",
    re.MULTILINE | re.DOTALL,
)


class Section(NamedTuple):
    """A section of the page."""

    title: str
    text: str


def about(topic: str) -> str | None:
    """What the reference says of a layer, by any of its spellings, of a statement, a sign, or a section by its title.

    None where it knows none of them.
    """
    op = ops.find(topic)
    if op is not None:
        return "\n\n".join(_of_layer(op))
    named = (section for section in sections() if _plain(section.title) == topic)
    found = next(named, None) or _titled({**SIGNS, **COLUMNS}.get(topic, topic))
    return None if found is None else "\n\n".join(_of_section(found))


def topics() -> list[str]:
    """All names that `about` knows: layers, and what has a heading of its own."""
    statements = [_plain(section.title) for section in sections() if "`" in section.title]
    titles = [section.title.lower() for section in sections() if "`" not in section.title]
    return [*dict.fromkeys([*ops.names(), *statements, *COLUMNS, *titles])]


def _titled(title: str) -> Section | None:
    """The section of a title, whole, whatever its capitals."""
    return next((section for section in sections() if section.title.replace("`", "").lower() == title.lower()), None)


def _of_section(section: Section) -> Iterator[str]:
    """A section as a terminal shows it, and the one to which a short one leads."""
    yield section.title.replace("`", "")
    yield from _shown(section.text, None)
    leads = re.fullmatch(r"\s*[^\n]*; see \[([^\]]*)\]\(#[^)]*\)\.[^\n]*\s*", section.text)
    further = next((each for each in sections() if leads and each.title == leads[1]), None)
    if further:
        yield from _shown(further.text, None)


def layers() -> Iterator[tuple[str, str]]:
    """The layers by name, each with what it is and how it is written."""
    for op in sorted(ops.every(), key=lambda op: str(op.spelled())):
        yield str(op.spelled()), _first_line(op)


@cache
def sections() -> tuple[Section, ...]:
    """The sections of the page."""
    parts = HEADING.split(page())
    return tuple(Section(*pair) for pair in zip(parts[1::2], parts[2::2], strict=True))


@cache
def page() -> str:
    """The text of the page: beside this package where it was installed, in ``docs`` of a checkout."""
    installed = files("archspec") / PAGE
    if installed.is_file():
        return installed.read_text("utf-8")
    return (Path(__file__).parents[2] / "docs" / PAGE).read_text("utf-8")


def _of_layer(op: type[Op]) -> Iterator[str]:
    """Its name, what it is, its arguments, and examples."""
    name = str(op.spelled())
    yield f"{name}: {_first_line(op)}"
    for section in sections():
        if section.title == name or _row_of(name).search(section.text):
            yield from _shown(section.text, name, section.title == name)
            return
    yield "\n".join(f"  {argument}" for argument in op.arguments)  # a layer that the reference lacks, of a plugin


def _row_of(name: str) -> re.Pattern[str]:
    """Where a table of layers has a row of this one."""
    return re.compile(rf"^\| layer .*\n(?:\|.*\n)*?\| `{re.escape(name)}` ", re.MULTILINE)


def _first_line(op: type[Op]) -> str:
    """The first line of what its file says about itself, without the marks of Markdown."""
    said = (sys.modules[op.__module__].__doc__ or op.__doc__ or "").strip().partition("\n\n")[0]
    return said.replace("``", "`").replace("\n", " ").rstrip(".")


def _shown(text: str, layer: str | None, own: bool = True) -> Iterator[str]:
    """The blocks of a section as a terminal shows them: of a section of many layers what is about the one."""
    for block in BLOCK.finditer(text):
        if block["code"] is not None:
            lines = [line for line in block["code"].splitlines() if own or _uses(line, layer)]
            yield from ["\n".join(f"    {line}".rstrip() for line in lines)] * bool(lines)
        elif block["table"] is not None:
            yield from filter(None, [_table(block["table"], layer)])
        elif own:
            yield _prose(_unlinked(block["text"]).strip())


def _prose(text: str) -> str:
    """A paragraph in lines of one width, or the items of a list, each so."""
    items = re.split(r"^- ", text, flags=re.MULTILINE)
    if len(items) == 1:
        return textwrap.fill(text, WIDTH)
    return "\n".join(
        textwrap.fill(" ".join(["-", *item.split()]), WIDTH, subsequent_indent="  ") for item in items if item
    )


def _table(text: str, layer: str | None) -> str:
    """A table in columns, without the name of the layer, which its rows share."""
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])] for line in text.splitlines()]
    head, body = rows[0], rows[2:]
    if layer is not None and head[0] == "layer":
        head, body = head[1:], [row[1:] for row in body if row[0] == f"`{layer}`"]
    if not body:
        return ""
    if len(head) == 1:
        return "\n".join(_unlinked(cell) for row in body for cell in row)
    shown = [[_unlinked(cell).replace("`", "") for cell in row] for row in (head, *body)]
    widths = [max(len(row[i]) for row in shown) for i in range(len(head) - 1)]
    lines = []
    for row in shown:
        start = "  " + "".join(f"{cell:<{width}}  " for cell, width in zip(row, widths, strict=False))
        lines.append(textwrap.fill(row[-1], WIDTH, initial_indent=start, subsequent_indent=" " * len(start)).rstrip())
    return "\n".join(lines)


def _uses(line: str, layer: str | None) -> bool:
    return layer is None or re.search(rf"(?<![\w-]){re.escape(layer)}(?![\w-])", line) is not None


def _unlinked(text: str) -> str:
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)


def _plain(title: str) -> str:
    return title.replace("`", "").partition(" ")[0]
