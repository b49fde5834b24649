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


@explained("E1109")
def no_chain(span: Span | None, layer: str) -> Diagnostic:
    """The style `volumes` draws what layers make one after the other, as the figures of LeNet, AlexNet and VGG do.

    It has no place for rows that take what another row gives than the one above. Blocks are one volume each.
    """
    message = (
        f"the style `volumes` draws a chain of rows, and `{layer}` takes what another row gives than the one above"
    )
    return Diagnostic("E1109", message, span, "not in a chain", help="draw it by `--style blocks`")


@explained("E1110")
def too_many_volumes(span: Span | None, count: int, most: int) -> Diagnostic:
    """The style `volumes` draws a volume for each layer, and so many of them that they can be told apart."""
    message = f"the style `volumes` draws up to {most} volumes, and this network has {count:,}"
    return Diagnostic("E1110", message, span, help="draw it by `--style blocks`")
