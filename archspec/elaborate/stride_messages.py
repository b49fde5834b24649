"""What is said of strides that statements give to rows; its docstrings are what `archspec explain` prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archspec.diagnostics import Diagnostic, Span, explained
from archspec.naming import closest, listed, suggest


@explained("E0632")
def unknown_strided_row(span: Span, name: str, known: Iterable[str]) -> Diagnostic:
    """`stride 2 at ROW` or `at ROW: ARGUMENTS` names a row that no table of layers has, or that several are called.

    A row is called as `archspec count` prints it. Rows of blocks and heads have their arguments in their cells.
    """
    return Diagnostic("E0632", f"there is no row `{name}`", span, "unknown row", help=suggest(name, known))


def several_strided_rows(span: Span, name: str) -> Diagnostic:
    """E0632 for a name of several rows."""
    help = "rename one of them, or write it in their cells"
    return Diagnostic("E0632", f"more than one row is called `{name}`", span, "which one?", help=help)


@explained("E0633")
def second_stride(span: Span, name: str, first: Span | None, statements: bool = True) -> Diagnostic:
    """A row gets its stride twice: by two statements, or by a statement and in its own cells."""
    second = (first, "first time" if statements else "its own stride") if first else None
    message = f"the stride of `{name}` is said twice" if statements else f"`{name}` has a stride already"
    return Diagnostic("E0633", message, span, "second time", help="leave one of them out", second=second)


@explained("E0634")
def no_strided_step(span: Span, name: str, layers: Span, why: str = "") -> Diagnostic:
    """A statement gives a stride to a row, and no step of the row takes one, or more than one do.

    A stride goes to the one step that takes it: a layer or a block with an argument `stride` or `s`, or a bracket,
    whose first such layer gets it. Where several take it, it is written in the cell, behind the one that is meant.
    """
    message = f"no step of `{name}` takes a stride"
    notes = (why,) if why else ()
    second = (layers, "its layers" if layers.text.strip() else "no layers")
    help = "correct the resolutions" if why else f"leave `{name}` out of the statement"
    return Diagnostic("E0634", message, span, "none takes it", notes=notes, help=help, second=second)


def which_strided_step(
    span: Span, name: str, takers: int, layers: Span, cells: Sequence[str], why: str = ""
) -> Diagnostic:
    """E0634 for a row of which several steps take a stride; ``cells`` are what its cell may be instead."""
    message = f"{takers} steps of `{name}` take a stride"
    written = " or ".join(f"`{cell}`" for cell in cells)
    if why:
        help = f"write the stride in the cell, {written}" if cells else "write the strides in the cell"
    else:
        help = f"write {written}, and leave the row out of the statement"
    notes = (why,) if why else ()
    return Diagnostic("E0634", message, span, "which one?", notes=notes, help=help, second=(layers, "its layers"))


@explained("E0635")
def no_whole_stride(span: Span, name: str, above: str, below: str, quotients: str, first: Span) -> Diagnostic:
    """`strides from COLUMN` divides the resolution of each row by that of the next, and this gives no whole stride.

    A row whose stride is written in its cells keeps it, where the resolutions come to none.
    """
    message = f"no whole stride takes {above} to {below}"
    help = f"correct the resolutions, or write the stride of `{name}` in its cell"
    return Diagnostic(
        "E0635", message, span, "what the row hands on", notes=(quotients,), help=help, second=(first, "what enters it")
    )


def stride_that_enlarges(span: Span, name: str, quotients: str) -> Diagnostic:
    """E0635 for a row that enlarges its input: a stride that follows from resolutions makes a map smaller."""
    message = f"`{name}` enlarges its input, so its stride does not follow from the resolutions"
    help = "write the stride in its cell"
    return Diagnostic("E0635", message, span, "enlarges", notes=(quotients,), help=help)


def other_stride(span: Span, name: str, own: str, quotients: str, written: Span | None) -> Diagnostic:
    """E0635 for a row that has another stride than its resolutions give."""
    message = f"`{name}` has a stride of {own}, but its resolutions give another"
    second = (written, "its own stride") if written else None
    help = "correct one of them, or leave the stride out of the cell"
    return Diagnostic("E0635", message, span, "what the row hands on", notes=(quotients,), help=help, second=second)


def resolution_missing(span: Span, name: str, above: str, below: str, first: Span) -> Diagnostic:
    """E0635 for a row without a resolution, between two that differ."""
    message = f"which row takes {above} to {below}? `{name}` has no resolution"
    help = f"fill in the resolution that enters `{name}`"
    return Diagnostic("E0635", message, span, "no resolution", help=help, second=(first, f"from {above}"))


@explained("E0511")
def no_resolutions(span: Span, name: str, headers: Iterable[str]) -> Diagnostic:
    """`strides from COLUMN` names a column that no table of layers has, so that no stride follows."""
    names = [*headers]
    near = closest(name, names)
    help = f"did you mean `{near}`?" if near else f"there is {listed(names)}" if names else None
    return Diagnostic("E0511", f"no table has a column `{name}`", span, "unknown column", help=help)


def strides_of_outputs(span: Span, name: str) -> Diagnostic:
    """E0511 for a column of what leaves each row."""
    message = f"`{name}` is what leaves a row, and strides follow from what enters it"
    help = "name the rows instead: `stride 2 at ROW, ROW`"
    return Diagnostic("E0511", message, span, "outputs", help=help)
