"""Numbers that remember how they depend on the network's parameters.

A symbol is an ``int`` or a ``float`` with a text, so the rules of the ops run on it unchanged, and what they give
knows how to write itself: ``fc.in_features`` may come out as ``49 * width``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, NamedTuple

from archspec.expressions import evaluate, tree_of
from archspec.ir import Arg
from archspec.op import alike


class Parameter(NamedTuple):
    """A parameter of the network that emitted code keeps as an argument."""

    identifier: str
    kind: type
    default: int | float


class IntSymbol(int):
    """A whole number with the Python expression that gives it."""

    text: str
    less: tuple[IntSymbol, int] | None = None
    """The sides of the difference that it is, for when that is added again."""

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
        if self.less is not None and alike(self.less[1], other):
            return self.less[0]
        return IntSymbol(int(self) + int(other), f"{_text(self)} + {_text(other)}")

    def __radd__(self, other: int) -> int:
        if self.less is not None and alike(self.less[1], other):
            return self.less[0]
        return IntSymbol(int(self) + int(other), f"{_text(other)} + {_text(self)}")

    def __sub__(self, other: int) -> int:
        made = IntSymbol(int(self) - int(other), f"{_text(self)} - {_text(other)}")
        made.less = self, other
        return made

    def __floordiv__(self, other: int) -> int:
        return self if other == 1 else IntSymbol(int(self) // int(other), f"{_text(self)} // {_text(other)}")


class FloatSymbol(float):
    """A number that need not be whole, with the Python expression that gives it."""

    text: str

    def __new__(cls, value: float, text: str) -> FloatSymbol:
        made = super().__new__(cls, value)
        made.text = text
        return made


class Bindings(NamedTuple):
    """What the names of expressions stand for here: values, of which some are symbols."""

    values: Mapping[str, Any]

    def depends(self, arg: Arg) -> bool:
        """Whether an argument depends on a symbol."""
        return any(hasattr(self.values.get(name), "text") for name in arg.names)

    def plain(self) -> dict[str, Any]:
        """The values without their texts."""
        return {name: _bare(value) for name, value in self.values.items()}

    def symbol(self, arg: Arg, value: Any, numeric: type) -> Any:
        """The value of an argument as a symbol, where it depends on one. ``numeric`` is what takes it."""
        if not self.depends(arg):
            return value
        tree = _Written(self.values).visit(deepcopy(tree_of(arg.text or "")))
        if isinstance(tree, ast.Constant) and not isinstance(tree.value, str):
            return value
        if numeric is float:
            return FloatSymbol(float(value), ast.unparse(tree))
        return IntSymbol(int(value), _whole(tree, self._fractions()))

    def condition(self, arg: Arg) -> str:
        """A condition as Python writes it."""
        return ast.unparse(_Written(self.values).visit(deepcopy(tree_of(arg.text or str(arg.value)))))

    def _fractions(self) -> set[str]:
        """The identifiers of what need not be whole."""
        found = [value.text for value in self.values.values() if isinstance(value, FloatSymbol)]
        return {name for text in found for name in re.findall(r"[^\W\d]\w*", text)}


def _bare(value: Any) -> Any:
    if isinstance(value, IntSymbol):
        return int(value)
    return float(value) if isinstance(value, FloatSymbol) else value


def _whole(tree: ast.expr, fractions: set[str]) -> str:
    """The text of a number that comes out whole; a division is exact, so that whole sides need no rounding."""
    if _plain(tree, fractions):
        return ast.unparse(tree)
    match tree:
        case ast.BinOp(left, ast.Div(), right) if _plain(left, fractions) and _plain(right, fractions):
            return ast.unparse(ast.BinOp(left, ast.FloorDiv(), right))
        case ast.IfExp(test, body, orelse):
            return f"({_whole(body, fractions)} if {ast.unparse(test)} else {_whole(orelse, fractions)})"
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
    """Puts the texts of symbols in the place of their names, and values in the place of the others."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        value = self._values[node.id]
        if hasattr(value, "text"):
            found: ast.expr = ast.parse(value.text, mode="eval").body
            return found
        if isinstance(value, bool | str):
            return ast.Constant(value)
        return ast.Constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        self.generic_visit(node)
        decided = _decided(node.test)
        return node if decided is None else node.body if decided else node.orelse

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        if ast.dump(node.left) == ast.dump(node.comparators[0]):
            return ast.Constant(isinstance(node.ops[0], ast.Eq | ast.LtE | ast.GtE))
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        inner = node.operand
        if isinstance(node.op, ast.Not) and isinstance(inner, ast.Compare):
            return ast.Compare(inner.left, [_OPPOSITE[type(inner.ops[0])]()], inner.comparators)
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        self.generic_visit(node)
        either = isinstance(node.op, ast.Or)
        decided = [_decided(value) for value in node.values]
        if either in decided:
            return ast.Constant(either)
        open_ = [value for value, known in zip(node.values, decided, strict=True) if known is None]
        if not open_:
            return ast.Constant(not either)
        return open_[0] if len(open_) == 1 else ast.BoolOp(node.op, open_)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        node.args = [self.visit(arg) for arg in node.args]
        assert isinstance(node.func, ast.Name)
        if node.func.id in ("floor", "ceil"):  # what is as near to a whole number as widths are written is one
            inner = ast.unparse(ast.Call(ast.Name("round"), [node.args[0], ast.Constant(9)], []))
            text = f"int({inner} // 1)" if node.func.id == "floor" else f"-int(-{inner} // 1)"
            return ast.parse(text, mode="eval").body
        return node


_OPPOSITE: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
}


def _decided(node: ast.expr) -> bool | None:
    """What a condition without names comes to."""
    if any(isinstance(part, ast.Name) for part in ast.walk(node)):
        return None
    return bool(evaluate(ast.unparse(node), {}))


def _text(value: int) -> str:
    if not isinstance(value, IntSymbol):
        return str(value)
    atom = not isinstance(ast.parse(value.text, mode="eval").body, ast.BinOp | ast.UnaryOp)
    return value.text if atom else f"({value.text})"
