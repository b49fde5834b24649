"""What the two adaptive pools share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import extent
from archspec.expressions.numeric import ceil_div, greatest, least, where
from archspec.op import Call, Free, Op, Requirement, Shape, Window, needs_map, square
from archspec.ops.identity import Identity


class Adaptive(Free):
    """Pools to the given height and width, whatever those of the input."""

    drawn_as: ClassVar[str] = "pool"
    bare: ClassVar[tuple[str, ...]] = ("size",)
    sized: ClassVar[str | None] = "size"
    fixed: ClassVar[frozenset[str]] = frozenset({"size"})
    called: ClassVar[tuple[str, ...] | None] = ("size",)
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})
    target: ClassVar[str]

    size = extent()

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield needs_map(self, x)

    def infer(self, x: Shape) -> Shape:
        return Shape(x.channels, *self.size)

    def window(self, x: Shape) -> Window:
        # Window i covers floor(i * n / m) up to ceil((i + 1) * n / m); this is the widest that rounding allows.
        sides = list(zip(x.extent, self.size, strict=True))
        rows, columns = (where(n % m == 0, n // m, least(n, ceil_div(n, m) + 1)) for n, m in sides)
        height, width = (greatest(n // m, 1) for n, m in sides)
        return Window((rows, columns), (height, width))

    def plainest(self, x: Shape) -> Op:
        return Identity() if self.size == x.extent else self

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call(self.target, {"output_size": square(self.size)}),)
