"""The entries of all operations, by their names in ATen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Rule = Callable[..., Any]
"""Takes the graph that is made and the arguments of the operation by their names in ATen, the first as ``x``, and gives
the value of the operation, or several. What it calls a ``Value`` is a tensor of the network, and no weight."""
F = TypeVar("F", bound=Rule)
RULES: dict[str, Rule] = {}
CHANNELS: dict[str, int] = {}
"""The dimension that an operation takes for the channels, where it takes one of every tensor of its kind."""


def rule(*names: str, channels: int | None = None) -> Callable[[F], F]:
    """An entry for operations of these names, of all their overloads and in place as well."""

    def enter(function: F) -> F:
        for name in names:
            assert name not in RULES, name
            RULES[name] = function
            if channels is not None:
                CHANNELS[name] = channels
        return function

    return enter
