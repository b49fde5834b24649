"""Global average pooling (Lin et al., Network In Network, section 3.2): ``global-avgpool``, H x W x C to 1 x 1 x C."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.op import Call, Free, Requirement, Shape, Window, needs_map


class GlobalAvgPool(Free):
    """The mean of each channel over all positions."""

    drawn_as: ClassVar[str] = "pool"
    pools_all: ClassVar[bool] = True
    printed_as: ClassVar[tuple[str, ...]] = ("global average pool", "global average pooling", "global avg pooling")
    elsewhere: ClassVar[tuple[str, ...]] = ("gap", "global-pool", "global-mean-pool")
    label: ClassVar[str] = "AvgPool"

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield needs_map(self, x)

    def infer(self, x: Shape) -> Shape:
        return Shape(x.channels, 1, 1)

    def filters(self, x: Shape) -> str:
        return self.filters_as.format("{}x{}".format(*x.extent))

    def window(self, x: Shape) -> Window:
        return Window(x.extent)

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.AdaptiveAvgPool2d", {"output_size": 1}),)
