"""What is done to gradients before a step and to weights behind it: ``norm 2.0``, ``ema 0.9999``."""

from __future__ import annotations

from typing import Any, ClassVar

from archspec.arguments import Argument
from archspec.recipe.part import Part, below_one, positive


def _share() -> Argument[float]:
    """A number above 0 and below 1."""
    inside = below_one()

    def read(value: Any) -> float | None:
        return inside.read(value) or None

    return Argument(read, "a number above 0 and below 1")


class Clip(Part):
    """The gradient of all weights together is scaled down to this Euclidean norm where it is longer.

    Pascanu et al. 2013, arXiv:1211.5063.
    """

    setting: ClassVar[str] = "clip"
    forms: ClassVar[tuple[str, ...]] = ("norm {threshold}",)

    threshold = positive()


class Average(Part):
    """A running mean of the weights and of the running statistics is tested in their place.

    After each step it is ``decay`` times itself and the rest of the new weights; it starts as those of the first step.
    """

    setting: ClassVar[str] = "average"
    forms: ClassVar[tuple[str, ...]] = ("ema {decay}",)

    decay = _share()
