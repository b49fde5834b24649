"""What is subtracted from images, and by what they are divided: ``mean and std``, ``mean``, ``per-pixel mean``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from archspec.arguments import number, optional
from archspec.recipe.data import Data, data_of
from archspec.recipe.part import Code, Contradiction, Part, Parts, plain, positive, several


class Normalisation(Part):
    """Pixels are values from 0 to ``range``: 1, or the 255 of networks from before batch normalisation."""

    setting: ClassVar[str] = "normalize"
    by_position: ClassVar[bool] = False
    """Whether what is subtracted is an image, which is read off the training set."""

    range = positive(1.0)

    def mean_of(self, data: Data) -> list[float]:
        """What is subtracted from each channel, of values from 0 to 1."""
        return [*data.mean]

    def std_of(self, data: Data) -> list[Any]:
        """By what each channel is divided, of values from 0 to 1."""
        return [Code(f"1 / {plain(self.range)}") if self.range != 1 else 1.0] * data.channels


def normalisation(parts: Parts) -> Normalisation:
    """The normalisation of a recipe, by mean and standard deviation where it is silent."""
    return next((part for part in parts.get("normalize", ()) if isinstance(part, Normalisation)), Normalize())


def by_position(parts: Parts) -> bool:
    """Whether a mean image is subtracted."""
    return normalisation(parts).by_position


class Normalize(Normalisation):
    """The mean of each channel is subtracted, its standard deviation divided by: those of the data unless given."""

    forms: ClassVar[tuple[str, ...]] = ("mean and std", "mean {mean...} std {std...}", "")

    mean = optional(several(number()))
    std = optional(several(positive()))

    def mean_of(self, data: Data) -> list[float]:
        return _each(self.mean, self.range, data) if self.mean is not None else super().mean_of(data)

    def std_of(self, data: Data) -> list[Any]:
        return _each(self.std, self.range, data) if self.std is not None else [*data.std]

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        data = data_of(parts)
        if data is not None:
            yield from _other_channels("mean", self.mean, data)
            yield from _other_channels("std", self.std, data)


class SubtractMean(Normalisation):
    """The mean of each channel is subtracted, that of the data unless given, and nothing divided."""

    forms: ClassVar[tuple[str, ...]] = ("mean", "mean {mean...}")

    mean = optional(several(number()))

    def mean_of(self, data: Data) -> list[float]:
        return _each(self.mean, self.range, data) if self.mean is not None else super().mean_of(data)

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        data = data_of(parts)
        if data is not None:
            yield from _other_channels("mean", self.mean, data)


class SubtractPixelMean(Normalisation):
    """The mean training image is subtracted, position by position. It is read off the data."""

    forms: ClassVar[tuple[str, ...]] = ("per-pixel mean",)
    by_position: ClassVar[bool] = True

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        data = data_of(parts)
        if data is not None and data.size is None:
            yield Contradiction(f"the images of {data.title} differ in size and have no mean image")


def _each(values: Sequence[float], range: float, data: Data) -> list[float]:
    """A value for each channel, where one may stand for all, of values from 0 to 1."""
    return [value / range for value in (values if len(values) > 1 else [*values] * data.channels)]


def _other_channels(name: str, values: Sequence[float] | None, data: Data) -> Iterator[Contradiction]:
    if values is not None and len(values) not in (1, data.channels):
        yield Contradiction(f"{len(values)} values of {name} do not fit images of {data.channels} channels")
