"""Non-linearities, and what else takes each element for itself."""

from __future__ import annotations

from typing import Any

from archspec.importing.torch.building import Building
from archspec.importing.torch.rules.convolutions import starting, tensors
from archspec.importing.torch.rules.norms import demand_channels
from archspec.importing.torch.rules.registry import RULES, rule
from archspec.importing.torch.values import Constant, Unsaid, Value

PLAIN = {
    "relu": "relu",
    "relu6": "relu6",
    "silu": "silu",
    "mish": "mish",
    "hardswish": "hard-swish",
    "hardsigmoid": "hard-sigmoid",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "selu": "selu",
}
"""Those without arguments."""


def _entered(op: str) -> Any:
    return lambda at, x: at.elementwise(op, x)


RULES.update({name: _entered(op) for name, op in PLAIN.items()})


@rule("gelu")
def gelu(at: Building, x: Value, approximate: str) -> Value:
    """``gelu``."""
    return at.elementwise("gelu", x, {"tanh": approximate != "none"})


@rule("hardtanh")
def hardtanh(at: Building, x: Value, min_val: float, max_val: float) -> Value:
    """``relu6`` between 0 and 6, else ``hard-tanh``."""
    return _between(at, x, min_val, max_val)


@rule("clamp", "clip")
def clamp(at: Building, x: Value, min: Any = None, max: Any = None) -> Value:
    """``relu`` above 0, ``relu6`` between 0 and 6, else ``hard-tanh`` between two numbers."""
    return _between(at, x, min, max)


@rule("clamp_min")
def clamp_min(at: Building, x: Value, min: Any) -> Value:
    """``relu`` above 0."""
    return _between(at, x, min, None)


@rule("leaky_relu")
def leaky_relu(at: Building, x: Value, negative_slope: float) -> Value:
    """``leaky-relu``."""
    return at.elementwise("leaky-relu", x, {"slope": negative_slope})


@rule("elu")
def elu(at: Building, x: Value, alpha: float, scale: float, input_scale: float) -> Value:
    """``elu``."""
    if (scale, input_scale) != (1, 1):
        raise Unsaid("a scaled elu")
    return at.elementwise("elu", x, {"alpha": alpha})


@rule("celu")
def celu(at: Building, x: Value, alpha: float) -> Value:
    """``celu``."""
    return at.elementwise("celu", x, {"alpha": alpha})


@rule("softplus")
def softplus(at: Building, x: Value, beta: float, threshold: float) -> Value:
    """``softplus``."""
    if threshold != 20:
        raise Unsaid("a softplus that is linear from another threshold on")
    return at.elementwise("softplus", x, {"beta": beta})


@rule("prelu")
def prelu(at: Building, x: Value, weight: Constant) -> Value:
    """``prelu``."""
    demand_channels(at, x)
    shared = weight.shape == (1,) and at.shape(x.source).channels > 1
    return at.elementwise("prelu", x, {"shared": shared, **starting(weight)}, tensors(weight=weight))


@rule("softmax")
def softmax(at: Building, x: Value, dim: int, dtype: Any = None) -> Value:
    """``softmax`` over the channels."""
    if at.axis(x, dim) != "c" or x.spread:
        raise Unsaid("a softmax over something other than the channels")
    return at.elementwise("softmax", x)


def _between(at: Building, x: Value, low: Any, high: Any) -> Value:
    if not all(each is None or isinstance(each, int | float) for each in (low, high)):
        raise Unsaid("a cut at computed bounds")
    if low == 0 and high in (None, 6):
        return at.elementwise("relu" if high is None else "relu6", x)
    if low is None or high is None:
        raise Unsaid("a cut on one side alone")
    return at.elementwise("hard-tanh", x, {"low": float(low), "high": float(high)})
