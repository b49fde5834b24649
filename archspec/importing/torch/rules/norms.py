"""Normalisations."""

from __future__ import annotations

from typing import Any

from archspec.importing.torch.building import Building
from archspec.importing.torch.rules.convolutions import tensors
from archspec.importing.torch.rules.registry import rule
from archspec.importing.torch.values import Constant, Unlaid, Unsaid, Value


@rule("batch_norm", channels=1)
def batch_norm(
    at: Building,
    x: Value,
    weight: Constant | None,
    bias: Constant | None,
    running_mean: Constant | None,
    running_var: Constant | None,
    training: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool,
) -> Value:
    """``bn``."""
    if running_mean is None or (weight is None) != (bias is None):
        raise Unsaid("a batch norm without running statistics, or with a scale and no shift")
    if training:
        raise Unsaid("a batch norm by the statistics of the batch, at test time as well")
    if momentum == 0:  # what torch says of None as well
        raise Unsaid("a batch norm whose statistics are plain means of all batches")
    demand_channels(at, x._replace(dims=((), *x.dims[1:])))  # positions among the images have the same statistics
    held = tensors(weight=weight, bias=bias, running_mean=running_mean, running_var=running_var)
    return at.elementwise("bn", x, {"eps": eps, "momentum": momentum, "affine": weight is not None}, held)


@rule("layer_norm", channels=-1)
def layer_norm(
    at: Building,
    x: Value,
    normalized_shape: list[int],
    weight: Constant | None,
    bias: Constant | None,
    eps: float,
    cudnn_enable: bool,
) -> Value:
    """``layernorm``, over the channels of each position."""
    if len(normalized_shape) != 1 or at.axis(x, -1) != "c" or x.spread:
        raise Unlaid("a layer norm over something other than the channels of each position")
    if weight is not None and bias is None:
        return at.elementwise("layernorm", x, {"eps": eps, "shift": False}, tensors(weight=weight))
    return at.elementwise("layernorm", x, *_affine(weight, bias, eps))


@rule("group_norm", channels=1)
def group_norm(
    at: Building,
    x: Value,
    num_groups: int,
    weight: Constant | None,
    bias: Constant | None,
    eps: float,
    cudnn_enabled: bool,
) -> Value:
    """``groupnorm``."""
    demand_channels(at, x)
    args, held = _affine(weight, bias, eps)
    return at.elementwise("groupnorm", x, {"groups": num_groups, **args}, held)


@rule("instance_norm", channels=1)
def instance_norm(
    at: Building,
    x: Value,
    weight: Constant | None,
    bias: Constant | None,
    running_mean: Constant | None,
    running_var: Constant | None,
    use_input_stats: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool,
) -> Value:
    """``instancenorm``."""
    if running_mean is not None or not use_input_stats:
        raise Unsaid("an instance norm with running statistics")
    demand_channels(at, x)
    return at.elementwise("instancenorm", x, *_affine(weight, bias, eps))


def demand_channels(at: Building, x: Value) -> None:
    """Raise Unsaid unless the second dimension of a tensor is the channels, which these layers take it for."""
    if len(x.dims) < 2 or at.axis(x, 1) != "c" or x.dims[0] or x.spread:
        raise Unlaid("a normalisation whose channels are not those of the map")


def _affine(weight: Constant | None, bias: Constant | None, eps: float) -> tuple[dict[str, Any], dict[str, str]]:
    if (weight is None) != (bias is None):
        raise Unsaid("a normalisation with a scale and no shift")
    return {"eps": eps, "affine": weight is not None}, tensors(weight=weight, bias=bias)
