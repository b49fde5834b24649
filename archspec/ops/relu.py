"""Rectified linear unit: ``relu``."""

from __future__ import annotations

from typing import ClassVar

from archspec.op import Activation, Call, Shape


class ReLU(Activation):
    """max(x, 0)."""

    printed_as: ClassVar[tuple[str, ...]] = ("re",)
    label: ClassVar[str] = "ReLU"
    keeps: ClassVar[frozenset[str]] = frozenset({"output"})

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.ReLU", options={"inplace": True}, defaults={"inplace": False}),)
