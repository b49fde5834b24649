"""What may be wrong with an argument, when it is read or where a block is used, and with the JSON of a network.

The docstrings are what `archspec explain` prints.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from archspec.diagnostics import Diagnostic, Span, explained
from archspec.expressions import Unfit
from archspec.ir.network import Apply, Arg
from archspec.support.limits import LARGEST
from archspec.support.words import spelled


def unfit_expression(span: Span | None, unfit: Unfit) -> Diagnostic:
    """The diagnostic for an expression that has no value."""
    if unfit.problem == "zero":
        return division_by_zero(span, unfit.part or "0")
    if unfit.problem == "number":
        return not_a_number(span, unfit.value)
    return too_large(span)


@explained("E0202")
def not_whole(span: Span | None, arg: Arg) -> Diagnostic:
    """A number of channels, units, repetitions or pixels must be whole, and the arithmetic gives a fraction.

    A division must come out whole: `let n = (depth - 2) / 6` holds for depth 20 and not for depth 21.
    """
    value = f"{arg.value:.12g}" if isinstance(arg.value, float) else arg.value
    shown = f"{arg.text} = {value}" if arg.text else f"{value}"
    notes = (shown,) if arg.text else ()
    return Diagnostic("E0202", f"a whole number is needed here, not {value}", span, "not whole", notes=notes)


@explained("E0203")
def not_a_number(span: Span | None, value: object) -> Diagnostic:
    """Arithmetic works on numbers; a size, a truth value or a word cannot be added or multiplied."""
    return Diagnostic("E0203", f"a number is needed here, not `{spelled(value)}`", span, "no number")


@explained("E0204")
def division_by_zero(span: Span | None, divisor: str) -> Diagnostic:
    """The right side of a division is zero for these parameters."""
    notes = (f"{divisor} = 0",) if divisor != "0" else ()
    return Diagnostic("E0204", "division by zero", span, "the divisor is 0", notes=notes)


@explained("E0205")
def too_large(span: Span | None) -> Diagnostic:
    """A number is larger than a million million, which no layer has; most likely a slip."""
    return Diagnostic("E0205", "this number is too large", span, notes=(f"at most {LARGEST:,}",))


@explained("E0605")
def missing_argument(span: Span | None, op: str, name: str, expected: str) -> Diagnostic:
    """A layer lacks an argument that has no default, such as the channels of a convolution."""
    return Diagnostic("E0605", f"`{op}` needs `{name}`", span, f"no `{name}`", help=f"add `{name}=`, {expected}")


def without_value(span: Span | None, op: str, name: str, expected: str) -> Diagnostic:
    """E0605 for an argument that is named and not given."""
    message = f"`{name}` of `{op}` has no value"
    return Diagnostic("E0605", message, span, "no value", help=f"write `{name}=`, {expected}")


@explained("E0606")
def wrong_argument(span: Span | None, op: str, name: str, arg: Arg, expected: str) -> Diagnostic:
    """An argument has a value that the layer cannot take: a fraction of a channel, a stride of 0, an unknown word."""
    value = f"{arg.value:.12g}" if isinstance(arg.value, float) else spelled(arg.value)
    computed = (f"{arg.text} = {value}",) if arg.text and arg.text != value else ()
    notes = (*computed, f"`{name}` is {expected}")
    message = f"`{op}` cannot take `{name}` = " + (value or '""')
    return Diagnostic("E0606", message, span, f"`{name}`", notes=notes)


def misfits(apply: Apply, problems: Mapping[str, str], span: Span | None) -> Iterator[Diagnostic]:
    """The diagnostics for arguments that an op cannot take, each with what it expects."""
    for name, expected in problems.items():
        arg = apply.args.get(name)
        if arg is None:
            yield missing_argument(span, apply.op, name, expected)
        else:
            wrong = wrong_argument(arg.place or span, apply.op, name, arg, expected)
            yield replace(wrong, help=parted) if (parted := _parted(apply, name)) else wrong


def _parted(apply: Apply, name: str) -> str | None:
    """How to write a size that holds the channels as well, ``7x7x64``, of a layer that takes both."""
    kind, value = apply.kind_of_layer, apply.args[name].value
    bare = kind.bare[0] if kind.bare else None
    if name != kind.sized or bare in (None, name, *apply.args) or not isinstance(value, tuple) or len(value) != 3:
        return None
    return "write `{}x{}, {}`".format(*value)


@explained("E0611")
def no_repetition(span: Span | None, times: Arg) -> Diagnostic:
    """A layer or a row is repeated less than once, or a number of times that is not whole."""
    notes = (f"{times.text} = {times.value}",) if times.text else ()
    return Diagnostic("E0611", f"it cannot be repeated {times.value} times", span, "at least 1", notes=notes)


@explained("E0010")
def no_json(span: Span | None, name: str, why: str) -> Diagnostic:
    """A file that begins with `{` is read as JSON, and is not JSON: a bracket or a comma is missing, or more.

    `archspec ir SPEC` prints such JSON; `docs/ir.schema.json` is its schema.
    """
    return Diagnostic("E0010", f"`{name}` is not JSON: {why}", span, "here")


@explained("E0011")
def no_network(span: Span | None, path: str, why: str) -> Diagnostic:
    """A part of the JSON is not what the network needs there: `docs/ir.schema.json` says what is.

    The message begins with the path of the part, `rows[2].steps[0].args`. What the schema cannot say is checked too:
    layers, blocks, parameters and rows that are named exist, expressions have the values that stand beside them.
    """
    return Diagnostic("E0011", f"`{path}`: {why}" if path else why, span, "in this part")
