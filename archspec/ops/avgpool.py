"""Average pooling: ``avgpool`` (2x2, stride 2), ``avgpool 3x3, /1, pad=1, count_include_pad=no``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import flag
from archspec.op import Call, Op, Refused, Requirement, Shape, square
from archspec.ops._pool import Pool
from archspec.ops.global_avgpool import GlobalAvgPool


class AvgPool(Pool):
    """The mean of each window; padding counts as zeros in it unless ``count_include_pad=no`` or ``pad=tf_same``."""

    called: ClassVar[tuple[str, ...] | None] = ("kernel", "stride", "pad", "ceil", "count_include_pad")
    printed_as: ClassVar[tuple[str, ...]] = ("average pool", "average pooling", "avg pooling")
    without_size: ClassVar[str] = "global-avgpool"
    elsewhere: ClassVar[tuple[str, ...]] = ("mean-pool",)
    label: ClassVar[str] = "AvgPool"
    passes_zero: ClassVar[bool] = True

    count_include_pad = flag(True)

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield from super().requires(x)
        yield Requirement(not self._beyond(x), _counts_what_is_beyond)

    def _of_all(self) -> Op:
        return GlobalAvgPool()

    def torch(self, x: Shape) -> tuple[Call, ...]:
        counted = self.count_include_pad and self.pad != "tf_same"
        options = self._options(x) | {"count_include_pad": counted}
        defaults = self._defaults() | {"count_include_pad": True}
        return (Call("nn.AvgPool2d", {"kernel_size": square(self.kernel)}, options, defaults),)


def _counts_what_is_beyond() -> Refused:
    return Refused(
        "torch cannot leave one row or column of padding out of the mean at stride 1",
        param="pad",
        help="use a kernel of odd height and width",
    )
