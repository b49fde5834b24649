"""Layers of the graph as tokens with all their arguments, and which of these need not be written."""

from __future__ import annotations

from typing import Any

from archspec import ops
from archspec.importing.fold.names import one_line
from archspec.importing.fold.tokens import Quoted, Step, Token
from archspec.importing.graph import INPUT, Graph, Layer
from archspec.ir.node import Value
from archspec.op import Op, Weighted, made

BIAS = "bias"


def idle_biases(graph: Graph) -> frozenset[int]:
    """The layers whose bias does nothing before a mean is taken away, so that it has to be said that they have one."""
    centred = {layer.sources[0] for layer in graph.layers if (kind := ops.find(layer.op)) is not None and kind.centres}
    return frozenset(i for i in centred if i != INPUT and _biased(graph.layers[i]))


def _biased(layer: Layer) -> bool:
    kind = ops.find(layer.op)
    return kind is not None and issubclass(kind, Weighted) and bool(made(kind, layer.args).__dict__[BIAS])


def token(layer: Layer, within: str, is_idle: bool = False) -> Token:
    """A layer with all of its arguments; ``within`` is the path of the module whose body it stands in.

    That it has a bias is written where that is idle.
    """
    kind = ops.find(layer.op)
    if kind is None:
        return Token(layer.op, dict(layer.args))
    given = {name: argument.accept(layer.args[name]) for name, argument in kind.arguments.items() if name in layer.args}
    values = {name: argument.default for name, argument in kind.arguments.items() if not argument.required} | given
    values |= {name: value for name, value in kind.implied(values).items() if values.get(name) is None}
    # Lists of numbers, such as the maps of a connection table, are texts of a spec.
    values |= {name: Quoted(str(layer.args[name])) for name, value in given.items() if _is_list(value)}
    path = layer.scopes[-1].path if layer.scopes else ""
    if kind.texted in values:
        # Within a block, each use has a module of its own under the same name.
        values[kind.texted] = Quoted(one_line(str(values[kind.texted]).removeprefix(within).strip(".")) or layer.op)
    known = {name: _plain(value, name == kind.sized) for name, value in values.items() if value is not None}
    return Token(layer.op, known, path.removeprefix(within).strip("."), meant=frozenset([BIAS] * is_idle))


def needless(step: Step, name: str) -> bool:
    """Whether an argument of a step has the value everywhere that it has where it is not written."""
    kind = ops.find(_name(step))
    return (kind is not None and name not in step.meant) and all(
        _is_default(kind, step, name, use) for use, is_there in enumerate(step.present) if is_there
    )


def _is_default(kind: type[Op], step: Step, name: str, use: int) -> bool:
    value = step.args[name][use]
    argument = kind.arguments[name]
    if argument.required:
        return False
    default = argument.default
    if default is None:
        raw = {each: kind.arguments[each].accept(values[use]) for each, values in step.args.items()}
        default = kind.implied(raw).get(name)
    return value == _plain(default, name == kind.sized) and isinstance(value, bool) == isinstance(default, bool)


def _name(step: Step) -> str:
    return next(name for name in step.names if name is not None)


def _plain(value: Any, is_size: bool = False) -> Value:
    """A value as a spec writes it: one number where both sides are equal, but for what is written as a size."""
    if isinstance(value, tuple) and len(set(value)) == 1 and not (is_size or _is_list(value)):
        return int(value[0])
    return value  # type: ignore[no-any-return]


def _is_list(value: Any) -> bool:
    """Whether a value is a list of lists of numbers."""
    return isinstance(value, tuple) and any(isinstance(row, tuple) for row in value)
