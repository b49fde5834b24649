"""The emitted file with the lines of each row of the table, so that a reader finds one by the other."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from archspec.budget import spend
from archspec.support.limits import WALKED
from archspec.targets.torch.network_class import NetworkView

WORD = re.compile(r"[^\W\d]\w*")
CLASS = re.compile(r"class (\w+)")


class RowLines(NamedTuple):
    """A row of the table: the numbers of the lines that it has for itself, from 0, and the classes that it uses."""

    row: str
    own: Sequence[int]
    classes: Sequence[str]


class Emitted(NamedTuple):
    """The source, its rows in their order without those that are no code, and the lines of its classes."""

    source: str
    rows: Sequence[RowLines]
    classes: Mapping[str, range]
    network: range
    """The lines of the class of the network."""


def emitted_of(source: str, view: NetworkView) -> Emitted:
    """Where the rows stand in the source that was made of a view."""
    lines = source.split("\n")
    start = lines.index(f"class {view.class_name}(nn.Module):")
    made = lines.index("        super().__init__()", start) + 1
    run = next(i for i in range(made, len(lines)) if lines[i].startswith("    def forward(")) + 1 + len(view.says)
    classes = _classes(lines, start)
    known = {name: _named(lines, where, classes) - {name} for name, where in classes.items()}
    rows = []
    for row, attributes, forward in view.places:
        own = [*range(made + attributes[0], made + attributes[1]), *range(run + forward[0], run + forward[1])]
        rows.append(RowLines(row, own, _closed(_named(lines, own, classes), known)))
    end = next(i for i in range(run, len(lines)) if lines[i].startswith("def "))
    while not lines[end - 1]:
        end -= 1
    return Emitted(source, rows, classes, range(start, end))


def _classes(lines: Sequence[str], end: int) -> dict[str, range]:
    """The classes above that of the network."""
    starts = [i for i, line in enumerate(lines[:end]) if line.startswith("class ")]
    found = {}
    for start, behind in zip(starts, [*starts[1:], end], strict=False):
        last = next(i for i in range(behind - 1, start - 1, -1) if lines[i])
        match = CLASS.match(lines[start])
        assert match
        found[match[1]] = range(start, last + 1)
    return found


def _named(lines: Sequence[str], where: Sequence[int], classes: Mapping[str, range]) -> set[str]:
    """The classes that some lines name."""
    return {word for i in where for word in WORD.findall(lines[i])} & classes.keys()


def _closed(named: set[str], known: Mapping[str, set[str]]) -> list[str]:
    """Some classes, and those that they name in their turn."""
    seen = set[str]()
    while named:
        name = named.pop()
        spend(WALKED)
        seen.add(name)
        named |= known[name] - seen
    return sorted(seen)
