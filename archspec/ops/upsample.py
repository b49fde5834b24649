"""Upsampling without weights: ``upsample``, ``upsample 4``, ``upsample 2, mode=bilinear``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from archspec.arguments import count, word
from archspec.expressions.numeric import least
from archspec.op import Call, Free, Requirement, Shape, Window, needs_map


class Upsample(Free):
    """``factor`` times the height and the width: each position repeated, or between the centres of positions."""

    elsewhere: ClassVar[tuple[str, ...]] = ("upsampling", "interpolate", "resize")
    phrased: ClassVar[Mapping[str, str]] = {
        "bilinear-upsample": "mode=bilinear",
        "bilinear-upsampling": "mode=bilinear",
    }
    label: ClassVar[str] = "Upsample"
    bare: ClassVar[tuple[str, ...]] = ("factor",)
    written_to_repeat: ClassVar[str | None] = "factor"
    fixed: ClassVar[frozenset[str]] = frozenset({"factor"})

    factor = count(2)
    mode = word("nearest", "bilinear")

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield needs_map(self, x)

    def infer(self, x: Shape) -> Shape:
        height, width = x.extent
        return Shape(x.channels, height * self.factor, width * self.factor)

    def window(self, x: Shape) -> Window:
        # A position between two centres sees both; the first lies between the first centre and the one before.
        reach = least(self.factor, 2) if self.mode == "bilinear" else 1
        return Window((reach, reach), (1, 1), (reach - 1, reach - 1), (self.factor, self.factor))

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (
            Call(
                "nn.Upsample",
                options={"scale_factor": self.factor, "mode": self.mode},
                defaults={"mode": "nearest"},
            ),
        )
