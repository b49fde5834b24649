"""Pools, and means over the whole map."""

from __future__ import annotations

from typing import Any

from archspec.importing.torch.building import Building
from archspec.importing.torch.rules.convolutions import pair
from archspec.importing.torch.rules.registry import rule
from archspec.importing.torch.values import Unsaid, Value


@rule("max_pool2d")
def max_pool2d(
    at: Building, x: Value, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> Value:
    """``maxpool``."""
    args = _window(kernel_size, stride, padding, ceil_mode) | {"dilation": pair(dilation)}
    return at.value("maxpool", x, args)


@rule("avg_pool2d")
def avg_pool2d(
    at: Building,
    x: Value,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Value:
    """``avgpool``; counting what is padded says nothing where nothing is."""
    if divisor_override is not None:
        raise Unsaid("a sum over windows")
    counted = count_include_pad or pair(padding) == (0, 0)
    return at.value("avgpool", x, _window(kernel_size, stride, padding, ceil_mode) | {"count_include_pad": counted})


@rule("adaptive_avg_pool2d")
def adaptive_avg_pool2d(at: Building, x: Value, output_size: Any) -> Value:
    """``global-avgpool`` or ``adaptive-avgpool``."""
    return _adaptive(at, x, output_size, "global-avgpool", "adaptive-avgpool")


@rule("adaptive_max_pool2d")
def adaptive_max_pool2d(at: Building, x: Value, output_size: Any) -> tuple[Value]:
    """``global-maxpool`` or ``adaptive-maxpool``; torch gives the places as well, which nothing takes."""
    return (_adaptive(at, x, output_size, "global-maxpool", "adaptive-maxpool"),)


@rule("adaptive_avg_pool1d")
def adaptive_avg_pool1d(at: Building, x: Value, output_size: Any) -> Value:
    """``global-avgpool`` over positions in a row."""
    if pair(output_size) != (1, 1):
        raise Unsaid("a pool over positions in a row")
    return over_all(at, "global-avgpool", x, [len(x.dims) - 1], True)


@rule("mean")
def mean(at: Building, x: Value, dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Value:
    """``global-avgpool``."""
    return over_all(at, "global-avgpool", x, dim, keepdim)


@rule("amax")
def amax(at: Building, x: Value, dim: Any, keepdim: bool) -> Value:
    """``global-maxpool``."""
    return over_all(at, "global-maxpool", x, dim, keepdim)


def over_all(at: Building, op: str, x: Value, dim: Any, keepdim: bool) -> Value:
    """A pool over all positions, wherever they lie in the tensor."""
    gone = {i % len(x.dims) for i in ([dim] if isinstance(dim, int) else dim or [])}
    parts = sorted(part for i in gone for part in x.dims[i])
    rest = [part for i, each in enumerate(x.dims) if i not in gone for part in each]
    if 0 in gone:
        raise Unsaid("a mean or a largest value over the images of a batch")
    positions = all(part.axis != "c" for part in parts) and all(part.axis == "c" for part in rest)
    if not positions or x.spread or not at.shape(x.source).is_map:
        raise Unsaid("a mean or a largest value over something other than all positions")
    source = at.add(op, [x.source])
    kept = [() if i in gone else each for i, each in enumerate(x.dims) if keepdim or i not in gone]
    return Value(source, tuple(kept))


def _window(kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool) -> dict[str, Any]:
    kernel = pair(kernel_size)
    args: dict[str, Any] = {"kernel": kernel, "pad": pair(padding), "ceil": ceil_mode}
    return args | ({"stride": pair(stride)} if stride and pair(stride) != kernel else {})


def _adaptive(at: Building, x: Value, output_size: Any, over_map: str, to_size: str) -> Value:
    height, width = at.shape(at.plain(x)).extent
    asked = [output_size, output_size] if isinstance(output_size, int) else list(output_size)
    size = tuple(now if wanted is None else wanted for wanted, now in zip(asked, (height, width), strict=True))
    return at.value(over_map, x) if size == (1, 1) else at.value(to_size, x, {"size": size})
