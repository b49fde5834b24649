"""Hyperbolic tangent: ``tanh``; scaled as in LeCun et al. 1998: ``tanh amplitude=1.7159, slope=2/3``."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import number
from archspec.op import Activation, Call, Shape
from archspec.support.sources import beside

SOURCE = beside(__name__)


class Tanh(Activation):
    """amplitude * tanh(slope * x); both are 1 unless given."""

    keeps: ClassVar[frozenset[str]] = frozenset({"output"})
    fixed: ClassVar[frozenset[str]] = frozenset({"amplitude", "slope"})
    passes_zero: ClassVar[bool] = True

    amplitude = number(1.0)
    slope = number(1.0)

    def keeping(self, x: Shape) -> frozenset[str]:
        # Scaled, what is kept is the tanh in it, which nobody else sees.
        return self.keeps if self.amplitude == 1 else frozenset({"mask"})

    def torch(self, x: Shape) -> tuple[Call, ...]:
        if self.amplitude == 1 and self.slope == 1:
            return (Call("nn.Tanh"),)
        module = SOURCE.definition("ScaledTanh")
        return (Call("ScaledTanh", {"amplitude": self.amplitude, "slope": self.slope}, module=module),)
