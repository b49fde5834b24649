"""Scaling by a constant, as residuals in Inception-ResNet (Szegedy et al. 2016, section 3.3): ``scale 0.17``."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any, ClassVar

from archspec.arguments import number
from archspec.op import Call, Elementwise, Shape
from archspec.support.sources import beside

SOURCE = beside(__name__)


class Scale(Elementwise):
    """factor * x. The factor is fixed and not trained."""

    label: ClassVar[str] = "Scale"
    bare: ClassVar[tuple[str, ...]] = ("factor",)
    passes_zero: ClassVar[bool] = True

    factor = number()

    def function(self, x: str, values: Mapping[str, Any]) -> str | None:
        factor = values["factor"]
        if isinstance(factor, int | float) and not isfinite(factor):
            return None
        return f"-{x}" if factor == -1 else f"{factor} * {x}"

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("Scale", {"factor": self.factor}, module=SOURCE.definition("Scale")),)
