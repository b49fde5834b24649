"""Sub-pixel rearrangement (Shi et al. 2016, equation 4): ``pixel-shuffle 2``, H x W x C to 2H x 2W x C/4."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import count
from archspec.expressions.numeric import quotient
from archspec.op import Call, Free, Refused, Requirement, Shape, Window, needs_map


class PixelShuffle(Free):
    """Every ``factor**2`` channels become a square of ``factor`` x ``factor`` positions."""

    elsewhere: ClassVar[tuple[str, ...]] = ("depth-to-space", "sub-pixel")
    label: ClassVar[str] = "PixelShuffle"
    bare: ClassVar[tuple[str, ...]] = ("factor",)
    fixed: ClassVar[frozenset[str]] = frozenset({"factor"})

    factor = count()

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield needs_map(self, x)
        square = self.factor * self.factor
        yield Requirement(
            x.channels % square == 0,
            lambda: Refused(
                f"{x.channels} channels do not make squares of {self.factor} x {self.factor}",
                param="factor",
                why=f"{x.channels} = {square}*{x.channels // square} + {x.channels % square}",
            ),
        )

    def infer(self, x: Shape) -> Shape:
        height, width = x.extent
        return Shape(quotient(x.channels, self.factor * self.factor), height * self.factor, width * self.factor)

    def window(self, x: Shape) -> Window:
        return Window(grows=(self.factor, self.factor))

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.PixelShuffle", {"upscale_factor": self.factor}),)
