"""The shortcut that stands for an identity beside a strided branch, tried on the shapes of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from archspec.arguments import STRIDES
from archspec.expressions.numeric import ceil_div
from archspec.ir.network import Apply, Arg, Branch, Group
from archspec.op import Shape

Value = Callable[[Arg], Any]
"""The value of an argument where the block is used."""


def shortcut_for(x: Shape, ends: Mapping[str, tuple[Branch, Shape]], value: Value) -> str | None:
    """How to write it for a block that adds what it gets to the end of another branch; None where it is no such block.

    The stride and the channels are those of the branch, as written there.
    """
    other = [(branch, y) for branch, y in ends.values() if y != x]
    if len(ends) != 2 or len(other) != 1 or not x.is_map:
        return None
    branch, y = other[0]
    if not y.is_map or not any(_is_identity(each) for each, _ in ends.values() if each is not branch):
        return None
    layers = [each for step in branch.steps for each in (step.steps if isinstance(step, Group) else (step,))]
    if not all(isinstance(each, Apply) for each in layers):
        return None
    widths = [each.args[name] for each in layers if isinstance(each, Apply) and (name := _makes(each)) is not None]
    strides = [arg for each in layers if isinstance(each, Apply) if (arg := _stride(each, value)) is not None]
    if not widths or len(strides) != 1 or value(widths[-1]) != y.channels:
        return None
    stride = value(strides[0])
    height, width = stride if isinstance(stride, tuple) else (stride, stride)
    rows, columns = x.extent
    if (ceil_div(rows, height), ceil_div(columns, width)) != y.extent:
        return None
    width, step = _written(widths[-1]), _written(strides[0])
    return f"shortcut {width}, /{step}" if step.isalnum() else None


def _is_identity(branch: Branch) -> bool:
    """Whether nothing is done on a branch."""
    return all(isinstance(each, Apply) and each.kind_of_layer.passes_on for each in branch.steps)


def _makes(layer: Apply) -> str | None:
    """The argument of a layer that says how many channels come out, if it is given."""
    name = layer.kind_of_layer.makes
    return name if name in layer.args else None


def _stride(layer: Apply, value: Value) -> Arg | None:
    """The stride of a layer, if it is given and is not 1."""
    found = next((layer.args[name] for name in STRIDES if name in layer.args), None)
    return found if found is not None and value(found) not in (1, (1, 1)) else None


def _written(arg: Arg) -> str:
    """An argument as the branch has it."""
    if arg.text is not None:
        return arg.text
    return "x".join(map(str, arg.value)) if isinstance(arg.value, tuple) else str(arg.value)
