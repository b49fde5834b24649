"""Gaussian error linear unit (Hendrycks & Gimpel 2016): ``gelu``, and by its approximation ``gelu tanh``."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import flag
from archspec.op import Activation, Call, Shape


class GELU(Activation):
    """x * P(X <= x) for a standard normal X; if ``tanh``, 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))."""

    label: ClassVar[str] = "GELU"
    in_place: ClassVar[bool] = False
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})
    passes_zero: ClassVar[bool] = True

    tanh = flag(False)

    def torch(self, x: Shape) -> tuple[Call, ...]:
        approximate = "tanh" if self.tanh else "none"
        return (Call("nn.GELU", options={"approximate": approximate}, defaults={"approximate": "none"}),)
