"""Logistic sigmoid: ``sigmoid``."""

from __future__ import annotations

from typing import ClassVar

from archspec.op import Activation, Call, Shape


class Sigmoid(Activation):
    """1 / (1 + exp(-x))."""

    elsewhere: ClassVar[tuple[str, ...]] = ("logistic",)
    keeps: ClassVar[frozenset[str]] = frozenset({"output"})

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.Sigmoid"),)
