"""What is said of figures that have no value; its docstrings are what `archspec explain` prints."""

from __future__ import annotations

from collections.abc import Collection

from archspec.diagnostics import Diagnostic, Span, explained
from archspec.ir.figure import Figure
from archspec.naming import listed


@explained("E0312")
def open_names(span: Span | None, names: Collection[str], known: Collection[str]) -> Diagnostic:
    """Arithmetic of a claim depends on names that are not parameters of the network and do not cancel.

    `49*C^2 / (27*C^2)` is 49/27 for every C. `49*C^2` is a number where `C` is a parameter that is one, and else none.
    """
    listed_names = listed(sorted(names))
    message = f"this depends on {listed_names}"
    there = f"the network has {listed(sorted(known))}" if known else "the network has no parameters"
    help = "write numbers, or names that cancel"
    return Diagnostic("E0312", message, span, "no number", notes=(there,), help=help)


def no_value(span: Span | None, why: str) -> Diagnostic:
    """E0312 for arithmetic that comes to nothing."""
    return Diagnostic("E0312", f"this has no value: {why}", span, "no number")


@explained("E0313")
def no_such_layer(span: Span | None, text: str, known: Collection[str]) -> Diagnostic:
    """A claim is about a share of layers of which the network has none: of this kind, with these arguments."""
    message = f"the network has no such layer: `{text}`"
    return Diagnostic("E0313", message, span, "no layer", help=f"there is {listed(known)}" if known else None)


@explained("E0314")
def other_fails(span: Span | None, figure: Figure, cause: Diagnostic) -> Diagnostic:
    """The network that a claim compares this one with does not hold, or a family is named without a variant."""
    why = f"{cause.code} at {cause.span}: {cause.message}" if cause.span else f"{cause.code}: {cause.message}"
    notes = (why, *cause.notes)
    message = f"`{figure.text}` has no network to compare with"
    return Diagnostic("E0314", message, span, "compared here", notes=notes, help=cause.help)


def not_there(span: Span | None, file: str) -> Diagnostic:
    """E0314 for a file that could not be read with the network: it came from a text, which has no folder."""
    message = f"this figure is not checked: a text has no folder in which `{file}` is"
    return Diagnostic("E0314", message, span, "named here", help="load it from a file", severity="warning")
