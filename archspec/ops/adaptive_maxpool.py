"""Max pooling to a given size: ``adaptive-maxpool 7x7``."""

from __future__ import annotations

from typing import ClassVar

from archspec.ops._adaptive import Adaptive


class AdaptiveMaxPool(Adaptive):
    """The largest value of each of H x W near-equal windows."""

    keeps: ClassVar[frozenset[str]] = frozenset({"input", "mask"})
    target: ClassVar[str] = "nn.AdaptiveMaxPool2d"
