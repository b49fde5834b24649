"""What is said of arguments that statements give to rows; its docstrings are what `archspec explain` prints."""

from __future__ import annotations

from collections.abc import Collection

from archspec.diagnostics import Diagnostic, Span, explained
from archspec.naming import listed


@explained("E0655")
def no_one_step(span: Span, arg: str, row: str, takers: int, brackets: bool) -> Diagnostic:
    """A statement gives an argument to a row, and none of its layers takes it, or more than one do.

    Where several take it, it is written in the cell, behind the layer that is meant. It does not reach into brackets,
    nor into blocks, which take what their line names.
    """
    if brackets and not takers:
        message = f"`{arg}` does not reach into the brackets of `{row}`"
        return Diagnostic("E0655", message, span, "for which layer?", help="write it in the cell, behind the layer")
    if takers:
        message = f"{takers} layers of `{row}` take `{arg}`"
        return Diagnostic(
            "E0655", message, span, "which one?", help="write it in the cell, behind the layer that is meant"
        )
    message = f"no layer of `{row}` takes `{arg}`"
    return Diagnostic("E0655", message, span, "none takes it", help="leave it out, or name another row")


def inside_block(span: Span, arg: str, row: str, block: str, known: Collection[str]) -> Diagnostic:
    """E0655 for an argument of what stands inside a block."""
    message = f"`{arg}` does not reach into the block `{block}` of `{row}`"
    notes = (f"`{block}` takes {listed([*known]) or 'no arguments'}",)
    help = f"write it in the table of `block {block}`, behind the layer"
    return Diagnostic("E0655", message, span, "for which layer?", notes=notes, help=help)
