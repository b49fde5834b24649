"""The targets: a file each, for a reader or a writer. Whoever adds one of these adds a file here."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol, cast

from fuzz.choices import Choices


class Target(Protocol):
    """What a file of this folder holds. Its docstring says what is asked."""

    NEEDS: tuple[str, ...]
    """The libraries without which there is nothing to ask."""

    def given(self, pen: Choices) -> Any:
        """What is asked about, as somebody would write it down."""

    def ask(self, given: Any) -> object:
        """Ask; raises ArchError with diagnostics, and Wrong where a result is none."""


@cache
def names() -> tuple[str, ...]:
    """The names of all targets."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def target(name: str) -> Target:
    """The target of a name."""
    return cast(Target, import_module(f"{__name__}.{name}"))


def lacking(name: str) -> list[str]:
    """The libraries that a target needs and that are not installed."""
    return [library for library in target(name).NEEDS if find_spec(library) is None]
