"""The leaves of expressions as values that can be compared with those that are fixed in a block."""

from __future__ import annotations

from typing import Any, NamedTuple

from archspec.expressions import Expression, Name, Number, Quoted, Size, Truth, constant
from archspec.ir.network import Block
from archspec.ir.node import Value


class Open(NamedTuple):
    """A parameter that is not fixed."""

    name: str


def stands_for(block: Block, name: str, value: Any) -> bool:
    """Whether a parameter of a block has a value there."""
    if name in block.fixed:
        return type(block.fixed[name]) is type(value) and block.fixed[name] == value
    return name in block.parameters and value == Open(name)


def value_of(tree: Expression) -> Any:
    """What a leaf of an expression is, as values are compared."""
    if isinstance(tree, Name):
        return Open(tree.id)
    if isinstance(tree, Size) and all(isinstance(side, Number) for side in tree.sides):
        return tuple(side.value for side in tree.sides if isinstance(side, Number))
    if isinstance(tree, Truth | Number):
        return tree.value
    return tree.word if isinstance(tree, Quoted) else None


def constant_of(value: Value) -> Expression:
    """The expression that has a value, which may be a size."""
    return Size(tuple(map(Number, value))) if isinstance(value, tuple) else constant(value)


def with_parts(tree: Expression, parts: Any) -> Expression:
    """The node with other parts, which come in the order of its own."""
    fields: dict[str, Any] = {}
    names: tuple[str, ...] = tree.__match_args__
    for name in names:
        value = getattr(tree, name)
        if isinstance(value, Expression):
            fields[name] = next(parts)
        elif isinstance(value, tuple):
            fields[name] = tuple(next(parts) for _ in value)
        else:
            fields[name] = value
    return type(tree)(**fields)
