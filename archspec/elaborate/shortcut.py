"""Shortcuts (He et al. 2015), as what they stand for: plain syntax, elaborated like any other.

`shortcut c, /stride` is the identity where the shape stays. Where it changes, option A takes every other position and
pads the channels with zeros, option B, the default, projects, and with the option none there is nothing; option C
projects always.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from archspec import ops
from archspec.diagnostics import Span
from archspec.elaborate import messages as say
from archspec.elaborate.block_messages import (
    kernel_without_projection,
    no_form_of_shortcut,
    no_such_option,
    shortcut_without_channels,
)
from archspec.elaborate.scope import Wrong
from archspec.elaborate.target import Reader
from archspec.ir.node import IN
from archspec.language import syntax as s

SHORTCUT = "shortcut"
WIDTH, STRIDE, KERNEL, OPTION = ARGUMENTS = ("channels", "stride", "kernel", "option")
OPTIONS = ("A", "B", "C", "none")
PROJECTS = ("B", "C")


def projection(layer: s.Layer, layers: Reader) -> s.Chain | None:
    """The chain that a `shortcut` stands for; None where its arguments are wrong, which is reported."""
    said = _read(layer, layers)
    if said is None:
        return None
    at = layer.span
    if said.option == "none":
        nothing = s.Layer(at, s.Text(at, ops.passing_on().spelled()), ())
        return (s.Step(at, nothing, None, said.compared("==", "and", layers)),)
    if said.option == "A":
        unit = s.Layer(at, s.Text(at, ops.padding_channels().spelled()), (s.Plain(at, said.width), *said.strided))
    else:
        conv = ops.nameless()
        assert conv.sized is not None
        one = s.Number(1, span=at)
        kernel = s.Named(at, conv.sized, at, said.kernel or s.Size((one, one), span=at))
        without = tuple(s.Without(at, name) for name in layers.beside(conv))
        unit = s.Layer(at, s.Text(at, conv.spelled()), (kernel, s.Plain(at, said.width), *said.strided, *without))
    changes = None if said.option == "C" else said.compared("!=", "or", layers)
    return (s.Step(at, unit, None, changes, bypass=True),)


class _Said(NamedTuple):
    """What a `shortcut` says."""

    at: Span
    width: s.Expr
    stride: s.Expr | None
    kernel: s.Value | None
    option: str

    @property
    def strided(self) -> tuple[s.Stride, ...]:
        return () if self.stride is None else (s.Stride(self.stride.span, self.stride),)

    def compared(self, operator: str, join: str, layers: Reader) -> s.Condition:
        """Whether what enters is compared so with the width, and the stride with 1."""
        widths: s.Condition = s.Comparison(operator, s.Name(IN, span=self.at), self.width, span=self.at)
        if self.stride is None or _is_one(self.stride, layers):
            return widths
        strides = s.Comparison(operator, self.stride, s.Number(1, span=self.at), span=self.at)
        return s.Logic(join, widths, strides, span=self.at)


def _read(layer: s.Layer, layers: Reader) -> _Said | None:
    """What a `shortcut` says; None where that is wrong, which is reported."""
    found: dict[str, s.Value] = {}
    option = option_of(layers.brackets, layers)
    for arg in layer.args:
        name = _name(arg, found, layers)
        if not isinstance(arg, s.Stride | s.Named | s.Plain) or name is None:
            form = "further number" if isinstance(arg, s.Plain) and is_width(arg) else "argument of this form"
            layers.report.add(no_form_of_shortcut(arg.span, form))
            return None
        if name not in ARGUMENTS:
            at = arg.name_span if isinstance(arg, s.Named) else arg.span
            layers.report.add(say.unknown_argument(at, SHORTCUT, name, ARGUMENTS))
            return None
        if name in found:
            layers.report.add(say.given_twice(arg.span, name, found[name].span))
            return None
        found[name] = arg.value
    if OPTION in found:
        option = _option(found[OPTION], layers)
    width, stride, kernel = (found.get(name) for name in (WIDTH, STRIDE, KERNEL))
    if width is None:
        layers.report.add(shortcut_without_channels(layer.span))
    if kernel is not None and not _has_kernel(found.get(OPTION), option, kernel, layers):
        return None
    if isinstance(kernel, s.Name) and layers.scope.knows(kernel):
        layers.scope.value(kernel)  # it is used, also where another option projects
    if option is None or width is None or isinstance(width, s.Size | s.Text) or isinstance(stride, s.Size | s.Text):
        return None
    return _Said(layer.span, width, stride, kernel, option)


def _name(arg: s.Arg, found: Mapping[str, s.Value], layers: Reader) -> str | None:
    """The argument that one is by its form or its name; None where a shortcut takes none of that form."""
    value = getattr(arg, "value", None)
    if isinstance(arg, s.Named):
        return arg.name
    if isinstance(arg, s.Stride):
        return None if isinstance(value, s.Size | s.Text) else STRIDE
    if not isinstance(arg, s.Plain) or isinstance(value, s.Text):
        return None
    known = layers.scope.args.get(value.id) if isinstance(value, s.Name) else None
    if isinstance(value, s.Size) or (known is not None and isinstance(known.value, tuple)):
        return KERNEL
    return None if WIDTH in found else WIDTH


def _has_kernel(said: s.Value | None, option: str | None, kernel: s.Value, layers: Reader) -> bool:
    """Whether a kernel has a meaning: an option that a parameter decides may be one that projects elsewhere."""
    by_parameter = said is not None and layers.scope.knows(said)
    if option in PROJECTS or option is None or by_parameter or said is None:
        return True
    layers.report.add(kernel_without_projection(kernel.span, option))
    return False


def option_of(brackets: s.Brackets | None, layers: Reader) -> str | None:
    """What `brackets: residual(shortcut=B)` says, else B; None where it is not an option, which is reported."""
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


def is_width(arg: s.Plain) -> bool:
    """Whether an argument by its form is a number of channels."""
    return not isinstance(arg.value, s.Size | s.Text)
