"""Numbers that remember how they depend on the network's parameters.

A symbol is an ``int`` or a ``float`` with a text, so the rules of the ops run on it unchanged, and what they give
knows how to write itself: ``fc.in_features`` may come out as ``49 * width``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from archspec.expressions import tree_of
from archspec.ir import Arg, Value


class Parameter(NamedTuple):
    """A parameter of the network that emitted code keeps as an argument."""

    identifier: str
    kind: type
    default: int | float


class IntSymbol(int):
    """A whole number with the Python expression that gives it."""

    text: str

    def __new__(cls, value: int, text: str) -> IntSymbol:
        made = super().__new__(cls, value)
        made.text = text
        return made

    def __mul__(self, other: int) -> int:
        if other == 1:
            return self
        folded = re.fullmatch(r"(\d+) \* (\w+|\(.*\))", self.text)
        if folded and not isinstance(other, IntSymbol):
            return IntSymbol(int(self) * other, f"{int(folded[1]) * other} * {folded[2]}")
        return IntSymbol(int(self) * int(other), f"{_text(other)} * {_text(self)}")

    def __rmul__(self, other: int) -> int:
        return self * other

    def __add__(self, other: int) -> int:
        return IntSymbol(int(self) + int(other), f"{_text(self)} + {_text(other)}")

    def __radd__(self, other: int) -> int:
        return IntSymbol(int(self) + int(other), f"{_text(other)} + {_text(self)}")

    def __sub__(self, other: int) -> int:
        return IntSymbol(int(self) - int(other), f"{_text(self)} - {_text(other)}")

    def __floordiv__(self, other: int) -> int:
        return self if other == 1 else IntSymbol(int(self) // int(other), f"{_text(self)} // {_text(other)}")


class FloatSymbol(float):
    """A number that need not be whole, with the Python expression that gives it."""

    text: str

    def __new__(cls, value: float, text: str) -> FloatSymbol:
        made = super().__new__(cls, value)
        made.text = text
        return made


def symbol(arg: Arg, numeric: type, kept: Mapping[str, Parameter], values: Mapping[str, Value]) -> Any:
    """An argument as a symbol over the kept parameters; the others stand in it as their values.

    ``numeric`` is what the op takes, ``int`` or ``float``.
    """
    assert isinstance(arg.value, int | float)
    if not arg.names & set(kept):
        return arg.value
    tree = _Written(kept, values).visit(tree_of(arg.text or ""))
    if numeric is float:
        return FloatSymbol(float(arg.value), ast.unparse(tree))
    fractions = {parameter.identifier for parameter in kept.values() if parameter.kind is float}
    return IntSymbol(int(arg.value), _whole(tree, fractions))


def _whole(tree: ast.expr, fractions: set[str]) -> str:
    """The text of a number that comes out whole; a division is exact, so that whole sides need no rounding."""
    if _plain(tree, fractions):
        return ast.unparse(tree)
    match tree:
        case ast.BinOp(left, ast.Div(), right) if _plain(left, fractions) and _plain(right, fractions):
            return ast.unparse(ast.BinOp(left, ast.FloorDiv(), right))
    return f"round({ast.unparse(tree)})"


def _plain(tree: ast.expr, fractions: set[str]) -> bool:
    """Whether an expression is one of whole numbers without a division."""
    return not any(
        isinstance(node, ast.Div)
        or (isinstance(node, ast.Name) and node.id in fractions)
        or (isinstance(node, ast.Constant) and not isinstance(node.value, int))
        for node in ast.walk(tree)
    )


class _Written(ast.NodeTransformer):
    """Puts identifiers in the place of kept parameters, and values in the place of the others."""

    def __init__(self, kept: Mapping[str, Parameter], values: Mapping[str, Value]) -> None:
        self._kept, self._values = kept, values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._kept:
            return ast.Name(self._kept[node.id].identifier)
        value = self._values[node.id]
        assert isinstance(value, int | float)
        return ast.Constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))


def _text(value: int) -> str:
    if not isinstance(value, IntSymbol):
        return str(value)
    atom = not isinstance(ast.parse(value.text, mode="eval").body, ast.BinOp | ast.UnaryOp)
    return value.text if atom else f"({value.text})"
