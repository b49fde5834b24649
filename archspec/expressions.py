"""The text of an expression over parameters, as the IR keeps it: its names, and its tree for who writes it anew."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast

TOKEN = re.compile(r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)|(?P<name>[^\W\d]\w*)")


def names_in(text: str) -> frozenset[str]:
    """The parameters that a text names."""
    return frozenset(match["name"] for match in TOKEN.finditer(text) if match["name"])


def tree_of(text: str) -> ast.expr:
    """The tree of a text, by Python's own rules; raises SyntaxError for what is no expression.

    A parameter may have a name that Python reads otherwise, such as `class` or one of its look-alikes, so names are
    numbered while Python reads.
    """
    import ast

    names: list[str] = []

    def numbered(match: re.Match[str]) -> str:
        if match["number"]:
            return match[0]
        names.append(match[0])
        return f"_{len(names) - 1}"

    tree = ast.parse(TOKEN.sub(numbered, text), mode="eval").body
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = names[int(node.id[1:])]
    return tree
