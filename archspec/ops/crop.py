"""The middle of a map: ``crop 24x24``, of that size; ``crop by=2``, without two rows and columns on each side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import extent, optional
from archspec.op import Call, Free, Refused, Requirement, Shape, Window, leaves_some, needs_map, square
from archspec.ops._sliding import both
from archspec.support.sources import beside

SOURCE = beside(__name__)


class Crop(Free):
    """A view of its input: its middle of a ``size``, or all but ``by`` rows and columns on each side."""

    printed_as: ClassVar[tuple[str, ...]] = ("copy and crop",)
    elsewhere: ClassVar[tuple[str, ...]] = ("center-crop", "centre-crop", "cropping")
    label: ClassVar[str] = "Crop"
    bare: ClassVar[tuple[str, ...]] = ("size",)
    sized: ClassVar[str | None] = "size"
    fixed: ClassVar[frozenset[str]] = frozenset({"size", "by"})
    in_place: ClassVar[bool] = True

    size = optional(extent())
    by = optional(extent(least=0))

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield needs_map(self, x)
        yield Requirement((self.size is None) != (self.by is None), self._one_of_two)
        yield leaves_some(self, x, lambda: self.why(x))
        height, width = self.infer(x).extent
        rows, columns = x.extent
        yield Requirement(
            (height <= rows) & (width <= columns),
            lambda: Refused(f"`crop` cuts {height}x{width} out of a map of {rows}x{columns}", param="size"),
        )

    def infer(self, x: Shape) -> Shape:
        if self.size is not None:
            return Shape(x.channels, *self.size)
        height, width = (n - 2 * by for n, by in zip(x.extent, self.by or (0, 0), strict=True))
        return Shape(x.channels, height, width)

    def window(self, x: Shape) -> Window:
        top, left = ((n - kept) // 2 for n, kept in zip(x.extent, self.infer(x).extent, strict=True))
        return Window(before=(-top, -left))

    def why(self, x: Shape) -> str:
        if self.by is None:
            return f"the size is {self.infer(x).extent}"
        return both([f"{n} - 2*{by} = {n - 2 * by}" for n, by in zip(x.extent, self.by, strict=True)])

    def torch(self, x: Shape) -> tuple[Call, ...]:
        if self.size is not None:
            return (Call("CenterCrop", {"size": square(self.size)}, module=SOURCE.definition("CenterCrop")),)
        return (Call("Crop", {"by": square(self.by or (0, 0))}, module=SOURCE.definition("Crop")),)

    def _one_of_two(self) -> Refused:
        help = "write `crop 24x24` for its middle of a size, or `crop by=2` for what is cut off each side"
        return Refused(
            f"`crop` takes either `size` or `by`, and is given {'both' if self.by else 'neither'}", help=help
        )
