"""What is said of rows that a network `like` another changes; its docstrings are what `archspec explain` prints."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.diagnostics import Diagnostic, Span, explained
from archspec.naming import suggest


@explained("E0627")
def no_such_row(span: Span, row: str, known: Iterable[str], label: str = "replaces nothing") -> Diagnostic:
    """A network `like` another names a row that the other does not have; most likely its name is another one.

    Rows go by the names that `archspec count` prints for the other network. A row that is added or taken out, and the
    one beside which rows are added, is one row there: a name that stands twice does not say which.
    """
    message = f"the other network has no row `{row}`"
    return Diagnostic("E0627", message, span, label, help=suggest(row, known))


def several_rows(span: Span, row: str, count: int) -> Diagnostic:
    """E0627 for a name that recurs in the other network."""
    message = f"the other network has {count} rows `{row}`"
    return Diagnostic("E0627", message, span, "which of them?", help="give them names of their own there")


@explained("E0646")
def like_no_other(span: Span, what: str) -> Diagnostic:
    """Rows are added by a table `| after ROW | op |`, and taken out by `without ROW`, of a network `like` another.

    `network NAME like "FILE"` is the network of that file with changes; any other network has its own rows alone.
    """
    message = f"`{what}` changes the rows of another network, and this one is `like` no other"
    help = 'write `network NAME like "FILE.arch"`, or the rows as they are'
    return Diagnostic("E0646", message, span, "like no other", help=help)


@explained("E0647")
def kept_and_taken_out(span: Span, row: str, other: Span) -> Diagnostic:
    """A row of the other network is taken out by `without`, and is needed all the same.

    It is taken out twice, it is given anew as well, or another row or a head takes it by `from`. Such a row or head is
    given anew too, with another row in `from`; rows that stand in the place of one are added by `| after ROW | op |`.
    """
    second = (other, "given anew here")
    help = f"keep one of them, or give several rows by `| before {row} | op |`"
    return Diagnostic("E0647", f"`{row}` is taken out and given anew", span, "taken out", help=help, second=second)


def taken_out_twice(span: Span, row: str, first: Span) -> Diagnostic:
    """E0647 for a row that is named twice."""
    message = f"`{row}` is taken out twice"
    return Diagnostic("E0647", message, span, "second time", help="name it once", second=(first, "first time"))


def taken_out_and_needed(span: Span, row: str, taker: str, other: Span) -> Diagnostic:
    """E0647 for a row that another takes, or a head."""
    message = f"`{row}` is taken out, and {taker} takes it"
    help = f"give {taker} anew, with another row in `from`, or keep `{row}`"
    return Diagnostic("E0647", message, span, "taken out", help=help, second=(other, "taken here"))


@explained("E0648")
def added_again(span: Span, row: str) -> Diagnostic:
    """A row that is added has the name of a row of the other network, so that both would go by it."""
    message = f"the other network has a row `{row}` already"
    help = f"give it another name, or write `{row}` in a table without `after` to replace the other"
    return Diagnostic("E0648", message, span, "added", help=help)
