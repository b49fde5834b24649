"""Average pooling to a given size: ``adaptive-avgpool 7x7``."""

from __future__ import annotations

from typing import ClassVar

from archspec.ops._adaptive import Adaptive


class AdaptiveAvgPool(Adaptive):
    """The mean of each of H x W near-equal windows."""

    target: ClassVar[str] = "nn.AdaptiveAvgPool2d"
