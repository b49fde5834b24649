"""What is said of layers as papers print them, where they mean nothing or two things."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from archspec.diagnostics import Diagnostic, Span, explained
from archspec.language import syntax as s
from archspec.naming import closest, listed


@explained("E0640")
def what_is_repeated(step: s.Step, layers: Sequence[str], brackets: str, last: Sequence[str] = ()) -> Diagnostic:
    """Layers behind commas have a repetition or a condition behind the last: `conv 3x3, 64, relu x 2`.

    It may apply to the last layer or to all of them. Semicolons and brackets say which. Where `brackets` makes a
    bracket more than its chain, a block of these layers does.
    """
    # `last` is what may stand for the last layer, where its own words may be read as something else.
    whole = step.span.text
    behind = whole[whole.rfind(layers[-1]) + len(layers[-1]) :].strip()
    together = f"[{'; '.join(layers)}] {behind}"
    alone = ["; ".join([*layers[:-1], each]) for each in last or [f"{layers[-1]} {behind}"]]
    message = f"`{behind}` may apply to all of these layers or only to the last"
    if brackets not in ("", "plain"):
        choices = " or ".join(f"`{each}`" for each in alone)
        row = f"| {'; '.join(layers)} |"
        help = f"write {choices}, or, for all of them, a `block` with the row `{row}`, used with `{behind}`"
        note = f"a bracket is a {brackets} block here"
        return Diagnostic("E0640", message, step.span, "which layers does it cover?", notes=(note,), help=help)
    help = "write " + ", ".join(f"`{each}`" for each in [together, *alone][:-1]) + f" or `{alone[-1]}`"
    return Diagnostic("E0640", message, step.span, "which layers does it cover?", help=help)


def size_or_repetition(step: s.Step, layers: Sequence[str], arg: Span, once: str, value: Span) -> Diagnostic:
    """E0645 for what may be a size with blanks in it, behind an argument in words or a bare one: `stride 2 x 2`.

    ``once`` is the argument without it, by its name.
    """
    text, first, times = step.span.text, step.span.start, step.times
    assert times is not None
    behind = text[times.span.end - first :]
    size = f"{text[: value.start - first]}{value.text}x{times.span.text}{behind}"
    start = sum(map(len, layers[:-1])) and text.rfind(layers[-1])
    last = f"{text[start : arg.start - first]}{once} x {times.span.text}{behind}"
    said = value.to(times.span)
    message = f"`{said.text}` may be a size, or `{value.text}` and a repetition"
    help = f"write `{size}` for the size, or `{'; '.join([*layers[:-1], last])}` for the repetition"
    help += " of the last layer" if len(layers) > 1 else ""
    return Diagnostic("E0645", message, said, "which of the two?", help=help)


@explained("E0641")
def no_separator(span: Span) -> Diagnostic:
    """Two layers, or a layer and its arguments, stand side by side with nothing between them: `conv 3x3 relu`."""
    message = "a `,` or a `;` is missing"
    return Diagnostic("E0641", message, span, "here", help="separate arguments by `,` and steps by `;`")


@explained("E0642")
def unknown_words(span: Span, op: str, known: Collection[str]) -> Diagnostic:
    """Words among the arguments of a layer are neither an argument of it, `stride 2`, nor a layer."""
    words = span.text
    near = closest(words.split()[0], known)
    message = f"`{words}` is neither an argument of `{op}` nor a layer"
    notes = (f"`{op}` takes {listed([*known])}",) if known else ()
    help = f"did you mean `{near}`?" if near else None
    if (source := re.fullmatch(r"from\s+(.+)", words)) and "from" not in known:
        notes = ("the row that a row takes stands in a column `from`",)
        help = f"write a header with it, as in `| layer | from | op | output |`, and `{source[1]}` in its cell"
    return Diagnostic("E0642", message, span, "not understood", notes=notes, help=help)


@explained("E0651")
def argument_or_layer(span: Span, op: str) -> Diagnostic:
    """Words behind a comma are a layer, and an argument of a layer before it too: `conv 3x3, 64, relu, pad 0`."""
    words = span.text
    name, _, value = words.rpartition(" ")
    message = f"`{words}` may be an argument of `{op}` or a layer"
    help = f"write `{name.replace(' ', '_')}={value}` behind `{op}`, or `; {words}` for the layer"
    return Diagnostic("E0651", message, span, "of which layer?", help=help)


@explained("E0652")
def stride_of_what(span: Span, op: str) -> Diagnostic:
    """Papers print `up-conv 2x2` without a stride, which is the kernel then. Here no kernel stands beside it."""
    message = f"`{span.text}` has neither a kernel nor a stride in its cell"
    help = f"write the stride as well, as in `{op} 2x2, 64, /2`"
    return Diagnostic("E0652", message, span, "no stride", help=help)


@explained("E0643")
def many_of_what(span: Span, number: int | float) -> Diagnostic:
    """`(x96)` is the number of filters, as in `7x7/2 (x96)`. Here the filters are given already, or the layer has none.

    A repetition has no parentheses: `conv3-64 x 2`.
    """
    message = f"`{span.text}` may be a number of filters or a repetition"
    help = f"for a repetition write `x {number}`; the filters are given already, or the layer has none"
    return Diagnostic("E0643", message, span, "filters or repetitions?", help=help)


@explained("E0644")
def size_of_what(span: Span, op: str, whole: str, default: object, named: bool) -> Diagnostic:
    """Papers print `average pool` without a size for the mean of the whole map, or for windows of 2x2.

    A size, or a rule such as `every avgpool: avgpool 7x7`, says which.
    """
    size = "x".join(map(str, default)) if isinstance(default, tuple) else str(default)
    message = f"`{span.text}` has no size"
    help = f"write `{whole}` for the whole map, or `{op} {size}` for windows of {size}"
    if named:
        help = f'call the row `{whole}` for the whole map, or say its size: `at "{span.text}": {size}`'
    return Diagnostic("E0644", message, span, "no size", help=help)
