"""Diagnostics for other programs: a file each, whose name is the format and whose `written` is its text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple, Protocol, cast

from archspec.diagnostics import Diagnostic, Said, Span

__all__ = ["Found", "formats", "lines_of", "place", "written"]


class Found(NamedTuple):
    """A diagnostic of a spec."""

    spec: str
    """The file of the spec; empty where the command line is wrong."""
    diagnostic: Diagnostic


class Format(Protocol):
    """What a file of this folder holds."""

    def written(self, found: Sequence[Found], version: str) -> str:
        """The diagnostics as text; ``version`` is that of archspec."""


@cache
def formats() -> tuple[str, ...]:
    """The names of all formats."""
    return tuple(sorted(module.name for module in iter_modules(__path__)))


def written(form: str, found: Sequence[Found], version: str) -> str:
    """Diagnostics in a format, each once."""
    return cast(Format, import_module(f"{__name__}.{form}")).written([*dict.fromkeys(found)], version)


def place(found: Found) -> Span | str | None:
    """Where a diagnostic stands: characters of a file, a file, or none."""
    span = found.diagnostic.span
    if span is not None and not isinstance(span.source, Said):
        return None if _is_no_file(span.source.name) else span
    return None if not found.spec or _is_no_file(found.spec) else found.spec


def lines_of(diagnostic: Diagnostic) -> list[str]:
    """What a diagnostic says below its message: what is underlined, the arithmetic, the mends."""
    text = diagnostic.span.text.strip() if diagnostic.span else ""
    at = [f"{text}: {diagnostic.label}"] if text and diagnostic.label else []
    helps = (*diagnostic.mends, *[diagnostic.help or ""] * bool(diagnostic.help))
    return [*at, *diagnostic.notes, *(f"help: {help}" for help in helps)]


def _is_no_file(name: str) -> bool:
    """Whether a text was read from elsewhere: ``<stdin>``."""
    return name == "-" or name.startswith("<")
