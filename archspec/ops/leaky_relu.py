"""Leaky rectified linear unit (Maas et al. 2013): ``leaky-relu 0.1``."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import number
from archspec.op import Activation, Call, Shape


class LeakyReLU(Activation):
    """x where positive, ``slope * x`` elsewhere."""

    called: ClassVar[tuple[str, ...] | None] = ("slope", "")
    elsewhere: ClassVar[tuple[str, ...]] = ("lrelu", "leaky")
    keeps: ClassVar[frozenset[str]] = frozenset({"output"})
    bare: ClassVar[tuple[str, ...]] = ("slope",)

    slope = number(0.01)

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.LeakyReLU", {"negative_slope": self.slope}, {"inplace": True}, {"inplace": False}),)
