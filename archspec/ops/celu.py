"""Continuously differentiable exponential linear unit (Barron 2017): ``celu``, ``celu 0.075``."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import number
from archspec.op import Activation, Call, Shape


class CELU(Activation):
    """x where positive, ``alpha * (exp(x / alpha) - 1)`` elsewhere, whose slope at 0 is 1 for every alpha."""

    label: ClassVar[str] = "CELU"
    bare: ClassVar[tuple[str, ...]] = ("alpha",)
    keeps: ClassVar[frozenset[str]] = frozenset({"output"})
    passes_zero: ClassVar[bool] = True

    alpha = number(1.0, least=1e-6)

    def torch(self, x: Shape) -> tuple[Call, ...]:
        options = {"alpha": self.alpha, "inplace": True}
        return (Call("nn.CELU", options=options, defaults={"alpha": 1.0, "inplace": False}),)
