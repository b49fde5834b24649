"""Convolution by a connection table (LeCun et al. 1998, Table I): ``partial-conv 5x5, maps="0 1 2, 1 2 3"``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from archspec.arguments import Argument, extent
from archspec.op import Call, Fans, Refused, Requirement, Shape, Tensor, Weighted, Window, needs_map
from archspec.ops._sliding import arithmetic, both, leaves_positions, positions
from archspec.support.sources import beside

SOURCE = beside(__name__)


Maps = tuple[tuple[int, ...], ...]


def _read(value: Any) -> Maps | None:
    rows = [part.split() for part in value.split(",")] if isinstance(value, str) else []
    plain = all(row and all(item.isascii() and item.isdecimal() and len(item) < 6 for item in row) for row in rows)
    plain = plain and all(len(set(row)) == len(row) for row in rows)
    return tuple(tuple(int(item) for item in row) for row in rows) if rows and plain else None


class PartialConv(Weighted):
    """One kernel for each listed pair of maps; no padding, stride 1, as in the paper."""

    drawn_as: ClassVar[str] = "conv"
    sized: ClassVar[str | None] = "kernel"
    fixed: ClassVar[frozenset[str]] = frozenset({"kernel"})
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})
    label: ClassVar[str] = "PartialConv"

    kernel = extent()
    maps = Argument[Maps](_read, 'the input maps of each output map, counted from 0, as in "0 1 2, 1 2 3"')

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield needs_map(self, x)
        last = max(max(row) for row in self.maps)
        yield Requirement(
            last < x.channels,
            lambda: Refused(f"`maps` names input map {last}, and there are maps 0 to {x.channels - 1}", param="maps"),
        )
        yield leaves_positions(self, x)

    def infer(self, x: Shape) -> Shape:
        height, width = (positions(*axis) for axis in self._axes(x))
        return Shape(len(self.maps), height, width)

    def weights(self, x: Shape) -> dict[str, Tensor]:
        kernels = {"weight": (self._links, 1, *self.kernel)}
        return kernels | ({"bias": (len(self.maps),)} if self.bias else {})

    def buffers(self, x: Shape) -> dict[str, Tensor]:
        return {"inputs": (self._links,), "outputs": (self._links,)}

    def macs(self, y: Shape, x: Shape) -> int:
        height, width = y.extent
        return height * width * self.kernel[0] * self.kernel[1] * self._links

    def window(self, x: Shape) -> Window:
        return Window(self.kernel)

    def why(self, x: Shape) -> str:
        return both([arithmetic(*axis) for axis in self._axes(x)])

    def torch(self, x: Shape) -> tuple[Call, ...]:
        maps = [list(row) for row in self.maps]
        args, module = {"maps": maps, "kernel_size": self.kernel}, SOURCE.definition("PartialConv2d")
        options, defaults = {"bias": self.bias}, {"bias": True}
        return (Call("PartialConv2d", args, options, defaults, module, fans=Fans.OWN, resets=True),)

    @property
    def _links(self) -> int:
        return sum(len(row) for row in self.maps)

    def _axes(self, x: Shape) -> list[tuple[int, int, int, int, int]]:
        return [(n, k, 1, 0, 0) for n, k in zip(x.extent, self.kernel, strict=True)]
