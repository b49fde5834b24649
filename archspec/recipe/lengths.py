"""How much is trained: images in a batch, epochs or iterations, models of an ensemble; label smoothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import count, number
from archspec.recipe.data import data_of
from archspec.recipe.part import Contradiction, Part, Parts, positive


def images_of(parts: Parts) -> int | None:
    """The number of training images, where the recipe's data set is known to have one."""
    data = data_of(parts)
    return data.images[0] if data and data.images else None


def per_epoch(parts: Parts) -> int | None:
    """Optimizer steps of an epoch, where the number of images is known: whole batches alone."""
    images = images_of(parts)
    batch = next((part.images for part in parts.get("batch", ()) if isinstance(part, Batch)), None)
    return images // batch if images and batch and batch <= images else None


def length_in(unit: str, parts: Parts) -> float | None:
    """How long the training is, in ``epochs`` or ``iterations``; None where that is not known."""
    steps = per_epoch(parts)
    for part in (*parts.get("epochs", ()), *parts.get("iterations", ())):
        if isinstance(part, Epochs | Iterations) and part.setting == unit:
            return float(part.number)
        if isinstance(part, Epochs) and steps is not None:
            return part.number * steps
        if isinstance(part, Iterations) and steps is not None:
            return part.number / steps
    return None


class Batch(Part):
    """Images of one optimizer step, over all devices together."""

    setting: ClassVar[str] = "batch"
    forms: ClassVar[tuple[str, ...]] = ("{images}",)

    images = count()

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        images = images_of(parts)
        if images is not None and self.images > images:
            yield Contradiction(f"a batch of {self.images:,} images is more than the data has", f"{images:,} images")


class Epochs(Part):
    """Passes over the training images."""

    setting: ClassVar[str] = "epochs"
    forms: ClassVar[tuple[str, ...]] = ("{number}",)

    number = positive()

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        steps = per_epoch(parts)
        if steps is not None and self.number * steps < 1:
            yield Contradiction(f"{self.number:g} epochs are less than one step", f"an epoch has {steps:,}")


class PaperError(Part):
    """What the paper reports for this recipe: the top-1 error of held-out images in percent.

    Without it, that is the spec's first such claim about the network with its present parameters.
    """

    setting: ClassVar[str] = "paper error"
    forms: ClassVar[tuple[str, ...]] = ("{percent}",)

    percent = number(least=0, most=100)


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
