"""Depthwise convolution (Howard et al. 2017, MobileNets, section 3.1): ``dwconv 3x3, /2``, ``dwconv 5x5, 2``."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import count
from archspec.op import Shape
from archspec.ops._conv import Convolution


class DWConv(Convolution):
    """``multiplier`` kernels for each input channel, which see that channel alone; pads as ``conv``."""

    printed_as: ClassVar[tuple[str, ...]] = ("conv dw", "dw conv", "depthwise conv", "depthwise convolution")
    elsewhere: ClassVar[tuple[str, ...]] = ("depthwise",)
    label: ClassVar[str] = "DWConv"
    bare: ClassVar[tuple[str, ...]] = ("multiplier",)

    kernel = Convolution.kernel
    multiplier = count(1)

    def outputs(self, x: Shape) -> int:
        return x.channels * self.multiplier

    def splits(self, x: Shape) -> int:
        return x.channels
