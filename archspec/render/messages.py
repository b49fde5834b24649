"""What is said of the columns that a table is asked for; its docstrings are what `archspec explain` prints."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.diagnostics import Diagnostic, Span, explained
from archspec.naming import closest, listed, suggest


@explained("E0014")
def unknown_column(span: Span, name: str, known: Iterable[str]) -> Diagnostic:
    """`--columns` names a column that tables of layers do not have.

    A name is a header of `archspec count` or a quantity of rows, `layer`, `op`, `output`, `params`, `receptive field`.
    A `%` behind a count is its share of the total: `params, %`.
    """
    names = [*known]
    near = closest(name, names)
    there = f"the columns are {listed(names, len(names))}"
    return Diagnostic(
        "E0014",
        f"there is no column `{name}`" if name else "a name of a column is empty",
        span,
        "unknown column" if name else "nothing before or behind this comma",
        notes=(there,) if near else (),
        help=f"did you mean `{near}`?" if near else there,
    )


@explained("E0015")
def column_twice(span: Span, name: str) -> Diagnostic:
    """`--columns` names a column twice; a table shows each once."""
    return Diagnostic("E0015", f"the column `{name}` stands there already", span, "a second time", help="leave it out")


def no_whole(span: Span) -> Diagnostic:
    """E0014 for a share of nothing."""
    return Diagnostic(
        "E0014",
        "`%` is the share of the count before it, and there is none",
        span,
        "of what?",
        help="write `params, %`",
    )


@explained("E0016")
def unknown_word(span: Span, what: str, text: str, known: Iterable[str]) -> Diagnostic:
    """An option takes one of a few words, and is given another: a unit of counts, a kind of plot, a format."""
    return Diagnostic("E0016", f"there is no {what} `{text}`", span, f"unknown {what}", help=suggest(text, known))


@explained("E0017")
def no_key(span: Span, text: str) -> Diagnostic:
    """The key of a paper is letters and digits, and behind the first of them also `:`, `.`, `+`, `/`, `_` and `-`."""
    return Diagnostic("E0017", f"`{text}` is not a key of a paper", span, "not a key", help="write `he2016deep`")
