"""What every node of the IR is, and its arguments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from archspec.diagnostics import Span
from archspec.expressions import names_in

Value: TypeAlias = bool | int | float | str | tuple[int, ...]
"""What a parameter or an argument may hold; a tuple is a size."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A part of the IR, and where it was written."""

    __pydantic_config__ = {"extra": "forbid", "allow_inf_nan": False}  # noqa: RUF012

    span: Any = field(default=None, compare=False, repr=False)

    @property
    def place(self) -> Span | None:
        """Where it was written; None for a network that came from JSON."""
        return self.span if isinstance(self.span, Span) else None


@dataclass(frozen=True, kw_only=True)
class Arg(Node):
    """An argument: its value, and its text where that depends on parameters.

    The value is None where it depends on what is known only where a block is used: its own parameters, and ``in``.
    """

    value: Value | None
    text: str | None = None

    @property
    def known(self) -> Value:
        """The value, where it is known that it is known."""
        assert self.value is not None
        return self.value

    @property
    def names(self) -> frozenset[str]:
        """The parameters that it depends on."""
        return names_in(self.text) if self.text is not None else frozenset()
