"""Leaky rectified linear unit (Maas et al. 2013): ``leaky-relu 0.1``."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import number
from archspec.expressions.numeric import plain
from archspec.op import Activation, Call, Shape


class LeakyReLU(Activation):
    """x where positive, ``slope * x`` elsewhere."""

    called: ClassVar[tuple[str, ...] | None] = ("slope", "")
    elsewhere: ClassVar[tuple[str, ...]] = ("lrelu", "leaky")
    keeps: ClassVar[frozenset[str]] = frozenset({"output"})
    bare: ClassVar[tuple[str, ...]] = ("slope",)

    slope = number(0.01)

    def keeping(self, x: Shape) -> frozenset[str]:
        return self.keeps if self._invertible else frozenset({"input"})

    def torch(self, x: Shape) -> tuple[Call, ...]:
        options = {"inplace": self._invertible}
        return (Call("nn.LeakyReLU", {"negative_slope": self.slope}, options, {"inplace": False}),)

    @property
    def _invertible(self) -> bool:
        """Whether the output surely has the sign of the input, which the backward pass in place needs."""
        return plain(self.slope) and self.slope >= 0
