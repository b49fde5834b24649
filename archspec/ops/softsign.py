"""Softsign (Bergstra et al. 2009; Glorot & Bengio 2010): ``softsign``."""

from __future__ import annotations

from typing import ClassVar

from archspec.op import Activation, Call, Shape


class Softsign(Activation):
    """x / (1 + |x|)."""

    in_place: ClassVar[bool] = False
    keeps: ClassVar[frozenset[str]] = frozenset({"input", "mask"})  # the divisor
    passes_zero: ClassVar[bool] = True

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.Softsign"),)
