"""The commands: a file each. Its docstring says what it is for, ``arguments`` what it takes, ``run`` does it.

A command is imported when it is asked for, and with it what it needs; of the others the docstrings are read alone.
"""

from __future__ import annotations

import ast
import pkgutil
from argparse import ArgumentParser, Namespace
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from keyword import iskeyword
from typing import Protocol, cast

__all__ = ["Command", "command", "help_of", "names"]

FIRST = ("compile", "count", "check")
"""What a reader of the help should meet first."""


class Command(Protocol):
    """What a file of this folder holds, but for ``shared`` and those whose names begin with an underscore."""

    EACH_SPEC: bool
    """Whether it takes many specs, each of which is a request of its own."""

    def arguments(self, parser: ArgumentParser) -> None:
        """Add what the command takes."""

    def run(self, args: Namespace) -> int:
        """Do it; returns the exit code."""


@cache
def names() -> tuple[str, ...]:
    """The names of all commands."""
    modules = (module.name for module in pkgutil.iter_modules(__path__))
    found = [name.removesuffix("_") for name in modules if name != "shared" and not name.startswith("_")]
    return tuple(sorted(found, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name)))


def command(name: str) -> Command:
    """The command of a name."""
    return cast(Command, import_module(_module(name)))


def help_of(name: str) -> str:
    """What a command is for, in one line, without importing it."""
    spec = find_spec(_module(name))
    read = getattr(spec and spec.loader, "get_source", lambda name: "")
    line = (ast.get_docstring(ast.parse(read(_module(name)) or "")) or "").partition("\n")[0]
    return line[:1].lower() + line[1:].rstrip(".")


def _module(name: str) -> str:
    """The file of a command, which ends in ``_`` where its name is a word of Python's."""
    return f"{__name__}.{name}_" if iskeyword(name) else f"{__name__}.{name}"
