"""Efficient channel attention's convolution along the channels (Wang et al. 2020, ECA-Net): ``channel-conv 3``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import count
from archspec.op import Call, Fans, Op, Refused, Requirement, Shape, Tensor
from archspec.support.sources import beside

SOURCE = beside(__name__)


class ChannelConv(Op):
    """One kernel of ``kernel`` weights over the channels of a vector or of 1 x 1 x C, zeros around; no bias."""

    drawn_as: ClassVar[str] = "conv"
    label: ClassVar[str] = "ChannelConv"
    bare: ClassVar[tuple[str, ...]] = ("kernel",)
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})

    kernel = count(3)

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield Requirement(
            self.kernel % 2 == 1,
            lambda: Refused("`channel-conv` needs an odd kernel, so that all channels remain", param="kernel"),
        )
        if x.is_map:
            height, width = x.extent
            yield Requirement((height == 1) & (width == 1), lambda: _over_map(x))

    def infer(self, x: Shape) -> Shape:
        return x

    def weights(self, x: Shape) -> dict[str, Tensor]:
        return {"weight": (1, 1, self.kernel)}

    def macs(self, y: Shape, x: Shape) -> int:
        return y.size * self.kernel

    def torch(self, x: Shape) -> tuple[Call, ...]:
        module = SOURCE.definition("ChannelConv")
        return (Call("ChannelConv", {"kernel_size": self.kernel}, module=module, base="nn.Conv1d", fans=Fans.RIGHT),)


def _over_map(x: Shape) -> Refused:
    return Refused(f"`channel-conv` needs a vector or 1 x 1 x C, and gets {x}", help="write `global-avgpool` before it")
