"""Hyperbolic tangent of straight lines (Collobert 2004): ``hard-tanh``, ``hard-tanh low=0, high=1``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import number
from archspec.op import Activation, Call, Refused, Requirement, Shape


class HardTanh(Activation):
    """min(max(x, low), high), between -1 and 1 unless given."""

    elsewhere: ClassVar[tuple[str, ...]] = ("h-tanh", "clip", "clamp")
    label: ClassVar[str] = "HardTanh"
    in_place: ClassVar[bool] = False
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})

    low = number(-1.0)
    high = number(1.0)

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield Requirement(
            self.low < self.high,
            lambda: Refused(f"`hard-tanh` needs `low` below `high`: {self.low:g} and {self.high:g}", param="low"),
        )

    def torch(self, x: Shape) -> tuple[Call, ...]:
        options = {"min_val": self.low, "max_val": self.high}
        return (Call("nn.Hardtanh", options=options, defaults={"min_val": -1.0, "max_val": 1.0}),)
