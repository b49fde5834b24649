"""PDF: text is text, in fonts that the file holds, as publishers demand; the same figure has the same bytes."""

from __future__ import annotations

from archspec.figures.formats._drawn import library, source
from archspec.figures.formats._pdf_objects import in_order
from archspec.figures.scene import Scene


def written(scene: Scene) -> bytes:
    """The bytes of a PDF file of one page, which is as large as the figure."""
    return in_order(library("a figure as PDF").svg_to_pdf(source(scene)), scene.title)
