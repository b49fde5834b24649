"""What torch has as a function stands in ``forward`` as that: ``left, right = x.chunk(2, dim=1)``, ``0.17 * y``.

Layers at the ends of a branch or of a row can, as ``forward`` calls what is between them; within one they are modules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from archspec.expressions import Name
from archspec.expressions.symbols import Symbol
from archspec.recipe.part import Code
from archspec.targets.torch.items import Item, Leaf
from archspec.targets.torch.layout import assignment, flat, literal, split
from archspec.targets.torch.names import Names


class Lifted(NamedTuple):
    """Items without those at both ends that are functions."""

    before: Sequence[Leaf]
    items: Sequence[Item]
    after: Sequence[Leaf]


def lifted(items: Sequence[Item]) -> Lifted:
    """Items, those at their ends apart that are functions."""
    start = next((i for i, item in enumerate(items) if not _is_function(item)), len(items))
    stop = next((i for i in range(len(items), start, -1) if not _is_function(items[i - 1])), start)
    return Lifted(_leaves(items[:start]), items[start:stop], _leaves(items[stop:]))


def share_of(leaf: Leaf) -> tuple[int, int] | None:
    """Which of how many equal parts of the channels a layer takes, where both are numbers."""
    found = leaf.op.share(leaf.call.args)
    return found if found is not None and all(type(number) is int for number in found) else None


class Applied:
    """Writes functions, and keeps what their arguments are where that is not a number, as attributes of the module."""

    def __init__(self, names: Names, indent: int) -> None:
        self._names, self._indent = names, indent
        self._kept: dict[str, str] = {}
        self._attributes: list[str] = []

    def to(self, operand: str, leaves: Sequence[Leaf]) -> str:
        """Functions of an operand, the first of them first."""
        for leaf in leaves:
            values = {name: self._value(name, value) for name, value in leaf.call.args.items()}
            text = leaf.op.function(atom(operand), values)
            assert text is not None
            operand = text
        return operand

    def attributes(self) -> list[str]:
        """The attributes that are new since they were asked for."""
        found, self._attributes = self._attributes, []
        return found

    def _value(self, name: str, value: Any) -> Any:
        if not isinstance(value, Symbol | Code):
            return value
        text = flat(literal(value))
        if text not in self._kept:
            called = text if isinstance(value, Symbol) and isinstance(value.code, Name) else name
            self._kept[text] = self._names.identifier(called)
            attribute = f"self.{self._kept[text]}"
            if isinstance(value, Symbol):
                self._attributes += assignment(attribute, value.code, self._indent)
            else:
                self._attributes.append(f"{' ' * self._indent}{attribute} = {text}")
        return Code(f"self.{self._kept[text]}")


def atom(text: str) -> str:
    """An expression in brackets, unless it binds as tightly as a name."""
    return f"({text})" if text.startswith("-") or len([*split(text, " ")]) > 1 else text


def _is_function(item: Item) -> bool:
    if not isinstance(item, Leaf) or item.called:
        return False
    values: Mapping[str, Any] = {n: v if type(v) in (int, float) else Code("v") for n, v in item.call.args.items()}
    return item.op.function("x", values) is not None


def _leaves(items: Sequence[Item]) -> list[Leaf]:
    return [item for item in items if isinstance(item, Leaf)]
