"""The classes of emitted code as text: those that nothing uses, and those that differ in their names alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator


def dead(tree: ast.Module) -> list[str]:
    """The classes that making the network does not need."""
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    needed: set[str] = set()
    open_: list[ast.AST] = [node for node in tree.body if not isinstance(node, ast.ClassDef)]
    while open_:
        names = {node.id for node in ast.walk(open_.pop()) if isinstance(node, ast.Name)}
        found = names & classes.keys() - needed
        needed |= found
        open_ += [classes[name] for name in found]
    return [name for name in classes if name not in needed]


def twins(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Classes that read the same; two blocks of a spec that say the same are two all the same."""
    first: dict[str, ast.ClassDef] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            other = first.setdefault(_body(node), node)
            if other is not node and _block(other) == _block(node):
                yield other.name, node.name


def _body(node: ast.ClassDef) -> str:
    """The class without its name and its docstring."""
    first = node.body[0]
    said = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    parts = [*node.bases, *node.body[1 if said else 0 :]]
    return "\n".join(ast.dump(part) for part in parts).replace(f"'{node.name}'", "'itself'")


def _block(node: ast.ClassDef) -> str:
    """The name of the block that a class is made of, by its docstring; empty where it is none."""
    found = re.match(r"Block `(\w+)", ast.get_docstring(node) or "")
    return found[1] if found else ""
