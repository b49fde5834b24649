"""Folders of specs that name one another by `use`, `like` and claims."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from archspec.api import variants
from fuzz.choices import Choices
from fuzz.targets.text import ask_all
from fuzz.texts import spec

NEEDS: tuple[str, ...] = ()
NAMES = ("a.arch", "b.arch", "below/c.arch", "below/link.arch")
NAMED = [
    *NAMES,
    "../a.arch",
    "c.arch",
    "./b.arch",
    "below",
    "no.arch",
    "a.txt",
    "../../out.arch",
    "/etc/passwd",
    "",
    "\0",
]
"""What a file may name: one of the others, itself, what is no spec, and what lies outside."""
Files = dict[str, str]


def given(pen: Choices) -> Files:
    """Files by their names; the first is the one that is asked for."""
    ways = [
        [(pen.one_of(("use", "like", "both")), pen.one_of(NAMED)) for _ in range(pen.number(0, 2))] for _ in NAMES[:3]
    ]
    return {name: _naming(spec(pen), found) for name, found in zip(NAMES, ways, strict=False)}


def _naming(text: str, ways: list[tuple[str, str]]) -> str:
    """A text that names others: in its first statement, behind it, or both."""
    lines = text.split("\n")
    for way, name in ways:
        if way != "use":
            lines[0] = re.sub(r"\(.*|$", f' like "{name}"', lines[0], count=1)
        if way != "like":
            lines.insert(1, f'use "{name}"')
    return "\n".join(lines)


def ask(given: Files) -> None:
    """Compile the first, whose names are looked for in its folder alone."""
    with TemporaryDirectory() as kept:
        folder = Path(kept, "inside")
        (folder / "below").mkdir(parents=True)
        Path(kept, "out.arch").write_text("block secret(c)\n| conv3-c |\n", "utf-8")
        (folder / "below" / "link.arch").symlink_to("../../out.arch")
        for name, text in given.items():
            (folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))
        for compiled in variants(str(folder / NAMES[0]))[:3]:
            ask_all(compiled)
