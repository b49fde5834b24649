"""How much is trained: images in a batch, epochs or iterations, models of an ensemble; label smoothing."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import count, number
from archspec.recipe.part import Part, positive


class Batch(Part):
    """Images of one optimizer step, over all devices together."""

    setting: ClassVar[str] = "batch"
    forms: ClassVar[tuple[str, ...]] = ("{images}",)

    images = count()


class Epochs(Part):
    """Passes over the training images."""

    setting: ClassVar[str] = "epochs"
    forms: ClassVar[tuple[str, ...]] = ("{number}",)

    number = positive()


class Iterations(Part):
    """Optimizer steps."""

    setting: ClassVar[str] = "iterations"
    forms: ClassVar[tuple[str, ...]] = ("{number}",)

    number = count()


class Models(Part):
    """Models trained alike, of whose probabilities the mean is taken."""

    setting: ClassVar[str] = "ensemble"
    forms: ClassVar[tuple[str, ...]] = ("{number} models", "{number}")

    number = count(least=2)


class LabelSmoothing(Part):
    """The share of the target that is spread evenly over all classes: Szegedy et al. 2016, arXiv:1512.00567."""

    setting: ClassVar[str] = "label smoothing"
    forms: ClassVar[tuple[str, ...]] = ("{amount}",)

    amount = number(least=0, most=1)
