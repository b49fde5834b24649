"""A figure of a network: its scene, and the files that can be written of it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from archspec import files
from archspec.analysis.result import Result
from archspec.diagnostics import ArchError
from archspec.elaborate.messages import on_one_line
from archspec.elaborate.options import plain
from archspec.figures.diagram import diagram
from archspec.figures.files import format_of, in_dots, style, without_places
from archspec.figures.messages import NARROWEST, WIDEST, no_diagram, wrong_width
from archspec.figures.scene import Scene
from archspec.support.takes import NUMBER, PATH, TEXT, takes

Width: TypeAlias = float | str | None
"""A width in points, or with its unit: ``"8.5cm"``."""
USUAL = "blocks"
POINTS = {"cm": 72 / 2.54, "mm": 72 / 25.4, "in": 72.0, "pt": 1.0}


class Figure:
    """A network, drawn."""

    def __init__(self, scene: Scene | Callable[[], Scene], result: Result | None = None) -> None:
        self._scene, self._result = scene, result

    @cached_property
    def scene(self) -> Scene:
        """Its boxes, lines and texts."""
        return self._scene() if callable(self._scene) else self._scene

    @cached_property
    def svg(self) -> str:
        """The text of an SVG file."""
        return str(self.written("svg"))

    @takes(ending=TEXT, dpi=NUMBER | None)
    def written(self, ending: str, dpi: float | None = None) -> str | bytes:
        """What a file with this ending holds; raises ArchError where there is no such format.

        ``dpi`` are the dots to the inch of a PNG, 300 where nothing is said.
        """
        if dpi is not None:
            return in_dots(ending).written(self.scene, plain(dpi))
        told = without_places(ending)
        if told is None:
            return format_of(ending).written(self.scene)
        if self._result is None:
            raise ArchError([no_diagram(ending)])
        return told.told(diagram(self._result))

    @takes(path=PATH, ending=TEXT | None, dpi=NUMBER | None)
    def save(self, path: str | os.PathLike[str], ending: str | None = None, dpi: float | None = None) -> Path:
        """Write a file, whole or not at all, in the format of its ending unless another is said; returns its path.

        ``dpi`` are the dots to the inch of a PNG. Raises ArchError where there is no such format, where a library that
        it needs is not installed, or where the file cannot be written.
        """
        file = Path(os.fsdecode(path))
        contents = self.written(file.suffix.removeprefix(".") if ending is None else ending, dpi)
        if isinstance(contents, str):
            files.write(file, contents)
        else:
            files.write_by(file, lambda beside: beside.write_bytes(contents))
        return file

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<figure of {self.scene.title}: {self.scene.width:.0f} x {self.scene.height:.0f} pt>"


def figure_of(result: Result, name: str = USUAL, width: Width = None) -> Figure:
    """The figure of a network in a style; raises ArchError where the style or the width is none, or it is too large."""
    return Figure(style(name).scene(result, points_of(width)), result)


def without_scene(result: Result) -> Figure:
    """A network for formats whose readers find the places, also where it is too large for a figure of ours."""
    return Figure(lambda: style(USUAL).scene(result, None), result)


def points_of(width: Width) -> float | None:
    """A width in points; raises ArchError where it is none."""
    if width is None:
        return None
    if isinstance(width, str):
        match = re.fullmatch(r"\s*(\d{1,5}(?:\.\d{1,5})?)\s*(cm|mm|in|pt)\s*", width)
        if match is None:
            raise ArchError([wrong_width(width)])
        found = float(match[1]) * POINTS[match[2]]
    else:
        found = plain(width)
    if not NARROWEST <= found <= WIDEST:
        raise ArchError(
            [wrong_width(on_one_line(width), f"from {NARROWEST:g} to {WIDEST:,.0f} points, 6 cm to a metre")]
        )
    return found
