"""Upsampling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archspec.importing.torch.building import Building
from archspec.importing.torch.rules.registry import rule
from archspec.importing.torch.values import Unsaid, Value


@rule("upsample_nearest2d")
def nearest(at: Building, x: Value, output_size: Any = None, scale_factors: Any = None, **scales: Any) -> Value:
    """``upsample``."""
    return _enlarged(at, x, output_size, scale_factors, scales, "nearest")


@rule("upsample_bilinear2d")
def bilinear(
    at: Building, x: Value, output_size: Any, align_corners: bool, scale_factors: Any = None, **scales: Any
) -> Value:
    """``upsample mode=bilinear``."""
    if align_corners:
        raise Unsaid("upsampling that aligns corners")
    return _enlarged(at, x, output_size, scale_factors, scales, "bilinear")


def _enlarged(
    at: Building,
    x: Value,
    size: Sequence[int] | None,
    scales: Sequence[float] | None,
    each: Mapping[str, float | None],
    mode: str,
) -> Value:
    """``upsample`` by a whole factor; torch interpolates by the factor that it is given, not by that of the sizes."""
    height, width = at.shape(at.plain(x)).extent
    rows, columns = size or [int(n * scale) for n, scale in zip((height, width), scales or (), strict=True)]
    factor = rows // height
    given = [scale for scale in (*(scales or ()), *each.values()) if scale is not None]
    if (rows, columns) != (factor * height, factor * width) or factor < 1 or any(scale != factor for scale in given):
        raise Unsaid(f"resizing {height}x{width} to {rows}x{columns}, which is not by a whole factor")
    return x if factor == 1 else at.value("upsample", x, {"factor": factor, "mode": mode})
