"""Mish (Misra 2019), as in YOLOv4: ``mish``."""

from __future__ import annotations

from typing import ClassVar

from archspec.op import Activation, Call, Shape


class Mish(Activation):
    """x * tanh(log(1 + exp(x)))."""

    in_place: ClassVar[bool] = False
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})
    passes_zero: ClassVar[bool] = True

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.Mish"),)
