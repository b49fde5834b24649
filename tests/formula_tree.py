"""A walk of the Python of a formula: it imports two modules, and names its parameters, its helpers and no more."""

from __future__ import annotations

import ast
from typing import Any

IMPORTS = {("fractions", "Fraction"), ("math", "ceil"), ("math", "floor")}
NAMES = {"Fraction", "ceil", "floor", "int", "str", "max", "min", "ValueError", "is_whole", "round_to"}
ATTRIBUTES = {"denominator"}


def strange(source: str) -> list[str]:
    """What it spells that no formula needs."""
    nodes = [*ast.walk(ast.parse(source))]
    imports = {(node.module, name.name) for node in nodes if isinstance(node, ast.ImportFrom) for name in node.names}
    imports |= {("", name.name) for node in nodes if isinstance(node, ast.Import) for name in node.names}
    own = {node.arg for node in nodes if isinstance(node, ast.arg)}
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    names = {node.id for node in nodes if isinstance(node, ast.Name)} - own - stored
    called = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    bound = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)} & NAMES
    found: list[set[Any]] = [
        imports - IMPORTS,
        (names - NAMES) | (stored & NAMES),
        called - NAMES,
        attributes - ATTRIBUTES,
        bound - {"is_whole", "round_to"},
    ]
    return [each for kind in found for each in sorted(map(str, kind))]
