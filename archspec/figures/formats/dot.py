"""DOT, the language of Graphviz: the layers of a network; rows, blocks and repetitions are clusters."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.figures.diagram import Diagram, Edge, Items, Node
from archspec.figures.palette import look
from archspec.support.terminal import printable

STARTS = [
    "  graph [fontname=Helvetica, fontsize=10, labeljust=l, ranksep=0.3, nodesep=0.2]",
    '  node [fontname=Helvetica, fontsize=10, shape=box, style="rounded,filled", height=0.3, margin="0.1,0.04"]',
    '  edge [fontname=Helvetica, fontsize=8, fontcolor="#6b6b6b", arrowsize=0.5]',
]
STYLES = {
    "row": "rounded",
    "block": "rounded,bold",
    "head": "rounded",
    "repeat": "rounded,dashed",
    "condition": "rounded,dotted",
}


def told(diagram: Diagram) -> str:
    """The text of a DOT file."""
    lines = [f"digraph {_quoted(diagram.title)} {{", *STARTS, *_items(diagram.items, "  ")]
    return "\n".join([*lines, *map(_edge, diagram.edges), "}", ""])


def _items(items: Items, indent: str) -> Iterator[str]:
    for item in items:
        if isinstance(item, Node):
            shown = look(item.look)
            colours = f'fillcolor="{shown.fill}", color="{shown.stroke}"'
            yield f"{indent}n{item.number} [label={_label(item.lines)}, {colours}]"
        else:
            yield f"{indent}subgraph cluster_{item.number} {{"
            yield f'{indent}  label={_label((item.title,))}; style="{STYLES[item.role]}"; color="#9a9a9a"'
            yield from _items(item.items, indent + "  ")
            yield f"{indent}}}"


def _edge(edge: Edge) -> str:
    said = [f"label={_label((edge.label,))}"] * bool(edge.label) + ["style=dashed"] * edge.otherwise
    return f"  n{edge.start} -> n{edge.end}" + (f" [{', '.join(said)}]" if said else "")


def _label(lines: tuple[str, ...]) -> str:
    r"""Lines of a label, in which a backslash would begin ``\N``, the name of the node, and ``&`` an entity."""
    plain = (_plain(line).replace("\\", "\\\\").replace("&", "&amp;").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(plain) + '"'


def _quoted(text: str) -> str:
    """A name, in which nothing but the quote means anything, and a backslash before it."""
    return '"' + _plain(text).replace("\\", "/").replace('"', "'") + '"'


def _plain(text: str) -> str:
    """The text on one line, without letters that no program shows."""
    return " ".join(printable(text).split())
