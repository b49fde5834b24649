"""Modules that are known as a whole, as torch computes them by operations that say less: one entry a class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from archspec.importing.graph import Opaque
from archspec.importing.torch.axes import plain
from archspec.importing.torch.building import Building
from archspec.importing.torch.rules.channels import MODES
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


def _blur_pool(at: Building, x: Value, module: Any) -> Value:
    """timm's, which pads otherwise than by half of the kernel where the stride is not that of the paper."""
    kernel, stride = pair(module.filt_size), pair(module.stride)
    if module.pad_mode not in MODES or any(n != k // 2 for n, k in zip(module.padding, 2 * kernel, strict=True)):
        raise Unsaid("a blur that is padded otherwise")
    return at.value("blurpool", x, {"kernel": kernel, "stride": stride, "mode": MODES[module.pad_mode]})


def _own_blur_pool(at: Building, x: Value, module: Any) -> Value:
    args = {"kernel": pair(module.kernel_size), "stride": pair(module.stride), "mode": MODES[module.mode]}
    return at.value("blurpool", x, args)


def _response_norm_of_all(at: Building, x: Value, module: Any) -> Value:
    """Of ConvNeXt V2: its own, channels last, and timm's, channels last or first."""
    if at.axis(x, -1 if getattr(module, "channels_last", hasattr(module, "gamma")) else 1) != "c":
        raise Unsaid("a normalisation whose channels are not those of the map")
    weight, bias = ("gamma", "beta") if hasattr(module, "gamma") else ("weight", "bias")
    return at.elementwise("grn", x, {"eps": getattr(module, "eps", 1e-6)}, _held(at, weight=weight, bias=bias))


def _length_norm(at: Building, x: Value, module: Any) -> Value:
    first = module.weight.flatten()[:1]
    init = {} if first.is_meta else {"init": float(f"{first.item():.6g}")}
    return at.value("l2norm", x, init, _held(at, weight="weight"))


def _connected(at: Building, x: Value, module: Any) -> Value:
    """LeNet's convolution by a table, which is in the module's buffers."""
    rows: list[list[str]] = [[] for _ in range(module.out_channels)]
    for enters, leaves in zip(module.inputs.tolist(), module.outputs.tolist(), strict=True):
        rows[leaves].append(str(enters))
    args = {"kernel": tuple(module.weight.shape[2:]), "maps": ", ".join(map(" ".join, rows))}
    bias = {} if module.bias is None else {"bias": "bias"}
    return at.value("partial-conv", x, args | {"bias": bool(bias)}, _held(at, weight="weight", **bias))


def _distances(at: Building, x: Value, module: Any) -> Value:
    source = at.add("rbf", [at.vector(x)], {"units": module.codes.shape[0]}, _held(at, codes="codes"))
    return Value(source, plain(at.shape(source)))


def _subsampled(at: Building, x: Value, module: Any) -> Value:
    args = {"kernel": pair(module.pool.kernel_size)}
    return at.value("subsample", x, args, _held(at, weight="weight", bias="bias"))


def _held(at: Building, **names: str) -> dict[str, str]:
    """What the network calls the tensors of the module that is read, by the names that the op has for them."""
    path = at.scopes[-1].path if at.scopes else ""
    return {ours: ".".join(filter(None, (path, name))) for ours, name in names.items()}


def _stand_in(at: Building, x: Value, module: Any) -> Value:
    """What stands for an opaque layer in a module that is emitted."""
    output = module.outputs.of(module, at.shape(at.plain(x)))
    return Value(at.add_opaque(x.source, output, Opaque(at.scopes[-1].path, "", None)), plain(output))


def _plain(op: str) -> Whole:
    return lambda at, x, module: at.elementwise(op, x)


WHOLES: Mapping[str, Whole] = {
    "LocalResponseNorm": _response_norm,
    "LPPool2d": _norm_pool,
    "MaxPool2dSame": _same_pool,
    "StandIn": _stand_in,
    "BlurPool2d": _blur_pool,
    "BlurPool": _own_blur_pool,
    "GlobalResponseNorm": _response_norm_of_all,
    "GRN": _response_norm_of_all,
    "L2Norm": _length_norm,
    "PartialConv2d": _connected,
    "EuclideanRBF": _distances,
    "Subsample": _subsampled,
    "Softsign": _plain("softsign"),
    "HardSwish": _plain("hard-swish"),
    "HardSigmoid": _plain("hard-sigmoid"),
    "Swish": _plain("silu"),
}
"""By the names of their classes, whichever library they are from."""
