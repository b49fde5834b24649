"""Rearrangement of positions into channels: ``pixel-unshuffle 2``, H x W x C to H/2 x W/2 x 4C.

It undoes ``pixel-shuffle`` (Shi et al. 2016); YOLOv2 calls one like it a passthrough, TensorFlow space-to-depth.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import count
from archspec.op import Call, Free, Refused, Requirement, Shape, Window, needs_map


class PixelUnshuffle(Free):
    """Every square of ``factor`` x ``factor`` positions becomes ``factor**2`` channels for each that there was."""

    elsewhere: ClassVar[tuple[str, ...]] = ("space-to-depth", "passthrough", "reorg")
    label: ClassVar[str] = "PixelUnshuffle"
    bare: ClassVar[tuple[str, ...]] = ("factor",)
    fixed: ClassVar[frozenset[str]] = frozenset({"factor"})

    factor = count()

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield needs_map(self, x)
        yield from (self._divides(what, n) for what, n in zip(("rows", "columns"), x.extent, strict=True))

    def infer(self, x: Shape) -> Shape:
        height, width = (n // self.factor for n in x.extent)
        return Shape(x.channels * self.factor * self.factor, height, width)

    def window(self, x: Shape) -> Window:
        return Window((self.factor, self.factor), (self.factor, self.factor))

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.PixelUnshuffle", {"downscale_factor": self.factor}),)

    def _divides(self, what: str, n: int) -> Requirement:
        return Requirement(
            n % self.factor == 0,
            lambda: Refused(
                f"{n} {what} do not split into squares of {self.factor} x {self.factor}",
                param="factor",
                why=f"{n} = {self.factor}*{n // self.factor} + {n % self.factor}",
            ),
        )
