"""A map read as a vector: ``flatten``. ``fc`` does it by itself."""

from __future__ import annotations

from typing import ClassVar

from archspec.op import Call, Free, Op, Shape, Window
from archspec.ops.identity import Identity


class Flatten(Free):
    """H x W x C to H*W*C features, in torch's order (channel first)."""

    flattens: ClassVar[bool] = True
    in_place: ClassVar[bool] = True
    view: ClassVar[bool] = True

    def infer(self, x: Shape) -> Shape:
        return Shape(x.size)

    def window(self, x: Shape) -> Window:
        return Window(x.extent if x.is_map else (1, 1))

    def plainest(self, x: Shape) -> Op:
        return Identity()

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.Flatten"),) if x.is_map else ()
