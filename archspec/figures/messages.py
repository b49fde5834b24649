"""What is said of a figure that cannot be drawn."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.diagnostics import Diagnostic, Span, explained, text_span
from archspec.naming import closest

NARROWEST, WIDEST = 170.0, 3000.0
"""In points: 6 cm, in which text of 7 points just stands, and a metre."""


@explained("E1101")
def unknown_style(name: str, known: Sequence[str]) -> Diagnostic:
    """`draw` is asked for a style that it does not have."""
    return _unknown("E1101", "--style", "style", name, known)


@explained("E1102")
def unknown_format(ending: str, known: Sequence[str]) -> Diagnostic:
    """A figure is to be written to a file whose name ends in no format that archspec writes."""
    if not ending:
        help = f"give `-o` an ending: {', '.join(f'.{each}' for each in known)}"
        return Diagnostic("E1102", "the name of the file does not say in which format", help=help)
    return _unknown("E1102", "format", "format", ending, known)


@explained("E1103")
def wrong_width(said: str, why: str = "a width") -> Diagnostic:
    """The width of a figure is a number with its unit, `8.5cm`, and leaves room for a figure."""
    message = f"`{said}` is not {why}"
    help = "write `--width 8.5cm` for a column, `--width 17cm` for a page; units are cm, mm, in and pt"
    return Diagnostic("E1103", message, text_span("--width", said), "not a width", help=help)


@explained("E1104")
def too_large(span: Span | None, what: str, most: int, help: str) -> Diagnostic:
    """A figure would have more parts than anyone could read, so that it is not drawn.

    Rows that repeat are drawn once where the table has them as a repetition, `x 20`, or as a block.
    """
    return Diagnostic("E1104", "this figure is too large", span, notes=(f"more than {most:,} {what}",), help=help)


def too_wide(span: Span | None, name: str, needs: float, what: str = "its blocks") -> Diagnostic:
    """E1104 for what is wider than the figure may be."""
    help = f"`{name}` takes `--width {needs / 72 * 2.54 + 0.1:.1f}cm`"
    if needs > WIDEST - 10:
        help = f"`{name}` is wider than {WIDEST:,.0f} points: write its branches as blocks of their own"
    return Diagnostic("E1104", f"this figure is too narrow for {what}", span, help=help)


@explained("E1105")
def nothing_to_draw(span: Span | None, style: str, why: str, help: str) -> Diagnostic:
    """A network has nothing of what a style draws."""
    return Diagnostic("E1105", f"the style `{style}` does not fit this network: {why}", span, help=help)


@explained("E1110")
def not_installed(what: str) -> Diagnostic:
    """Figures as PDF and PNG need vl-convert-python, which archspec does not install by itself.

    SVG and TeX need nothing, and pdflatex makes a PDF of the latter.
    """
    return Diagnostic("E1110", f"{what} needs vl-convert-python", help="pip install 'archspec-nn[figures]'")


@explained("E1111")
def wrong_dpi(said: str, most: int) -> Diagnostic:
    """A figure as PNG has a number of dots to the inch above zero, and not so many that the picture cannot be held."""
    span = text_span("--dpi", said)
    help = f"this figure takes up to {most:,} dots to the inch; an SVG or a PDF is sharp at any size"
    return Diagnostic("E1111", f"`{said}` dots to the inch make no picture of this figure", span, help=help)


@explained("E1112")
def no_dots(ending: str) -> Diagnostic:
    """Dots to the inch are said of a format that has none: SVG, PDF and TeX are sharp at any size."""
    return Diagnostic("E1112", f"`{ending}` has no dots", help="leave out `--dpi`, or write a `.png`")


@explained("E1113")
def no_diagram(ending: str) -> Diagnostic:
    """Graphviz and Mermaid take nodes and edges of one network; two side by side are a figure with places."""
    help = "write a `.svg`, or draw the networks one by one"
    return Diagnostic("E1113", f"`{ending}` holds one network, and these are two side by side", help=help)


def _unknown(code: str, option: str, kind: str, name: str, known: Sequence[str]) -> Diagnostic:
    near = closest(name, known)
    help = f"did you mean `{near}`?" if near else f"there are {', '.join(known)}"
    span = text_span(option, name)
    return Diagnostic(code, f"there is no {kind} `{name}`", span, f"no {kind}", help=help)
