"""Anti-aliased subsampling (Zhang 2019): ``blurpool`` (3x3, stride 2), ``blurpool 5x5, /1, mode=zero``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import extent, step, word
from archspec.op import Call, Op, Requirement, Shape, Window, needs_map, square
from archspec.ops._sliding import arithmetic, both, leaves_positions, mirrors, positions
from archspec.support.sources import beside

SOURCE = beside(__name__)
PADS = {"reflect": "reflect", "zero": "constant", "replicate": "replicate"}
"""What torch calls each way to pad."""


class BlurPool(Op):
    """A depthwise convolution by binomial coefficients, which are not trained; pads ``k // 2`` on each side."""

    drawn_as: ClassVar[str] = "pool"
    elsewhere: ClassVar[tuple[str, ...]] = ("blur", "anti-alias", "anti-aliasing")
    label: ClassVar[str] = "BlurPool"
    sized: ClassVar[str | None] = "kernel"
    fixed: ClassVar[frozenset[str]] = frozenset({"kernel", "stride", "mode"})
    keeps_stride: ClassVar[bool] = True
    keeps: ClassVar[frozenset[str]] = frozenset({"mask"})

    kernel = extent((3, 3))
    stride = step((2, 2))
    mode = word(*PADS)

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield needs_map(self, x)
        if self.mode == "reflect":
            for n, kernel in zip(x.extent, self.kernel, strict=True):
                yield mirrors(n, kernel // 2, "kernel", f"use a kernel of {2 * n - 1} at most")
        yield leaves_positions(self, x)

    def infer(self, x: Shape) -> Shape:
        height, width = (positions(*axis) for axis in self._axes(x))
        return Shape(x.channels, height, width)

    def macs(self, y: Shape, x: Shape) -> int:
        return y.size * self.kernel[0] * self.kernel[1]

    def keeping(self, x: Shape) -> frozenset[str]:
        return self.keeps if self.mode == "zero" else self.keeps | {"input"}

    def masks(self, y: Shape, x: Shape) -> int:
        height, width = (n + 2 * (kernel // 2) for n, kernel in zip(x.extent, self.kernel, strict=True))
        return x.channels * height * width  # what is padded

    def window(self, x: Shape) -> Window:
        rows, columns = self.kernel
        return Window(self.kernel, self.stride, (rows // 2, columns // 2))

    def why(self, x: Shape) -> str:
        return both([arithmetic(*axis) for axis in self._axes(x)])

    def torch(self, x: Shape) -> tuple[Call, ...]:
        options = {"kernel_size": square(self.kernel), "stride": square(self.stride), "mode": PADS[self.mode]}
        defaults = {"kernel_size": 3, "stride": 2, "mode": "reflect"}
        return (Call("BlurPool", {}, options, defaults, SOURCE.definition("BlurPool"), resets=True),)

    def _axes(self, x: Shape) -> list[tuple[int, int, int, int, int]]:
        axes = zip(x.extent, self.kernel, self.stride, strict=True)
        return [(n, kernel, stride, kernel // 2, kernel // 2) for n, kernel, stride in axes]
