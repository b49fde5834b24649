"""Global max pooling (Oquab et al. 2015): ``global-maxpool``, H x W x C to 1 x 1 x C."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.op import Call, Free, Requirement, Shape, Window, needs_map


class GlobalMaxPool(Free):
    """The largest value of each channel at any position."""

    drawn_as: ClassVar[str] = "pool"
    pools_all: ClassVar[bool] = True
    printed_as: ClassVar[tuple[str, ...]] = ("global max pool", "global max pooling")
    elsewhere: ClassVar[tuple[str, ...]] = ("gmp",)
    label: ClassVar[str] = "MaxPool"
    keeps: ClassVar[frozenset[str]] = frozenset({"input", "mask"})  # where each value stood

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield needs_map(self, x)

    def infer(self, x: Shape) -> Shape:
        return Shape(x.channels, 1, 1)

    def window(self, x: Shape) -> Window:
        return Window(x.extent)

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.AdaptiveMaxPool2d", {"output_size": 1}),)
