"""What was counted of some settings of a sweep: columns, and why the others do not hold."""

from __future__ import annotations

from typing import Any, NamedTuple

from archspec.ir.network import Value


class Refusal(NamedTuple):
    """Why settings do not hold, as it is said of one of them."""

    code: str
    message: str


class Batch(NamedTuple):
    """Some settings in their order: those that hold as columns, and the others by their reasons."""

    number: int
    columns: dict[str, Any]
    """For each parameter and quantity an array."""
    refused: dict[Refusal, tuple[int, dict[str, Value]]]
    """How many are refused for a reason, and the first of them."""
    size: int
    """How many settings there were."""
    alone: int = 0
    """How many of them were counted one by one, as members that are read."""
    why: str = ""
    """Why they were."""


def as_written(value: Value) -> bool | int | float | str:
    """A value of a column: a size as text."""
    return "x".join(map(str, value)) if isinstance(value, tuple) else value
