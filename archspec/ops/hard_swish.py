"""Swish of straight lines (Howard et al. 2019, MobileNetV3, section 5.2): ``hard-swish``."""

from __future__ import annotations

from typing import ClassVar

from archspec.op import Activation, Call, Shape


class HardSwish(Activation):
    """x * min(max(x + 3, 0), 6) / 6."""

    printed_as: ClassVar[tuple[str, ...]] = ("hs", "h-swish")
    label: ClassVar[str] = "HardSwish"
    in_place: ClassVar[bool] = False
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})
    passes_zero: ClassVar[bool] = True

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.Hardswish"),)
