"""An amount of one layer as the product that it is: positions, outputs and inputs, kernels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from archspec.op import Op, Shape

Tensors = Mapping[str, tuple[int, ...]]


def of_outputs(op: Op, y: Shape, xs: tuple[Shape, ...], amount: int) -> str:
    """``112*112*64``: an amount that is the elements of the output."""
    return _plain(y.dims, amount)


def of_weights(op: Op, y: Shape, xs: tuple[Shape, ...], amount: int) -> str:
    """``64*(3*7*7 + 1)``: an amount of the numbers that a layer learns."""
    weights = op.weights(*xs)
    return _sum(weights) if _numbers(weights) == amount else _plain(weights.get("weight", ()), amount)


def of_positions(op: Op, y: Shape, xs: tuple[Shape, ...], amount: int) -> str:
    """``112*112*64*3*7*7``: an amount that every position of the output has."""
    return _plain([*y.dims[:-1], *op.weights(*xs).get("weight", ())], amount)


def of_connections(op: Op, y: Shape, xs: tuple[Shape, ...], amount: int) -> str:
    """``28*28*6*(5*5 + 1)``: the same with the biases, where that is the amount."""
    weights, positions = op.weights(*xs), y.dims[:-1]
    if len(weights) == 2 and prod(positions) * _numbers(weights) == amount:
        return "*".join([*map(str, positions), _sum(weights)])
    return of_positions(op, y, xs, amount)


def _numbers(weights: Tensors) -> int:
    return sum(map(prod, weights.values()))


def _sum(weights: Tensors) -> str:
    """``64*(3*7*7 + 1)`` of a weight with a bias, ``2*64`` of a scale and a shift; other tensors one by one."""
    weight, bias = weights.get("weight", ()), weights.get("bias")
    if len(weights) == 2 and weight[:1] == bias and weight:
        outputs, *inputs = weight
        return f"{outputs}*({_times(inputs)} + 1)" if inputs else f"2*{outputs}"
    return " + ".join(_times(shape) for shape in weights.values())


def _plain(sides: Sequence[int], amount: int) -> str:
    return _times(sides) if sides and prod(sides) == amount else f"{amount:,}"


def _times(sides: Sequence[int]) -> str:
    return "*".join(map(str, sides))
