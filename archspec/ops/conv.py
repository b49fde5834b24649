"""Convolution in two dimensions: ``conv 3x3, 64, /2``, ``conv3-64``, ``conv 5x5, 256, groups=2``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from archspec.arguments import count
from archspec.op import Op, Shape
from archspec.ops._conv import Convolution
from archspec.ops._sliding import sees_all
from archspec.ops.fc import FC


class Conv(Convolution):
    """``channels`` kernels of H x W over groups of the input's channels; pads ``k // 2`` unless told otherwise."""

    printed_as: ClassVar[tuple[str, ...]] = ("conv2d", "convolution", "convolutional")
    phrased: ClassVar[Mapping[str, str]] = {"pointwise-conv": "1x1", "pointwise-convolution": "1x1"}
    label: ClassVar[str] = "Conv"
    called: ClassVar[tuple[str, ...] | None] = (
        "",
        "channels",
        "kernel",
        "stride",
        "pad",
        "dilation",
        "groups",
        "bias",
    )
    unless_called_with: ClassVar[Mapping[str, Any]] = {"pad": 0}
    bare: ClassVar[tuple[str, ...]] = ("channels",)
    makes: ClassVar[str | None] = "channels"
    short: ClassVar[tuple[str, ...]] = ("channels", "kernel")
    nameless: ClassVar[bool] = True

    kernel = Convolution.kernel  # printed before the channels
    channels = count()
    groups = count(1)

    def plainest(self, x: Shape) -> Op:
        alone = self.groups == 1 and sees_all(x, self.kernel, self._sides(x), self.dilation)
        return FC(units=self.channels, bias=self.bias) if alone else self

    def outputs(self, x: Shape) -> int:
        return self.channels

    def splits(self, x: Shape) -> int:
        return self.groups
