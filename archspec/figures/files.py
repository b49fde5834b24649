"""The styles and formats that there are: a file each, found by its name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from archspec.analysis.result import Result
from archspec.diagnostics import ArchError
from archspec.figures import formats, styles
from archspec.figures.diagram import Diagram
from archspec.figures.messages import no_dots, unknown_format, unknown_style
from archspec.figures.scene import Scene


class Style(Protocol):
    """What a file of ``styles/`` holds."""

    def scene(self, result: Result, width: float | None) -> Scene:
        """The figure of a network, as wide as is asked for, in points; as wide as suits it where nothing is."""


class Format(Protocol):
    """What a file of ``formats/`` holds; its name is the ending of the files that it writes."""

    def written(self, scene: Scene) -> str | bytes:
        """The contents of a file."""


class Told(Protocol):
    """What the file of a format holds whose readers find the places themselves."""

    def told(self, diagram: Diagram) -> str:
        """The contents of a file."""


class Dots(Protocol):
    """What the file of a format holds that is made of dots, and says so by ``DPI``, how many there are to the inch."""

    DPI: float

    def written(self, scene: Scene, dpi: float) -> bytes:
        """The contents of a file with so many dots to the inch."""


@cache
def style_names() -> tuple[str, ...]:
    """The names of all styles."""
    return _names(styles.__path__)


@cache
def format_names() -> tuple[str, ...]:
    """The endings of all formats."""
    return _names(formats.__path__)


def style(name: str) -> Style:
    """The style of a name; raises ArchError where there is none."""
    if name not in style_names():
        raise ArchError([unknown_style(name, style_names())])
    return cast(Style, import_module(f"{styles.__name__}.{name}"))


def format_of(ending: str) -> Format:
    """The format of files that end so, ``svg``; raises ArchError where there is none."""
    name = ending.lower()
    if name not in format_names():
        raise ArchError([unknown_format(ending, format_names())])
    return cast(Format, import_module(f"{formats.__name__}.{name}"))


def without_places(ending: str) -> Told | None:
    """The format of files that end so, where it is one of nodes and edges without places; raises ArchError for none."""
    found = format_of(ending)
    return cast(Told, found) if hasattr(found, "told") else None


def in_dots(ending: str) -> Dots:
    """The format of files that end so, ``png``; raises ArchError where there is none, or none of dots."""
    found = format_of(ending)
    if not hasattr(found, "DPI"):
        raise ArchError([no_dots(ending)])
    return cast(Dots, found)


def _names(folders: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(module.name for module in iter_modules(folders) if not module.name.startswith("_")))
