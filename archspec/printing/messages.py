"""What is said of networks that a text does not hold, wholly or at all."""

from __future__ import annotations

from archspec.diagnostics import Diagnostic, explained


@explained("E0415")
def no_text(name: str, what: str, why: str) -> Diagnostic:
    """A network, most likely one from JSON, has a part for which the language has no words, so that no text holds it.

    A title with quotes in it is such a part, a row with a bar in its name, or steps that no cell stands for.
    `archspec ir SPEC` prints any network as JSON.
    """
    message = f"`{name}` cannot be written as a spec: {what}"
    return Diagnostic("E0415", message, notes=(why,), help="`archspec ir SPEC` prints it as JSON")


@explained("E0416")
def not_all(name: str, parts: list[str]) -> Diagnostic:
    """What a text holds of a network is not all that its spec says.

    Claims about other variants of a family, or about other values of a parameter that decides which layers there are,
    cannot be checked in the text of one network. Neither can weights from another variant, cells that are
    printed wrong where other cells of the table refuse them or stand in the same row, nor printed figures where
    parameters or the input are set.
    """
    message = f"the text of `{name}` is without {', '.join(parts)}"
    return Diagnostic("E0416", message, help="`archspec ir SPEC` prints all of it as JSON", severity="warning")
