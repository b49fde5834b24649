"""What every node of the IR is, and its arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeAlias, dataclass_transform, get_args

from archspec.diagnostics import Span
from archspec.expressions import Expression
from archspec.expressions.tree import NO_NAMES
from archspec.support.frozen import Frozen, keyword

IN = "in"
"""The name, in expressions, of the number of channels that enter the row or the block."""
Value: TypeAlias = bool | int | float | str | tuple[int, ...]
"""What a parameter or an argument may hold; a tuple is a size."""


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(keyword,))
class Node(Frozen):
    """A part of the IR, and where it was written. Its fields are given by name."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = {"extra": "forbid", "allow_inf_nan": False}

    span: Any = keyword(default=None)

    @property
    def place(self) -> Span | None:
        """Where it was written; None for a network that came from JSON."""
        place: Span | None = self.span
        return place


class AsText:
    """Tells Pydantic that JSON holds an expression as its text."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from archspec.expressions.read import read

        return {"type": "function-after", "function": {"type": "no-info", "function": read}, "schema": {"type": "str"}}


class ByKind:
    """Tells Pydantic that ``kind`` says which node some JSON is: to try each would double the work at every depth."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        choices = {node._defaults["kind"]: handler.generate_schema(node) for node in get_args(source)}
        return {"type": "tagged-union", "discriminator": "kind", "choices": choices}


EXPRESSION, TEXT = "expression", "text"


def _key(name: str) -> str:
    """What a field of an argument is called in JSON, where an expression is a text."""
    return TEXT if name == EXPRESSION else name


class Arg(Node):
    """An argument: its value, and its expression where that depends on parameters.

    The value is None where it depends on what is known only where a block is used: its own parameters, and ``in``.
    """

    __pydantic_config__: ClassVar[Mapping[str, Any]] = {**Node.__pydantic_config__, "alias_generator": _key}

    value: Value | None
    expression: Annotated[Expression, AsText()] | None = None

    @property
    def text(self) -> str | None:
        """The expression as a spec writes it."""
        return None if self.expression is None else str(self.expression)

    @property
    def known(self) -> Value:
        """The value, where it is known that it is known."""
        assert self.value is not None
        return self.value

    @property
    def names(self) -> frozenset[str]:
        """The parameters that it depends on."""
        return self.expression.names if self.expression is not None else NO_NAMES
