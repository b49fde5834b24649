"""Rectified linear unit cut at 6 (Krizhevsky 2010), as in the released code of MobileNet: ``relu6``."""

from __future__ import annotations

from typing import ClassVar

from archspec.op import Activation, Call, Shape


class ReLU6(Activation):
    """min(max(x, 0), 6)."""

    elsewhere: ClassVar[tuple[str, ...]] = ("clipped-relu",)
    label: ClassVar[str] = "ReLU6"
    in_place: ClassVar[bool] = False
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.ReLU6"),)
