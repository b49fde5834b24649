"""Mermaid, which GitHub and many pages draw: the layers of a network; rows, blocks and repetitions are subgraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archspec.figures.diagram import Diagram, Edge, Items, Node, nodes
from archspec.figures.palette import look
from archspec.support.terminal import printable

PLAIN = re.compile(r"[^\w ,=:/×·→≤…]|_")
"""What is written as its number: Mermaid reads quotes, entities, HTML, Markdown, and words such as `end` in texts."""


def told(diagram: Diagram) -> str:
    """The text of a Mermaid file."""
    lines = ["---", f"title: {_title(diagram.title)}", "---", "flowchart TB", *_items(diagram.items, "  ")]
    return "\n".join([*lines, *map(_edge, diagram.edges), *_looks(diagram), ""])


def _items(items: Items, indent: str) -> Iterator[str]:
    for item in items:
        if isinstance(item, Node):
            label = "<br/>".join(map(_text, item.lines))
            yield f'{indent}n{item.number}["{label}"]:::{_class(item.look)}'
        else:
            yield f'{indent}subgraph s{item.number}["{_text(item.title)}"]'
            yield from _items(item.items, indent + "  ")
            yield f"{indent}end"


def _edge(edge: Edge) -> str:
    arrow = "-.->" if edge.otherwise else "-->"
    label = f'|"{_text(edge.label)}"|' if edge.label else ""
    return f"  n{edge.start} {arrow}{label} n{edge.end}"


def _looks(diagram: Diagram) -> Iterator[str]:
    for name in sorted({node.look for node in nodes(diagram.items)}):
        shown = look(name)
        yield f"  classDef {_class(name)} fill:{shown.fill},stroke:{shown.stroke},color:#1a1a1a"


def _class(name: str) -> str:
    """A class of its own, as `end` and `default` are Mermaid's."""
    return "is_" + name.removeprefix("box.")


def _title(text: str) -> str:
    """A text of YAML, in which Mermaid finds no directive: those begin with two signs of per cent."""
    plain = " ".join(printable(text).split()).encode("utf-16-be", "replace").hex()
    letters = [int(plain[i : i + 4], 16) for i in range(0, len(plain), 4)]
    return '"' + "".join(chr(n) if chr(n).isalnum() or n == 32 else f"\\u{n:04x}" for n in letters) + '"'


def _text(text: str) -> str:
    """A text of one line, never empty, in which nothing has a meaning, nor to Markdown, as `1. ` has at its start."""
    plain = PLAIN.sub(lambda sign: f"#{ord(sign[0])};", " ".join(printable(text).split()))
    return plain or "#32;"
