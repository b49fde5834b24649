"""Shortcuts (He et al. 2015), as what they stand for: plain syntax, elaborated like any other.

`shortcut c, /stride` is the identity where the shape stays. Where it changes, option A takes every other position and
pads the channels with zeros, and option B, the default, projects; option C projects always.
"""

from __future__ import annotations

from archspec import ops
from archspec.elaborate import messages as say
from archspec.elaborate.block_messages import no_form_of_shortcut, no_such_option, shortcut_without_channels
from archspec.elaborate.scope import Wrong
from archspec.elaborate.target import Reader
from archspec.ir.node import IN
from archspec.language import syntax as s

SHORTCUT = "shortcut"
OPTIONS = ("A", "B", "C")


def projection(layer: s.Layer, layers: Reader) -> s.Chain | None:
    """The chain that a `shortcut` stands for; None where its arguments are wrong, which is reported."""
    width, stride, option = _read(layer, layers)
    if width is None or option is None:
        return None
    at = layer.span
    one: s.Expr = s.Number(1, span=at)
    if option == "A":
        unit = s.Layer(at, s.Text(at, "pad-channels"), (s.Plain(at, width), *_strided(stride)))
    else:
        conv = ops.nameless()
        assert conv is not None
        kernel = s.Plain(at, s.Size((one, one), span=at))
        without = tuple(s.Without(at, name) for name in layers.beside(conv))
        unit = s.Layer(at, s.Text(at, conv.spelled()), (kernel, s.Plain(at, width), *_strided(stride), *without))
    changes: s.Condition = s.Comparison("!=", s.Name(IN, span=at), width, span=at)
    if stride is not None and not _is_one(stride, layers):
        strided = s.Comparison("!=", stride, one, span=at)
        changes = s.Logic("or", changes, strided, span=at)
    return (s.Step(at, unit, None, None if option == "C" else changes, bypass=True),)


def _read(layer: s.Layer, layers: Reader) -> tuple[s.Expr | None, s.Expr | None, str | None]:
    """The width, the stride and the option of a `shortcut`."""
    width: s.Expr | None = None
    stride: s.Expr | None = None
    option: str | None = option_of(layers.brackets, layers)
    for arg in layer.args:
        value = getattr(arg, "value", None)
        if isinstance(arg, s.Stride) and not isinstance(value, s.Size | s.Text):
            stride = value
        elif isinstance(arg, s.Plain) and width is None and not isinstance(value, s.Size | s.Text):
            width = value
        elif isinstance(arg, s.Named) and arg.name == "option":
            option = _option(arg.value, layers)
            if option is None:
                return None, None, None
        elif isinstance(arg, s.Named):
            layers.report.add(say.unknown_argument(arg.name_span, SHORTCUT, arg.name, ("option",)))
            return None, None, None
        else:
            form = "further number" if isinstance(arg, s.Plain) and is_width(arg) else "argument of this form"
            layers.report.add(no_form_of_shortcut(arg.span, form))
            return None, None, None
    if width is None:
        layers.report.add(shortcut_without_channels(layer.span))
    return width, stride, option


def option_of(brackets: s.Brackets | None, layers: Reader) -> str | None:
    """What `brackets: residual(shortcut=B)` says, else B; None where it is no option, which is reported."""
    for name, value in brackets.settings if brackets else ():
        if name.text == SHORTCUT:
            return _option(value, layers)
    return "B"


def _option(value: s.Value, layers: Reader) -> str | None:
    try:
        arg = layers.scope.value(value)
    except Wrong as wrong:
        layers.report.add(wrong.diagnostic)
        return None
    layers.scope.structural |= arg.names
    if arg.value not in OPTIONS:
        layers.report.add(no_such_option(value.span, str(arg.value), OPTIONS))
        return None
    return str(arg.value)


def _is_one(stride: s.Expr, layers: Reader) -> bool:
    """Whether a stride is a size of ones, which is not the number 1 and changes no shape either."""
    known = layers.scope.args.get(stride.id) if isinstance(stride, s.Name) else None
    return known is not None and isinstance(known.value, tuple) and set(known.value) == {1}


def _strided(stride: s.Expr | None) -> tuple[s.Stride, ...]:
    return () if stride is None else (s.Stride(stride.span, stride),)


def is_width(arg: s.Plain) -> bool:
    """Whether an argument that stands bare is a number: the channels of a layer."""
    return not isinstance(arg.value, s.Size | s.Text)
