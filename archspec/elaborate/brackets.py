"""Residual brackets (He et al. 2015), as what they stand for: the use of a block that is made of their form."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from archspec.elaborate.shortcut import SHORTCUT, is_width, option_of
from archspec.elaborate.target import Reader
from archspec.ir.node import IN
from archspec.language import syntax as s


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
        width = next((arg.value for arg in reversed(last.args) if isinstance(arg, s.Plain) and is_width(arg)), None)
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
        if isinstance(arg, s.Plain) and is_width(arg):
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


def _args(step: s.Step) -> tuple[s.Arg, ...]:
    return step.unit.args if isinstance(step.unit, s.Layer) else ()


def _widths(bracket: s.Bracket) -> Iterator[s.Expr]:
    for step in bracket.chain:
        for arg in _args(step):
            if isinstance(arg, s.Plain) and not isinstance(arg.value, s.Size | s.Text):
                yield arg.value
