"""The form of a bracket: what it has in common with others that are one block, and what its uses give to that."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from archspec.arguments import STRIDES
from archspec.elaborate.shortcut import SHORTCUT, is_width
from archspec.elaborate.target import Reader, parameters_of, stride_of
from archspec.expressions import Expression
from archspec.language import syntax as s


class Form:
    """A bracket with names in the place of its widths and its stride."""

    def __init__(self, bracket: s.Bracket, layers: Reader, strided: bool) -> None:
        self.at, self._layers = bracket.span, layers
        self.values: dict[str, s.Value] = {}
        texts = list(dict.fromkeys(width.span.text for width in _widths(bracket)))
        own = [*_names(bracket, layers)]
        self._passed = [name for name in dict.fromkeys(own) if name in layers.scope.formals]
        """The parameters of the block in which it stands that it needs beside its widths."""
        taken = frozenset((*own, *_names_of_settings(layers)))
        names = (f"c{i}" if len(texts) > 1 else "c" for i in count(1))
        self._widths = {text: _free(name, taken) for text, name in zip(texts, names, strict=False)}
        self.stride = next((name for name in STRIDES if name not in taken), STRIDES[0])
        """What its parameter for the stride is called."""
        self._at_stride = _strided(bracket.chain, layers) if strided else None
        self._has_stride = strided
        self.chain = tuple(self._step(step, i) for i, step in enumerate(bracket.chain))
        self.signature = tuple(self._said(step) for step in self.chain)
        self.values |= {name: s.Name(name, span=self.at) for name in self._passed}

    @property
    def last(self) -> s.Layer:
        """The last layer of the chain."""
        last = self.chain[-1].unit
        assert isinstance(last, s.Layer)
        return last

    @property
    def formals(self) -> tuple[s.Formal, ...]:
        """The parameters of its block."""
        widths = tuple(s.Formal(self.at, name, None) for name in self._widths.values())
        stride = s.Formal(self.at, self.stride, s.Number(1, span=self.at))
        passed = tuple(s.Formal(self.at, name, None) for name in self._passed)
        return (*widths, *passed, stride) if self._has_stride else (*widths, *passed)

    def _step(self, step: s.Step, i: int) -> s.Step:
        unit = step.unit
        assert isinstance(unit, s.Layer)
        args = tuple(self._arg(arg) for arg in unit.args)
        if i == self._at_stride and not any(isinstance(arg, s.Stride) for arg in args):
            args = (*args, s.Stride(unit.span, s.Name(self.stride, span=unit.span)))
        return step.replaced(unit=unit.replaced(args=args))

    def _arg(self, arg: s.Arg) -> s.Arg:
        if self._has_stride and isinstance(arg, s.Stride) and not isinstance(arg.value, s.Text):
            self.values[self.stride] = arg.value
            return s.Stride(arg.span, s.Name(self.stride, span=arg.span))
        if isinstance(arg, s.Plain) and is_width(arg):
            assert not isinstance(arg.value, s.Size | s.Text)
            name = self._widths[arg.value.span.text]
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


def _strided(chain: s.Chain, layers: Reader) -> int:
    """Which layer has the stride of a bracket: the one in which it is written, else the first that takes one."""
    written = [i for i, step in enumerate(chain) if any(isinstance(a, s.Stride) for a in args_of(step))]
    taking = (i for i, step in enumerate(chain) if stride_of(parameters_of(layers.target(step.unit))))
    return written[0] if written else next(taking, 0)


def _free(name: str, taken: frozenset[str]) -> str:
    """The name, or one like it that means nothing in the bracket."""
    while name in taken:
        name += "_"
    return name


def _names(bracket: s.Bracket, layers: Reader) -> Iterator[str]:
    """The names that mean something in a bracket and its rules beside widths and strides, which its use has."""
    rules = [layers.rules.get(name, ()) for name in ("residual", SHORTCUT, *sorted(_spelled(bracket, layers)))]
    values: list[object] = []
    for step in bracket.chain:
        if isinstance(step.unit, s.Layer) and step.unit.op is not None:
            yield step.unit.op.text  # a parameter may stand for a layer
        values += [step.times, step.condition]
        values += [arg.value for arg in args_of(step) if isinstance(arg, s.Named)]
    for step in (step for rule in rules for step in rule):
        values += [step.times, step.condition, *(getattr(arg, "value", None) for arg in args_of(step))]
    for name in (name for value in values if isinstance(value, Expression) for name in value.names):
        yield name
        if name in layers.scope.args:
            yield from layers.scope.args[name].names


def _names_of_settings(layers: Reader) -> Iterator[str]:
    """The names that mean something in the statement `brackets`."""
    for _, value in layers.brackets.settings if layers.brackets is not None else ():
        for name in value.names:
            yield name
            if name in layers.scope.args:
                yield from layers.scope.args[name].names


def _spelled(bracket: s.Bracket, layers: Reader) -> frozenset[str]:
    """The layers of a bracket, by which their rules are called."""
    targets = (layers.target(step.unit) for step in bracket.chain)
    return frozenset(target.spelled() for target in targets if isinstance(target, type))


def args_of(step: s.Step) -> tuple[s.Arg, ...]:
    """The arguments of a step that is a layer."""
    return step.unit.args if isinstance(step.unit, s.Layer) else ()


def _widths(bracket: s.Bracket) -> Iterator[s.Expr]:
    for step in bracket.chain:
        for arg in args_of(step):
            if isinstance(arg, s.Plain) and not isinstance(arg.value, s.Size | s.Text):
                yield arg.value
