"""Specs with a mend put into their text, as a reader of its line would do it: by the words of the line alone."""

from __future__ import annotations

import re

from archspec import ops
from archspec.elaborate.words import find_op, find_printed

LINE = re.compile(
    r"`(?P<says>[^`]+)`"
    r"(?: in (?:the (?P<nth>first|second|third) )?(?:`(?P<layer>[^`]+)`)?(?: of )?(?:the block `(?P<block>\w+)`)?)?"
    r"(?P<column>(?<=`) in the column `counted`)? gives (?P<gives>[\w.,]+?)"
    r"(?:, and (?P<gained>\d+) more figures? holds?)?"
    r"(?:, but then (?P<lost>.+?)(?:, and (?P<more>\d+) more figures? fails?)?)?"
)
STEP = re.compile(r"[^;|\[\]]+")
TIMES = re.compile(r"(?P<layer>.*?)(?P<times> x \d+)?\s*")
NTH = {None: 0, "first": 0, "second": 1, "third": 2}


def read(line: str) -> dict[str, str | None]:
    """The parts of a line about a mend."""
    match = LINE.fullmatch(line)
    assert match is not None, line
    return match.groupdict()


def mended(text: str, row: str, line: str) -> str:
    """The spec with a mend of a figure in a row, whose layers stand in the second column of a table."""
    said = read(line)
    says = said["says"] or ""
    lines = text.split("\n")
    if says.startswith(("counted ", "input ", "units ", "no `units")):
        word = says.split()[0]
        kept = [each for each in lines if not each.startswith(f"{word} ")]
        return "\n".join([kept[0], says, *kept[1:]])
    if said["block"]:
        start = next(i for i, each in enumerate(lines) if each.startswith(f"block {said['block']}("))
        at, column = start + 1, 1
    else:
        at, column = next(i for i, each in enumerate(lines) if each.startswith(f"| {row} ")), 2
    cells = lines[at].split("|")
    cells[column] = _changed(text, cells[column], says, said["layer"], NTH[said["nth"]])
    lines[at] = "|".join(cells)
    return "\n".join(lines)


def _changed(text: str, cell: str, says: str, layer: str | None, nth: int) -> str:
    """A cell with an argument of one of its layers."""
    name = says.removeprefix("no ").split("=")[0]
    found = []
    for match in STEP.finditer(cell):
        inner = TIMES.fullmatch(match[0].strip())
        assert inner is not None
        if name in _arguments(inner["layer"], text) and layer in (None, inner["layer"]):
            start = match.start() + match[0].index(inner["layer"])
            found.append((start, start + len(inner["layer"])))
    assert len(found) > nth, (cell, says)
    assert layer or len(found) == 1, (cell, says)
    start, end = found[nth]
    return f"{cell[:start]}{_with(cell[start:end], name, says)}{cell[end:]}"


def _arguments(layer: str, text: str) -> list[str]:
    """The arguments of a layer or of a block of the spec."""
    word = layer.replace(",", " ").split(" ")[0]
    op = next(find_printed(layer, ()), None) or (ops.nameless() if word[:1].isdigit() else find_op(word))
    formals = re.search(rf"^block {re.escape(word)}\((?P<formals>.*?)\)", text, re.MULTILINE)
    if formals:
        return [formal.split("=")[0].strip() for formal in formals["formals"].split(",")]
    return list(op.arguments) if op else []


def _with(layer: str, name: str, says: str) -> str:
    head, *args = [part.strip() for part in layer.split(",")]
    word, _, first = head.partition(" ")
    kept = [part for part in ([first] if first else []) + args if not _gives(part, name)]
    return (
        f"{word} {', '.join([*kept, says])}"
        if not word[:1].isdigit()
        else ", ".join([head, *args_of(args, name), says])
    )


def args_of(args: list[str], name: str) -> list[str]:
    """The arguments without one of them."""
    return [part for part in args if not _gives(part, name)]


def _gives(part: str, name: str) -> bool:
    return (
        part in (name, f"no {name}")
        or part.startswith((f"{name}=", f"{name} "))
        or (name in ("stride", "s") and part.startswith("/"))
    )
