"""A figure of a network: its scene, and the files that can be written of it."""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from archspec import files
from archspec.analysis.result import Result
from archspec.diagnostics import ArchError
from archspec.figures.files import format_of, style
from archspec.figures.messages import NARROWEST, WIDEST, wrong_width
from archspec.figures.scene import Scene

Width: TypeAlias = float | str | None
"""A width in points, or with its unit: ``"8.5cm"``."""
USUAL = "blocks"
POINTS = {"cm": 72 / 2.54, "mm": 72 / 25.4, "in": 72.0, "pt": 1.0}


class Figure:
    """A network, drawn."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        """Its boxes, lines and texts."""

    @cached_property
    def svg(self) -> str:
        """The text of an SVG file."""
        return str(self.written("svg"))

    def written(self, ending: str) -> str | bytes:
        """What a file with this ending holds; raises ArchError where there is no such format."""
        return format_of(ending).written(self.scene)

    def save(self, path: str | os.PathLike[str], ending: str | None = None) -> Path:
        """Write a file, whole or not at all, in the format of its ending unless another is said; returns its path.

        Raises ArchError where there is no such format, or where the file cannot be written.
        """
        file = Path(path)
        contents = self.written(file.suffix.removeprefix(".") if ending is None else ending)
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
    return Figure(style(name).scene(result, points_of(width)))


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
        found = float(width)
    if not NARROWEST <= found <= WIDEST:
        raise ArchError([wrong_width(str(width), f"from {NARROWEST:g} to {WIDEST:,.0f} points, 6 cm to a metre")])
    return found
