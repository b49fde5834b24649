"""Average pooling: ``avgpool`` (2x2, stride 2), ``avgpool 3x3, /1, pad=1, count_include_pad=no``."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import flag
from archspec.op import Call, Shape, square
from archspec.ops._pool import Pool


class AvgPool(Pool):
    """The mean of each window; padding counts as zeros in it unless ``count_include_pad=no``."""

    label: ClassVar[str] = "AvgPool"

    count_include_pad = flag(True)

    def torch(self, x: Shape) -> tuple[Call, ...]:
        options = self._options() | {"count_include_pad": self.count_include_pad}
        defaults = self._defaults() | {"count_include_pad": True}
        return (Call("nn.AvgPool2d", {"kernel_size": square(self.kernel)}, options, defaults),)
