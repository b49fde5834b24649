"""Exponential linear unit (Clevert et al. 2015): ``elu``, ``elu 0.5``."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import number
from archspec.op import Activation, Call, Shape


class ELU(Activation):
    """x where positive, ``alpha * (exp(x) - 1)`` elsewhere."""

    elsewhere: ClassVar[tuple[str, ...]] = ("exponential-linear-unit",)
    label: ClassVar[str] = "ELU"
    bare: ClassVar[tuple[str, ...]] = ("alpha",)
    in_place: ClassVar[bool] = False
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})
    passes_zero: ClassVar[bool] = True

    alpha = number(1.0)

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.ELU", options={"alpha": self.alpha}, defaults={"alpha": 1.0}),)
