"""Scaled exponential linear unit (Klambauer et al. 2017, equation 2): ``selu``."""

from __future__ import annotations

from typing import ClassVar

from archspec.op import Activation, Call, Shape


class SELU(Activation):
    """1.0507 times x where positive, times 1.6733 (exp(x) - 1) elsewhere: the paper's constants, to all digits."""

    elsewhere: ClassVar[tuple[str, ...]] = ("scaled-exponential-linear-unit",)
    label: ClassVar[str] = "SELU"
    keeps: ClassVar[frozenset[str]] = frozenset({"output"})
    passes_zero: ClassVar[bool] = True

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.SELU", options={"inplace": True}, defaults={"inplace": False}),)
