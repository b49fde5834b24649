"""The targets: a file each, for a reader or a writer. Whoever adds one of these adds a file here."""

from __future__ import annotations

import ast
import pkgutil
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
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


def needs(name: str) -> tuple[str, ...]:
    """The libraries that a target needs, which is not imported for that."""
    spec = find_spec(f"{__name__}.{name}")
    assert spec is not None
    assert spec.origin is not None
    body = ast.parse(Path(spec.origin).read_text("utf-8")).body
    return next(ast.literal_eval(node.value) for node in body if isinstance(node, ast.AnnAssign) and node.value)


def target(name: str) -> Target:
    """The target of a name."""
    return cast(Target, import_module(f"{__name__}.{name}"))


def lacking(name: str) -> list[str]:
    """The libraries that a target needs and that are not installed."""
    return [library for library in needs(name) if find_spec(library) is None]
