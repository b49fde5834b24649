"""What is said of arguments that statements give to rows; its docstrings are what `archspec explain` prints."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.diagnostics import Diagnostic, Span, explained
from archspec.naming import suggest


@explained("E0655")
def unknown_row(span: Span, name: str, known: Iterable[str]) -> Diagnostic:
    """`at ROW: ARGUMENTS` names a row that no table of layers has.

    Rows go by the names that `archspec count` prints.
    """
    return Diagnostic("E0655", f"there is no row `{name}`", span, "unknown row", help=suggest(name, known))


@explained("E0656")
def no_one_step(span: Span, arg: str, row: str, takers: int) -> Diagnostic:
    """A statement gives an argument to a row, and none of its layers takes it, or more than one do.

    Where several take it, it is written in the cell, behind the layer that is meant.
    """
    if takers:
        message = f"{takers} layers of `{row}` take `{arg}`"
        return Diagnostic(
            "E0656", message, span, "which one?", help="write it in the cell, behind the layer that is meant"
        )
    message = f"no layer of `{row}` takes `{arg}`"
    return Diagnostic("E0656", message, span, "none takes it", help="leave it out, or name another row")
