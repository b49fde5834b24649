"""Convolutions and fully connected layers."""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

from archspec.importing.graph import rounded
from archspec.importing.torch.axes import dim, flat, plain, with_dim
from archspec.importing.torch.building import Building
from archspec.importing.torch.rules.registry import rule
from archspec.importing.torch.values import Constant, Derived, Unlaid, Unsaid, Value, Weight


@rule("conv2d", channels=1)
def conv2d(
    at: Building,
    x: Value,
    weight: Constant,
    bias: Constant | None,
    stride: list[int],
    padding: Any,
    dilation: list[int],
    groups: int,
) -> Value:
    """``conv``, ``dwconv`` or, by standardised kernels, ``ws-conv``."""
    outputs, _, *kernel = weight.shape
    enters = at.shape(at.plain(x)).channels
    args: dict[str, Any] = {"kernel": tuple(kernel), "stride": pair(stride), "dilation": pair(dilation)}
    args |= {"bias": bias is not None, "pad": _pad(kernel, padding, pair(dilation))}
    if isinstance(weight, Derived):
        source, eps, gain, scale = _standardised(weight)
        args |= {"channels": outputs, "groups": groups, "eps": eps}
        if gain is not None:
            args |= {"scaled": True, "gamma": rounded(scale * prod(weight.shape[1:]) ** 0.5)}
        return at.value("ws-conv", x, _known(args), tensors(weight=source, bias=bias, gain=gain))
    if groups == enters > 1:
        args |= {"multiplier": outputs // groups}
        return at.value("dwconv", x, _known(args), tensors(weight=weight, bias=bias))
    args |= {"channels": outputs, "groups": groups}
    return at.value("conv", x, _known(args), tensors(weight=weight, bias=bias))


@rule("conv1d")
def conv1d(
    at: Building,
    x: Value,
    weight: Constant,
    bias: Constant | None,
    stride: list[int],
    padding: Any,
    dilation: list[int],
    groups: int,
) -> Value:
    """``channel-conv`` along the channels of one position."""
    outputs, inputs, kernel = weight.shape
    along = len(x.dims) == 3 and x.dims[:2] == ((), ()) and at.axis(x, 2) == "c"
    usual = (outputs, inputs, *stride, *dilation) == (1, 1, 1, 1) and list(padding) == [kernel // 2]
    if not along or not usual or bias is not None or x.spread:
        raise Unsaid("a convolution in one dimension, which is not along the channels of one position")
    return at.elementwise("channel-conv", x, {"kernel": kernel}, tensors(weight=weight))


@rule("conv_transpose2d", channels=1)
def conv_transpose2d(
    at: Building,
    x: Value,
    weight: Constant,
    bias: Constant | None,
    stride: list[int],
    padding: list[int],
    output_padding: list[int],
    groups: int,
    dilation: list[int],
) -> Value:
    """``transposed-conv``."""
    _, outputs, *kernel = weight.shape
    args = {
        "kernel": tuple(kernel),
        "channels": outputs * groups,
        "stride": pair(stride),
        "pad": pair(padding),
        "output_pad": pair(output_padding),
        "dilation": pair(dilation),
        "groups": groups,
        "bias": bias is not None,
    }
    return at.value("transposed-conv", x, args, tensors(weight=weight, bias=bias))


@rule("linear", channels=-1)
def linear(at: Building, x: Value, weight: Constant, bias: Constant | None) -> Value:
    """``fc`` on a vector; at each position of a map a ``conv 1x1``, which holds the same numbers."""
    units, shape = weight.shape[0], at.shape(x.source)
    held = tensors(weight=weight, bias=bias)
    if len(x.dims) == 2 and x.dims == flat(shape):
        source = at.add("fc", [x.source], {"units": units, "bias": bias is not None}, held)
        return Value(source, plain(at.shape(source)))
    if at.axis(x, -1) != "c" or x.spread:
        raise Unlaid("a linear layer on something other than the channels of each position")
    dims = with_dim(x.dims, len(x.dims) - 1, dim("c", units))
    if not shape.is_map:
        return Value(at.add("fc", [x.source], {"units": units, "bias": bias is not None}, held), dims)
    args = {"kernel": (1, 1), "channels": units, "bias": bias is not None}
    return Value(at.add("conv", [x.source], args, held), dims)


def pair(values: Any) -> tuple[int, int]:
    """Two numbers, where torch may have one for both."""
    listed = [values] if isinstance(values, int) else list(values)
    return (listed[0], listed[-1])


def tensors(**found: Constant | Value | None) -> dict[str, str]:
    """The names of weights by the names that the op has for them; raises Unsaid for those that are not trained."""
    for name, value in found.items():
        if isinstance(value, Derived):
            raise Unsaid("its weights are computed from others")
        if isinstance(value, Value):  # of dynamic convolutions
            raise Unsaid("its weights are computed from what enters the network")
        if isinstance(value, Weight) and not value.trained and not name.startswith("running"):
            raise Unsaid("its weights are fixed")
    return {name: value.name for name, value in found.items() if isinstance(value, Weight)}


def starting(weight: Any) -> dict[str, float]:
    """The argument for what a weight is before training, where that is known."""
    start = weight.start if isinstance(weight, Weight) else None
    return {} if start is None else {"init": start}


def _pad(kernel: list[int], padding: Any, dilation: tuple[int, int]) -> Any:
    """The argument ``pad``: None where it is the half of the kernel, which is the default."""
    if isinstance(padding, str):
        reach = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        if padding == "same" and any(each % 2 for each in reach):
            return "same"
        padding = [each // 2 if padding == "same" else 0 for each in reach]
    usual = tuple(d * (k // 2) for k, d in zip(kernel, dilation, strict=True))
    return None if pair(padding) == usual else pair(padding)


def _known(args: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in args.items() if value is not None}


class Standardised(NamedTuple):
    """What kernels are computed from: weights, an epsilon, and perhaps a gain for each kernel times a number."""

    weight: Weight
    eps: float
    gain: Weight | None = None
    scale: float = 1.0


def _standardised(kernels: Derived) -> Standardised:
    """What standardised kernels are computed from; raises Unsaid for others."""
    found = _by_batch_norm(unviewed(kernels), kernels.shape[0]) or _by_moments(kernels)
    if found is None:
        raise Unsaid("its kernels are computed from weights, and not standardised alone")
    return found


def _by_batch_norm(kernels: Any, outputs: int) -> Standardised | None:
    """Kernels that went through a batch norm in training, each as a channel, without a shift."""
    if not _is(kernels, "batch_norm"):
        return None
    x, scale, shift, _, _, training, _, eps, *_ = kernels.args
    fits = training and shift is None and isinstance(x, Derived) and x.shape[:2] == (1, outputs)
    weight, gains = unviewed(x), (None, 1.0) if scale is None else _gains(scale)
    return Standardised(weight, eps, *gains) if fits and gains and isinstance(weight, Weight) else None


def _by_moments(kernels: Derived) -> Standardised | None:
    """Kernels less their mean over the root of their variance and epsilon, perhaps scaled: what archspec emits."""
    if _is(kernels, "mul"):
        inner, gains = kernels.args[0], _gains(kernels.args[1])
        found = _by_moments(inner) if isinstance(inner, Derived) else None
        return Standardised(found.weight, found.eps, *gains) if found and gains and found.gain is None else None
    if not _is(kernels, "div") or not _is(kernels.args[0], "sub") or not _is(kernels.args[1], "sqrt"):
        return None
    (weight, mean, *_), (raised, *_) = kernels.args[0].args, kernels.args[1].args
    if not isinstance(weight, Weight) or not _is(raised, "add") or not _is(mean, "getitem"):
        return None
    moments = mean.args[0]
    own = _is(moments, "var_mean") and moments.args[0] == weight and moments.args[1] == [1, 2, 3]
    eps = raised.args[1]
    fits = own and isinstance(eps, float) and raised.args[0].args[0] == moments
    return Standardised(weight, eps) if fits else None


def _gains(value: Any) -> tuple[Weight, float] | None:
    """A learned gain for each kernel, times a number."""
    scaled = unviewed(value)
    if not _is(scaled, "mul"):
        return None
    gain, scale = scaled.args[:2]
    is_for_each = isinstance(gain, Weight) and gain.shape == (gain.shape[0], 1, 1, 1)
    return (gain, float(scale)) if is_for_each and isinstance(scale, int | float) else None


def _is(value: Any, op: str) -> bool:
    return isinstance(value, Derived) and value.op == op


def unviewed(value: Any) -> Any:
    """A weight under its own shape."""
    while isinstance(value, Derived) and value.op in ("reshape", "view", "reshape_as", "view_as", "unsqueeze"):
        value = value.args[0]
    return value
