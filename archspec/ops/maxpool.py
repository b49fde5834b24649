"""Max pooling: ``maxpool`` (2x2, stride 2), ``maxpool 3x3, /2, ceil``, ``maxpool 3x3, /2, pad=tf_same``."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import step
from archspec.op import Call, Op, Shape, square
from archspec.ops._pool import Pool
from archspec.ops._sliding import around
from archspec.ops.global_maxpool import GlobalMaxPool


class MaxPool(Pool):
    """The largest value of each window."""

    called: ClassVar[tuple[str, ...] | None] = ("kernel", "stride", "pad", "dilation")
    printed_as: ClassVar[tuple[str, ...]] = ("max pooling",)
    elsewhere: ClassVar[tuple[str, ...]] = ("pool", "maximum-pool")
    label: ClassVar[str] = "MaxPool"
    keeps: ClassVar[frozenset[str]] = frozenset({"input", "mask"})
    fixed: ClassVar[frozenset[str]] = Pool.fixed | {"dilation"}

    dilation = step()

    def _of_all(self) -> Op:
        return GlobalMaxPool()

    def torch(self, x: Shape) -> tuple[Call, ...]:
        if self._beyond(x):
            pad = Call("nn.ConstantPad2d", {"padding": around(self._sides(x)), "value": float("-inf")})
            return pad, *self.replaced(pad=(0, 0), ceil=False).torch(x)
        options = self._options(x) | {"dilation": square(self.dilation)}
        return (
            Call("nn.MaxPool2d", {"kernel_size": square(self.kernel)}, options, self._defaults() | {"dilation": 1}),
        )

    @property
    def _dilation(self) -> tuple[int, int]:
        return self.dilation
