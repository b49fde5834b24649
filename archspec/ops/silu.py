"""Sigmoid linear unit (Hendrycks & Gimpel 2016; Ramachandran et al. 2017, Swish): ``silu``."""

from __future__ import annotations

from typing import ClassVar

from archspec.op import Activation, Call, Shape


class SiLU(Activation):
    """x * sigmoid(x)."""

    elsewhere: ClassVar[tuple[str, ...]] = ("swish", "sigmoid-linear-unit")
    label: ClassVar[str] = "SiLU"
    in_place: ClassVar[bool] = False
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})
    passes_zero: ClassVar[bool] = True

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.SiLU"),)
