"""What is said of counting rules; its docstring is what `archspec explain` prints."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.diagnostics import Diagnostic, Span, explained
from archspec.naming import suggest


@explained("E0661")
def two_conventions(span: Span, text: str, first: str) -> Diagnostic:
    """Two conventions stand side by side, `fvcore, thop`, and a figure is counted by one.

    Rules that change a convention may stand beside it: `fvcore, no fc`. A claim that names a convention is counted by
    that one, whatever the file says.
    """
    message = f"figures are counted by one convention, `{first}` or `{text}`"
    return Diagnostic("E0661", message, span, "a second one", help=f"write `{first}` or `{text}` alone")


@explained("E0506")
def unknown_rule(span: Span, text: str, known: Iterable[str]) -> Diagnostic:
    """A counting rule is unknown.

    `no fc` leaves a layer's work out, `no fc weights` its parameters, `no bias` all biases; `with statistics` adds
    running statistics, `with bias` adds the bias to mult-adds, `with add` each element that is added, `with input`
    the input to activations, `with heads` the heads to all; a name such as `cs231n` or `fvcore` stands for a list.
    """
    return Diagnostic("E0506", f"`{text}` is not a counting rule", span, "unknown rule", help=suggest(text, known))
