"""What is wrong with names and arithmetic; the docstrings are what `archspec explain` prints."""

from __future__ import annotations

from archspec.diagnostics import Diagnostic, Span, explained
from archspec.expressions import FUNCTIONS
from archspec.naming import Names, suggest


@explained("E0201")
def unknown_name(span: Span, name: str, known: Names) -> Diagnostic:
    """An expression uses a name that is neither a parameter of the network nor a `let`.

    Parameters stand in the first line, `network vgg_D(classes=1000)`; `let N = ...` names a value. A repetition's `x`
    stands between blanks, `conv3-64 x 2`, and is a part of a name otherwise.
    """
    return Diagnostic("E0201", f"there is no parameter `{name}`", span, "unknown name", help=_meant(name, known))


def _meant(name: str, known: Names) -> str | None:
    """What a name was to be that has an `x` in it: a repetition, ``x3``, or a size, ``kxk``."""
    before, _, after = name.partition("x")
    if not before and after.isdecimal():
        return f"write `x {after}` to repeat the layer"
    if before == after and before in known:
        return f"write `{before}` where a size is expected, as in `kernel={before}`: one number stands for both sides"
    return suggest(name, known)


@explained("E0208")
def default_depends(span: Span, name: str, others: list[str]) -> Diagnostic:
    """The default of a parameter is computed from another parameter, so that it would not follow when that is set."""
    listed = ", ".join(f"`{other}`" for other in others)
    message = f"the default of `{name}` depends on {listed}"
    return Diagnostic("E0208", message, span, "depends", help=f"name it with `let {name} = ...` instead")


@explained("E0209")
def too_long(span: Span) -> Diagnostic:
    """An expression, with all `let` names in it written out, is longer than 2,000 characters or 120 deep."""
    return Diagnostic("E0209", "this expression is too long with its `let` names written out", span, "too long")


@explained("E0206")
def name_taken(span: Span, name: str, first: Span | None) -> Diagnostic:
    """Two parameters or `let` names are the same."""
    second = (first, "first definition") if first else None
    message = f"`{name}` is defined twice"
    return Diagnostic("E0206", message, span, "second definition", help="give it another name", second=second)


@explained("E0207")
def name_reserved(span: Span, name: str) -> Diagnostic:
    """A parameter or `let` has a name that the language uses itself: `x` repeats, `no` leaves out, and so on."""
    return Diagnostic("E0207", f"`{name}` is a word of the language", span, "reserved", help="give it another name")


@explained("E0210")
def in_outside(span: Span) -> Diagnostic:
    """`in` is the number of channels that enter the row or the block; outside of rows nothing enters."""
    return Diagnostic("E0210", "`in` has a meaning in rows and blocks alone", span, "nothing enters here")


@explained("E0211")
def unknown_function(span: Span, name: str) -> Diagnostic:
    """An expression calls a function that the language does not have."""
    return Diagnostic("E0211", f"there is no function `{name}`", span, "unknown", help=suggest(name, FUNCTIONS))


@explained("E0212")
def wrong_arity(span: Span, name: str, given: int, least: int, most: int) -> Diagnostic:
    """A function is given too few values or too many: `round_to(x, 8)` takes two, `floor(x)` one."""
    values = "1 value" if given == 1 else f"{given} values"
    takes = f"{least}" if least == most else f"{least} to {most}"
    return Diagnostic("E0212", f"`{name}` cannot take {values}", span, f"`{name}` takes {takes}")


@explained("E0213")
def name_hidden(span: Span, name: str, hidden: str) -> Diagnostic:
    """A `let` is used in a block whose own parameter hides a name that the `let` is computed from."""
    message = f"`{name}` is computed from `{hidden}`, which means something else in this block"
    return Diagnostic("E0213", message, span, "hidden", help=f"give the block's parameter another name than `{hidden}`")
