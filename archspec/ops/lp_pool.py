"""Pooling by a p-norm (Sermanet et al. 2012): ``lp-pool`` (p = 2, 2x2, stride 2), ``lp-pool 3x3, /2, p=4``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from archspec.arguments import extent, number, optional
from archspec.op import Call, Free, Requirement, Shape, Window, needs_map, square
from archspec.ops._sliding import arithmetic, both, leaves_positions, positions


class LPPool(Free):
    """The p-th root of the sum of the p-th powers in each window, whose stride is the kernel unless given."""

    drawn_as: ClassVar[str] = "pool"
    elsewhere: ClassVar[tuple[str, ...]] = ("l2-pool",)
    label: ClassVar[str] = "LPPool"
    bare: ClassVar[tuple[str, ...]] = ("p",)
    sized: ClassVar[str | None] = "kernel"
    fixed: ClassVar[frozenset[str]] = frozenset({"kernel", "stride"})
    keeps_stride: ClassVar[bool] = True
    keeps: ClassVar[frozenset[str]] = frozenset({"input", "mask"})

    kernel = extent((2, 2))
    stride = optional(extent())
    p = number(2.0, least=1)

    @classmethod
    def implied(cls, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"stride": values["kernel"]}

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield needs_map(self, x)
        yield leaves_positions(self, x)

    def infer(self, x: Shape) -> Shape:
        height, width = (positions(*axis) for axis in self._axes(x))
        return Shape(x.channels, height, width)

    def masks(self, y: Shape, x: Shape) -> int:
        return x.size + 4 * y.size  # the powers; their means, with sign, without and rectified, and the sums

    def window(self, x: Shape) -> Window:
        return Window(self.kernel, self.stride or self.kernel)

    def why(self, x: Shape) -> str:
        return both([arithmetic(*axis) for axis in self._axes(x)])

    def torch(self, x: Shape) -> tuple[Call, ...]:
        args = {"norm_type": self.p, "kernel_size": square(self.kernel)}
        options = {"stride": square(self.stride or self.kernel)}
        return (Call("nn.LPPool2d", args, options, {"stride": square(self.kernel)}),)

    def _axes(self, x: Shape) -> list[tuple[int, int, int, int, int]]:
        axes = zip(x.extent, self.kernel, self.stride or self.kernel, strict=True)
        return [(n, kernel, stride, 0, 0) for n, kernel, stride in axes]
