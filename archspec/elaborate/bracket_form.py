"""The form of a bracket: what it has in common with others that are one block, and what its uses give to that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from archspec import ops
from archspec.arguments import STRIDES
from archspec.elaborate.shortcut import SHORTCUT, is_width
from archspec.elaborate.target import Reader, parameters_of, ruled, stride_of, switch
from archspec.elaborate.words import within
from archspec.expressions import Expression
from archspec.ir.node import IN
from archspec.language import syntax as s


class Form:
    """A bracket with names in the place of its widths and its stride."""

    def __init__(self, bracket: s.Bracket, layers: Reader, strided: bool) -> None:
        self.at, self._layers = bracket.span, layers
        self.values: dict[str, s.Value] = {}
        texts = list(dict.fromkeys(width.span.text for width in self._numbers(bracket)))
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
    def last(self) -> int:
        """Where the last layer of the chain stands, behind which there are blocks alone."""
        targets = [self._layers.target(step.unit) for step in self.chain]
        return max(i for i, target in enumerate(targets) if isinstance(target, type))

    @property
    def width(self) -> s.Value | None:
        """How many channels the chain gives, by the names of the block; None where it gives as many as it gets.

        They are what the last layer makes that says so, times what those behind it multiply them by.
        """
        factors: list[s.Value] = []
        for step in reversed(self.chain):
            made = made_by(step.unit, self._layers, self.values)
            if made is not None:
                return _product(made, factors)
            factors += _multiplied_by(step.unit, self._layers)
        return _product(s.Name(IN, span=self.at), factors) if factors else None

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
        args = tuple(self._arg(arg, unit) for arg in unit.args)
        if i == self._at_stride and not any(isinstance(arg, s.Stride) for arg in args):
            args = (*args, s.Stride(unit.span, s.Name(self.stride, span=unit.span)))
        return step.replaced(unit=unit.replaced(args=args))

    def _arg(self, arg: s.Arg, of: s.Layer) -> s.Arg:
        if self._has_stride and isinstance(arg, s.Stride) and not isinstance(arg.value, s.Text):
            self.values[self.stride] = arg.value
            return s.Stride(arg.span, s.Name(self.stride, span=arg.span))
        if isinstance(arg, s.Plain) and _is_number(arg, of, self._layers):
            assert not isinstance(arg.value, s.Size | s.Text)
            name = self._widths[arg.value.span.text]
            self.values[name] = arg.value
            return s.Plain(arg.span, s.Name(name, span=arg.span))
        return arg

    def _numbers(self, bracket: s.Bracket) -> Iterator[s.Expr]:
        """What stands as a number in the layers of a bracket."""
        for unit in (step.unit for step in bracket.chain if isinstance(step.unit, s.Layer)):
            for arg in unit.args:
                if isinstance(arg, s.Plain) and _is_number(arg, unit, self._layers):
                    assert not isinstance(arg.value, s.Size | s.Text)
                    yield arg.value

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
            op = layers.target(step.unit)
            values += [arg.value for arg in (within(step.unit, op) if isinstance(op, type) else ())]
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


def spelled(step: s.Step) -> str:
    """A step as it is written, with its brackets."""
    if not isinstance(step.unit, s.Bracket):
        return step.span.text
    times = f" x {step.times.span.text}" if step.times is not None else ""
    condition = f" if {step.condition.span.text}" if step.condition is not None else ""
    return f"[{'; '.join(map(spelled, step.unit.chain))}]{times}{condition}"


def args_of(step: s.Step) -> tuple[s.Arg, ...]:
    """The arguments of a step that is a layer."""
    return step.unit.args if isinstance(step.unit, s.Layer) else ()


def made_by(layer: s.Layer | s.Bracket, layers: Reader, names: Mapping[str, s.Value] = {}) -> s.Value | None:
    """How many channels a layer makes, from its cell, in its short form or by its rule; None of other layers.

    ``names`` stand in the place of values.
    """
    op = layers.target(layer)
    if not isinstance(layer, s.Layer) or not isinstance(op, type) or op.makes is None:
        return None
    for arg in reversed((*ruled(op, layers), *within(layer, op), *layer.args)):
        plain = isinstance(arg, s.Plain) and _is_number(arg, layer, layers) and not _is_size(arg.value, layers, names)
        if isinstance(arg, s.Named | s.Plain) and (plain or getattr(arg, "name", None) == op.makes):
            return arg.value
    return None


def _multiplied_by(layer: s.Layer | s.Bracket, layers: Reader) -> Iterator[s.Value]:
    """By what a layer multiplies its channels, from its cell or by its rule."""
    op = layers.target(layer)
    if isinstance(layer, s.Layer) and isinstance(op, type) and op.multiplies is not None:
        given = [*ruled(op, layers), *layer.args]
        found = [arg.value for arg in given if isinstance(arg, s.Named) and arg.name == op.multiplies]
        yield from found[-1:]


def _product(value: s.Value, factors: Sequence[s.Value]) -> s.Value:
    """A number times others; what is none is left to the checks of the layers."""
    for factor in factors:
        if isinstance(value, Expression) and isinstance(factor, Expression):
            value = s.Binary("*", value, factor, span=value.span)
    return value


def _is_number(arg: s.Plain, of: s.Layer, layers: Reader) -> bool:
    """Whether an argument may be a number, by its form: no switch that is turned on, and no word for a block."""
    value, target = arg.value, layers.target(of)
    if not isinstance(value, s.Name):
        return is_width(arg) and not (isinstance(value, s.Binary) and ops.find(value.span.text))  # hard-swish
    if value.id == IN or layers.scope.knows(value):
        return True
    return isinstance(target, type) and not switch(target, value.id)


def _is_size(value: s.Value, layers: Reader, names: Mapping[str, s.Value]) -> bool:
    """Whether a name stands for a size, ``k`` in ``conv k, c``."""
    own = names.get(value.id, value) if isinstance(value, s.Name) else value
    known = layers.scope.args.get(own.id) if isinstance(own, s.Name) else None
    return known is not None and isinstance(known.value, tuple)
