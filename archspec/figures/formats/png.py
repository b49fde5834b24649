"""PNG, for slides and pages that take no SVG: so many dots to the inch, which the file says."""

from __future__ import annotations

from math import isfinite

from archspec.diagnostics import ArchError, Diagnostic, Said, Span, explained
from archspec.figures.formats._drawn import library, source
from archspec.figures.scene import Scene

INCH = 72
USUAL = 300
"""Dots to the inch, as printers ask for."""
MOST_DOTS = 50_000_000
"""Of one picture, which take 200 MB while it is made: those of two square metres at 120 to the inch."""


def written(scene: Scene, dpi: float = USUAL) -> bytes:
    """The bytes of a PNG file; raises ArchError where the dots are none or too many."""
    dots = scene.width * scene.height * (dpi / INCH) ** 2 if isfinite(dpi) and dpi > 0 else None
    if dots is None or not 1 <= dots <= MOST_DOTS:
        raise ArchError([wrong_dpi(dpi, scene)])
    made: bytes = library("a figure as PNG").svg_to_png(source(scene), ppi=dpi)
    return made


@explained("E1108")
def wrong_dpi(dpi: float, scene: Scene) -> Diagnostic:
    """A figure as PNG has a number of dots to the inch above zero, and not so many that the picture cannot be held."""
    most = int(INCH * (MOST_DOTS / (scene.width * scene.height)) ** 0.5)
    span = Span(Said("--dpi", said := f"{dpi:g}"), 1, 0, len(said))
    help = f"this figure takes up to {most:,} dots to the inch; an SVG or a PDF is sharp at any size"
    return Diagnostic("E1108", f"`{said}` dots to the inch are not a picture of this figure", span, help=help)
