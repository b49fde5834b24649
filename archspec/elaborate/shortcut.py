"""Shortcuts and residual brackets (He et al. 2015), as what they stand for: plain syntax, elaborated like any other.

`shortcut c, /stride` is the identity where the shape stays. Where it changes, option A takes every other position and
pads the channels with zeros, and option B, the default, projects; option C projects always.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

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


def residual(bracket: s.Bracket, layers: Reader) -> s.Layer | s.Bracket:
    """The use of a block that a bracket stands for under `brackets: residual`: its chain beside a shortcut, added.

    Brackets of one form are one block, whose parameters are their widths and their stride.
    """
    chain = [step.unit for step in bracket.chain if isinstance(step.unit, s.Layer)]
    ops_ = [layers.target(layer) for layer in chain]
    if len(chain) != len(bracket.chain) or not all(op is not None and isinstance(op, type) for op in ops_):
        return bracket
    form = _Form(bracket, layers)
    key = (*form.signature, option_of(layers.brackets, layers) or "")
    if key not in layers.blocks.brackets:
        names = ("residual" if i == 1 else f"residual{i}" for i in count(1))
        layers.blocks.brackets[key] = name = next(name for name in names if layers.blocks.find(name) is None)
        layers.blocks.add(form.block(name), layers)
    at = bracket.span
    args = tuple(s.Named(value.span, name, value.span, value) for name, value in form.values.items())
    return s.Layer(at, s.Text(at, layers.blocks.brackets[key]), args)


class _Form:
    """A bracket with names in the place of its widths and its stride."""

    def __init__(self, bracket: s.Bracket, layers: Reader) -> None:
        self._at, self._layers = bracket.span, layers
        self.values: dict[str, s.Value] = {}
        texts = list(dict.fromkeys(width.span.text for width in _widths(bracket)))
        self._names = {text: f"c{i}" if len(texts) > 1 else "c" for i, text in enumerate(texts, 1)}
        strides = [i for i, step in enumerate(bracket.chain) if any(isinstance(a, s.Stride) for a in _args(step))]
        self._strided = strides[0] if strides else 0
        self.chain = tuple(self._step(step, i) for i, step in enumerate(bracket.chain))
        self.signature = tuple(self._said(step) for step in self.chain)

    def block(self, name: str) -> s.Block:
        """``block NAME(c, stride=1) = add of``, the chain beside the shortcut, and the last non-linearity after it."""
        at = self._at
        op = self._layers.target(self.chain[-1].unit)
        assert isinstance(op, type)
        relus = self._layers.activations(op)
        last = self.chain[-1].unit
        assert isinstance(last, s.Layer)
        said = {arg.name for arg in last.args if isinstance(arg, s.Without)}
        bare = last.replaced(args=(*last.args, *(s.Without(at, name) for name in relus if name not in said)))
        chain = (*self.chain[:-1], self.chain[-1].replaced(unit=bare))
        formals = [s.Formal(at, name, None) for name in self._names.values()] + [
            s.Formal(at, "stride", s.Number(1, span=at))
        ]
        width = next((arg.value for arg in reversed(last.args) if isinstance(arg, s.Plain) and _is_width(arg)), None)
        args = (s.Plain(at, width or s.Name(IN, span=at)), s.Stride(at, s.Name("stride", span=at)))
        shortcut = (s.Step(at, s.Layer(at, s.Text(at, SHORTCUT), args), None),)
        then = tuple(s.Step(at, s.Layer(at, s.Text(at, name), ()), None) for name in relus if name not in said)
        chains = (("residual", chain), (SHORTCUT, shortcut))
        return s.Block(at, s.Text(at, name), tuple(formals), s.Text(at, "add"), None, then, chains)

    def _step(self, step: s.Step, i: int) -> s.Step:
        unit = step.unit
        assert isinstance(unit, s.Layer)
        args = tuple(self._arg(arg) for arg in unit.args)
        if i == self._strided and not any(isinstance(arg, s.Stride) for arg in args):
            args = (*args, s.Stride(unit.span, s.Name("stride", span=unit.span)))
        return step.replaced(unit=unit.replaced(args=args))

    def _arg(self, arg: s.Arg) -> s.Arg:
        if isinstance(arg, s.Stride) and not isinstance(arg.value, s.Text):
            self.values["stride"] = arg.value
            return s.Stride(arg.span, s.Name("stride", span=arg.span))
        if isinstance(arg, s.Plain) and _is_width(arg):
            assert not isinstance(arg.value, s.Size | s.Text)
            name = self._names[arg.value.span.text]
            self.values[name] = arg.value
            return s.Plain(arg.span, s.Name(name, span=arg.span))
        return arg

    def _said(self, step: s.Step) -> str:
        unit = step.unit
        assert isinstance(unit, s.Layer)
        words = [unit.op.text if unit.op else ""]
        for arg in unit.args:
            value = getattr(arg, "value", None)
            words.append(value.id if isinstance(value, s.Name) else arg.span.text)
        return ",".join(words)


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
            form = "further number" if isinstance(arg, s.Plain) and _is_width(arg) else "argument of this form"
            layers.report.add(no_form_of_shortcut(arg.span, form))
            return None, None, None
    if width is None:
        layers.report.add(shortcut_without_channels(layer.span))
    return width, stride, option


def option_of(brackets: s.Brackets | None, layers: Reader) -> str | None:
    """What `brackets: residual(shortcut=B)` says, else B; None where it is no option, which is reported."""
    for _, value in brackets.settings if brackets else ():
        return _option(s.Name(value.text, span=value.span), layers)
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


def _is_width(arg: s.Plain) -> bool:
    return not isinstance(arg.value, s.Size | s.Text)


def _args(step: s.Step) -> tuple[s.Arg, ...]:
    return step.unit.args if isinstance(step.unit, s.Layer) else ()


def _widths(bracket: s.Bracket) -> Iterator[s.Expr]:
    for step in bracket.chain:
        for arg in _args(step):
            if isinstance(arg, s.Plain) and not isinstance(arg.value, s.Size | s.Text):
                yield arg.value
