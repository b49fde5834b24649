"""Upsampling without weights: ``upsample``, ``upsample 4``, ``upsample 2, mode=bilinear``."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import count, word
from archspec.op import Call, Free, Shape, Window, need_map


class Upsample(Free):
    """``factor`` times the height and the width: each position repeated, or between the centres of positions."""

    elsewhere: ClassVar[tuple[str, ...]] = ("upsampling", "interpolate", "resize", "unpool")
    label: ClassVar[str] = "Upsample"
    bare: ClassVar[tuple[str, ...]] = ("factor",)
    fixed: ClassVar[frozenset[str]] = frozenset({"factor"})

    factor = count(2)
    mode = word("nearest", "bilinear")

    def infer(self, x: Shape) -> Shape:
        height, width = need_map(self, x)
        return Shape(x.channels, height * self.factor, width * self.factor)

    def window(self, x: Shape) -> Window:
        # A position between two centres sees both; the first lies between the first centre and the one before.
        two = self.mode == "bilinear" and self.factor > 1
        reach = (2, 2) if two else (1, 1)
        return Window(reach, (1, 1), (reach[0] - 1, reach[1] - 1), (self.factor, self.factor))

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (
            Call(
                "nn.Upsample",
                options={"scale_factor": self.factor, "mode": self.mode},
                defaults={"mode": "nearest"},
            ),
        )
