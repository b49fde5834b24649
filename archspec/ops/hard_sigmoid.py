"""Sigmoid of straight lines (Howard et al. 2019, MobileNetV3, section 5.2): ``hard-sigmoid``."""

from __future__ import annotations

from typing import ClassVar

from archspec.op import Activation, Call, Shape


class HardSigmoid(Activation):
    """min(max(x + 3, 0), 6) / 6."""

    elsewhere: ClassVar[tuple[str, ...]] = ("h-sigmoid",)
    label: ClassVar[str] = "HardSigmoid"
    in_place: ClassVar[bool] = False
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.Hardsigmoid"),)
