"""PNG, for slides and pages that take no SVG: so many dots to the inch, which the file says."""

from __future__ import annotations

from math import isfinite

from archspec.diagnostics import ArchError
from archspec.figures.formats._drawn import library, source
from archspec.figures.messages import wrong_dpi
from archspec.figures.scene import Scene

INCH = 72
DPI = 300
"""Dots to the inch, as printers ask for."""
MOST_DOTS = 50_000_000
"""Of one picture, which take 200 MB while it is made: those of two square metres at 120 to the inch."""


def written(scene: Scene, dpi: float = DPI) -> bytes:
    """The bytes of a PNG file; raises ArchError where the dots are none or too many."""
    area = scene.width * scene.height / INCH**2
    seen = isfinite(dpi) and min(scene.width, scene.height) * dpi >= INCH  # one dot, at least
    if not seen or area * dpi * dpi > MOST_DOTS:
        raise ArchError([wrong_dpi(f"{dpi:g}", int((MOST_DOTS / area) ** 0.5))])
    made: bytes = library("a figure as PNG").svg_to_png(source(scene), ppi=dpi)
    return made
