"""What analysis says: one function a mistake; its docstring is what `archspec explain` prints."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.diagnostics import Diagnostic, Span, explained
from archspec.op import Refused, Shape
from archspec.support.limits import MOST_APPLICATIONS


@explained("E0621")
def row_without_use(span: Span | None, name: str, of: str, head: str | None = None) -> Diagnostic:
    """Nothing takes what a row gives: the rows below it take other rows by the column `from`.

    A network has one output, that of its last row. Several are joined by a last row, `concat` or `add`; an output for
    training alone is a `head`.
    """
    note = f"a {of} has one output, that of its last row"
    help = f"name `{name}` in the column `from` of a row below"
    if of == "network":
        help += ", or write an output for training alone as a `head`"
        help += f": {head} in the place of the row" if head else ""
    return Diagnostic("E0621", f"nothing takes what `{name}` gives", span, "unused row", notes=(note,), help=help)


@explained("E0622")
def join_of_one(span: Span | None, name: str, count: int) -> Diagnostic:
    """A layer gets another number of inputs than it takes: a join needs two or more, any other layer takes one.

    A join takes the rows that its column `from` names, or the branches of a block.
    """
    inputs = "1 input" if count == 1 else f"{count} inputs"
    help = "name the rows that it joins in the column `from`" if count == 1 else "join them first: `add`, `concat`"
    return Diagnostic("E0622", f"`{name}` cannot take {inputs}", span, inputs, help=help)


def no_branch_left(span: Span | None, name: str) -> Diagnostic:
    """E0622 for a join none of whose branches has a step left."""
    help = "every branch has a condition, and none of them holds here"
    return Diagnostic("E0622", f"nothing is left for `{name}` to join", span, "no inputs", help=help)


@explained("E0701")
def refused_by(
    span: Span | None, op: str, xs: Sequence[Shape], refused: Refused, names: Sequence[str] = ()
) -> Diagnostic:
    """A layer cannot take its input: channels that do not split into groups, a window larger than its map.

    archspec refuses what torch would refuse, with the arithmetic.
    """
    if len(xs) == 1:
        inputs = f"the input of this `{op}` is {xs[0]}"
    else:
        inputs = ", ".join(f"input {i} is `{name}`, {x}" for i, (name, x) in enumerate(zip(names, xs, strict=True), 1))
    notes = tuple(filter(None, (inputs, refused.why)))
    return Diagnostic("E0701", refused.message, span, "refused", notes=notes, help=refused.help)


@explained("E0702")
def too_many(span: Span | None, what: str = "different layers", most: int = MOST_APPLICATIONS) -> Diagnostic:
    """A repetition changes its shape every time, so often that the analysis stops: more than 20,000 different layers.

    Repetitions that keep their shape cost nothing, up to a thousand million million layers in all. Blocks whose
    arguments are sizes, words or truth values are blocks of their own for each of these, up to 1,000.
    """
    return Diagnostic("E0702", f"too many {what}", span, "stopped here", notes=(f"more than {most:,}",))


@explained("E0703")
def too_many_settings(span: Span | None, settings: int, layers: int) -> Diagnostic:
    """Claims set parameters in so many ways that they are not checked: more than 20,000 layers to analyse.

    The network is analysed once for each setting of parameters that a claim names; a layer that is repeated counts
    once. Claims without settings are checked all the same.
    """
    message = "the claims set parameters in too many ways"
    notes = (f"{settings:,} settings of {layers:,} layers are more than {MOST_APPLICATIONS:,}",)
    return Diagnostic("E0703", message, span, "too many here", notes=notes, help="split the claims over several files")


@explained("E1009")
def unfit(span: Span | None, message: str, why: str | None = None, help: str | None = None) -> Diagnostic:
    """The recipe and the network do not fit: another number of classes or channels, a crop of another size."""
    return Diagnostic("E1009", message, span, "does not fit", notes=(f"why: {why}",) if why else (), help=help)
