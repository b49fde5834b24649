"""Numbers that remember how they depend on the network's parameters.

A symbol is an ``int`` or a ``float`` with a text, so the rules of the ops run on it unchanged, and what they give
knows how to write itself: ``fc.in_features`` may come out as ``49 * width``.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from itertools import pairwise
from typing import Any, NamedTuple

from archspec.expressions import evaluate, tree_of
from archspec.ir import Arg
from archspec.op import alike

MOST_WORDS = 24
"""How many names and numbers an expression in emitted code may have."""


class TooLong(Exception):
    """An expression has grown beyond what code should hold: a number takes its place."""

    def __init__(self, text: str) -> None:
        super().__init__("an expression is too long")
        self.text = text


class Decides(TooLong):
    """Arguments decide what the layers are, which code cannot ask: numbers take their place."""


class Sum(NamedTuple):
    """What a symbol is the sum of: a base, and one addend so many times."""

    base: int
    addend: int
    times: int


class IntSymbol(int):
    """A whole number with the Python expression that gives it."""

    text: str
    sum: Sum | None = None
    """Kept so that what is added again and again is written as a product."""
    less: tuple[IntSymbol, int] | None = None
    """The sides of the difference that it is, for when that is added again."""

    def __new__(cls, value: int, text: str) -> IntSymbol:
        if len(re.findall(r"[\w.]+", text)) > MOST_WORDS:
            raise TooLong(text)
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
        return added(self, other)

    def __radd__(self, other: int) -> int:
        if self.less is not None and alike(self.less[1], other):
            return self.less[0]
        return added(other, self)

    def __sub__(self, other: int) -> int:
        made = IntSymbol(int(self) - int(other), f"{_text(self)} - {_text(other)}")
        made.less = self, other
        return made

    def __floordiv__(self, other: int) -> int:
        return self if other == 1 else IntSymbol(int(self) // int(other), f"{_text(self)} // {_text(other)}")


def added(one: int, other: int) -> IntSymbol:
    """The sum of two numbers, of which one at least is a symbol; ``x + k`` and ``k`` once more is ``x + 2 * k``."""
    value = int(one) + int(other)
    for total, addend in ((one, other), (other, one)):
        known = total.sum if isinstance(total, IntSymbol) else None
        if known is None:
            continue
        if alike(known.addend, addend):
            return _summed(value, known._replace(times=known.times + 1))
        if known.times == 1 and alike(known.base, addend):
            return _summed(value, Sum(known.addend, addend, 2))
        if not isinstance(known.addend, IntSymbol) and not isinstance(addend, IntSymbol):
            return _summed(value, Sum(known.base, known.addend * known.times + addend, 1))
    return _summed(value, Sum(one, other, 1))


def _summed(value: int, parts: Sum) -> IntSymbol:
    """A sum as text: ``x + 2 * k``, ``x + 64``, and ``3 * k`` for ``2 * k`` and ``k``."""
    base, addend, times = parts
    multiple = re.fullmatch(rf"(?:(\d+) \* )?{re.escape(_text(addend))}", getattr(base, "text", ""))
    if isinstance(addend, IntSymbol) and multiple:
        text = f"{int(multiple[1] or 1) + times} * {_text(addend)}"
    elif isinstance(addend, IntSymbol):
        text = f"{_term(base)} + {f'{times} * {_text(addend)}' if times > 1 else _term(addend)}"
    else:
        text = f"{_term(base)} + {addend * times}"
    made = IntSymbol(value, text)
    made.sum = parts
    return made


OPERATIONS: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}


def computed(text: str, values: Mapping[str, Any]) -> int | None:
    """The value of an expression over other symbols, by their own arithmetic; None where it has more than that."""

    def value(node: ast.expr) -> int | None:
        if isinstance(node, ast.Name):
            found = values.get(node.id)
            return found if isinstance(found, int) else None
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            return node.value
        if not isinstance(node, ast.BinOp) or type(node.op) not in OPERATIONS:
            return None
        left, right = value(node.left), value(node.right)
        return None if left is None or right is None else OPERATIONS[type(node.op)](left, right)

    return value(ast.parse(text, mode="eval").body)


def series(values: Sequence[Any], index: str) -> Any:
    """One expression over an index for values that grow by the same amount each time, or None where there is none."""
    first, second = values[0], values[1]
    if all(alike(first, value) for value in values):
        return first
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return None
    amounts = {int(b) - int(a) for a, b in pairwise(values)}
    if len(amounts) > 1:
        return None
    if not any(isinstance(value, IntSymbol) for value in values):
        return IntSymbol(int(first), f"{first} + {second - first} * {index}")
    sums = [value.sum for value in values[1:] if isinstance(value, IntSymbol) and value.sum is not None]
    if len(sums) < len(values) - 1:
        return None
    addend = sums[0].addend
    grows = all(alike(one.base, two.base) and alike(addend, two.addend) for one, two in pairwise(sums))
    starts = alike(sums[0].base, first) or (
        isinstance(first, IntSymbol) and first.sum is not None and alike(first.sum.base, sums[0].base)
    )
    if not starts or (isinstance(addend, IntSymbol) and not grows):
        return None
    step = _text(addend) if isinstance(addend, IntSymbol) else str(amounts.pop())
    return IntSymbol(int(first), f"{getattr(first, 'text', first)} + {step} * {index}")


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
        return IntSymbol(int(value), _whole(tree, _fractions(self.values)))

    def condition(self, arg: Arg) -> str:
        """A condition as Python writes it."""
        return ast.unparse(_Written(self.values).visit(deepcopy(tree_of(arg.text or str(arg.value)))))


def _fractions(values: Mapping[str, Any]) -> set[str]:
    """The identifiers of what need not be whole."""
    found = [value.text for value in values.values() if isinstance(value, FloatSymbol)]
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
        case ast.Call(ast.Name("int" | "round_to")) | ast.UnaryOp(ast.USub(), ast.Call(ast.Name("int"))):
            return ast.unparse(tree)
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
        self._fractions = _fractions(values)

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
        if node.func.id in ("floor", "ceil"):
            match node.args[0]:
                case ast.BinOp(left, ast.Div(), right) if _plain(left, self._fractions) and _plain(
                    right, self._fractions
                ):
                    up = node.func.id == "ceil"
                    top = ast.UnaryOp(ast.USub(), left) if up else left
                    whole = ast.BinOp(top, ast.FloorDiv(), right)
                    return ast.UnaryOp(ast.USub(), whole) if up else whole
            # What is as near to a whole number as widths are written is one.
            inner = ast.unparse(ast.Call(ast.Name("round"), [node.args[0], ast.Constant(9)], []))
            text = f"int({inner} // 1)" if node.func.id == "floor" else f"-int(-{inner} // 1)"
            made: ast.expr = ast.parse(text, mode="eval").body
            return made
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


def _term(value: int) -> str:
    """A number as one of several that are added: a choice alone needs parentheses."""
    text = str(getattr(value, "text", value))
    return f"({text})" if isinstance(value, IntSymbol) and isinstance(tree_of(text), ast.IfExp) else text


def _text(value: int) -> str:
    if not isinstance(value, IntSymbol):
        return str(value)
    atom = not isinstance(ast.parse(value.text, mode="eval").body, ast.BinOp | ast.UnaryOp)
    return value.text if atom else f"({value.text})"
