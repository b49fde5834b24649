"""What is said of a figure that cannot be written in a format."""

from __future__ import annotations

from archspec.diagnostics import Diagnostic, Said, Span, explained


@explained("E1107")
def not_installed(what: str) -> Diagnostic:
    """Figures as PDF and PNG need vl-convert-python, which archspec does not install by itself.

    SVG and TeX need nothing, and pdflatex makes a PDF of the latter.
    """
    return Diagnostic("E1107", f"{what} needs vl-convert-python", help="pip install 'archspec-nn[figures]'")


@explained("E1108")
def wrong_dpi(dpi: float, most: int) -> Diagnostic:
    """A figure as PNG has a number of dots to the inch above zero, and not so many that the picture cannot be held."""
    span = Span(Said("--dpi", said := f"{dpi:g}"), 1, 0, len(said))
    help = f"this figure takes up to {most:,} dots to the inch; an SVG or a PDF is sharp at any size"
    return Diagnostic("E1108", f"`{said}` dots to the inch make no picture of this figure", span, help=help)
