"""Modules that are known as a whole, as torch computes them by operations that say less: one entry a class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from archspec.importing.graph import Opaque
from archspec.importing.torch.axes import plain
from archspec.importing.torch.building import Building
from archspec.importing.torch.rules.convolutions import pair
from archspec.importing.torch.values import Unsaid, Value

Whole = Callable[[Building, Value, Any], Value]
"""Takes the graph that is made, what enters the module, and the module."""


def _response_norm(at: Building, x: Value, module: Any) -> Value:
    """torch divides alpha by the number of maps, the paper does not."""
    args = {"n": module.size, "k": float(module.k), "alpha": module.alpha / module.size, "beta": float(module.beta)}
    return at.value("lrn", x, args)


def _norm_pool(at: Building, x: Value, module: Any) -> Value:
    if module.ceil_mode:
        raise Unsaid("a p-norm pool whose windows may hang over the end")
    kernel = pair(module.kernel_size)
    stride = {} if module.stride is None or pair(module.stride) == kernel else {"stride": pair(module.stride)}
    return at.value("lp-pool", x, {"kernel": kernel, "p": float(module.norm_type), **stride})


def _same_pool(at: Building, x: Value, module: Any) -> Value:
    """timm pads by the least number that there is, as TensorFlow does."""
    if module.ceil_mode:
        raise Unsaid("a pool whose windows may hang over the end")
    args = {"kernel": pair(module.kernel_size), "dilation": pair(module.dilation), "pad": "tf_same"}
    return at.value("maxpool", x, args | {"stride": pair(module.stride)})


def _stand_in(at: Building, x: Value, module: Any) -> Value:
    """What stands for an opaque layer in a module that is emitted."""
    source = at.plain(x)
    output = module.gives[at.shape(source)]
    return Value(at.add_opaque(source, output, Opaque(at.scopes[-1].path, "", None)), plain(output))


def _plain(op: str) -> Whole:
    return lambda at, x, module: at.elementwise(op, x)


WHOLES: Mapping[str, Whole] = {
    "LocalResponseNorm": _response_norm,
    "LPPool2d": _norm_pool,
    "MaxPool2dSame": _same_pool,
    "StandIn": _stand_in,
    "Softsign": _plain("softsign"),
    "HardSwish": _plain("hard-swish"),
    "HardSigmoid": _plain("hard-sigmoid"),
    "Swish": _plain("silu"),
}
"""By the names of their classes, whichever library they are from."""
