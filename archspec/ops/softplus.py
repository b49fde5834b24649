"""Smooth rectifier (Dugas et al. 2001): ``softplus``, ``softplus beta=2``."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import number
from archspec.op import Activation, Call, Shape


class Softplus(Activation):
    """log(1 + exp(beta * x)) / beta."""

    elsewhere: ClassVar[tuple[str, ...]] = ("smooth-relu",)
    bare: ClassVar[tuple[str, ...]] = ("beta",)
    in_place: ClassVar[bool] = False
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})

    beta = number(1.0, least=1e-6)

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.Softplus", options={"beta": self.beta}, defaults={"beta": 1.0}),)
