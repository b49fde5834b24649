"""What is said of plots; its docstrings are what `archspec explain` prints."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.diagnostics import Diagnostic, Span, explained
from archspec.naming import listed


@explained("E0018")
def nothing_reported(quantity: str | None, sources: Sequence[str], known: Sequence[str]) -> Diagnostic:
    """`archspec plot --kind accuracy` finds no error and no accuracy among the claims of the specs.

    A claim reports one in a column whose name ends in `error` or `accuracy`: `top-1 error`. Without `--source` those
    of the spec's own paper count alone, and not what other papers quote of it.
    """
    what = f"no `{quantity}`" if quantity else "no error and no accuracy"
    where = f" in {listed([*sources])}" if sources else " by the papers of these specs"
    help = f"there is {listed([*known])}" if known else "`--source NAME` takes what other papers report"
    return Diagnostic("E0018", f"{what} is reported{where}", help=help)


@explained("E0019")
def no_width(span: Span, text: str) -> Diagnostic:
    """The width of a plot is a number with `cm`, `mm`, `in` or `pt`, from 3 to 100 centimetres: `8.5cm`, `3.3in`."""
    return Diagnostic("E0019", f"`{text}` is not the width of a plot", span, "not a width", help="write `8.5cm`")


@explained("E0020")
def too_many(what: str, number: int, most: int) -> Diagnostic:
    """A plot shows at least one network and so many networks, rows or reported errors as can be read."""
    if not number:
        return Diagnostic("E0020", "a plot shows at least one network", help="name a spec")
    help = "name fewer specs, or a variant, `file.arch:VARIANT`"
    return Diagnostic("E0020", f"a plot shows {most} {what} at most, and these are {number:,}", help=help)
