"""Training images: ``resize 256..512; crop 224; flip; pca 0.1``, in order; and their normalisation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from archspec.arguments import count, number, optional
from archspec.recipe.data import Data, data_of
from archspec.recipe.part import Contradiction, Part, Parts, positive, reach, several


class Augmentation(Part):
    """What is done to a training image, H x W x C."""

    setting: ClassVar[str] = "augment"

    @property
    def square(self) -> int | None:
        """The side of the square that every image is behind it, whatever it was before; None where it is none."""
        return None

    def side_after(self, side: float | None) -> float | None:
        """The shorter side in pixels behind it, at the least, where that is known."""
        return side


def side_after(parts: Sequence[Part], data: Data | None) -> float | None:
    """The shorter side of a training image in pixels behind some augmentations, at the least, where that is known."""
    side: float | None = min(data.size[:2]) if data and data.size else None
    for part in parts:
        side = part.side_after(side) if isinstance(part, Augmentation) else side
    return side


class Resize(Augmentation):
    """The shorter side to a length in pixels, or to one drawn evenly from a range (scale jittering)."""

    forms: ClassVar[tuple[str, ...]] = ("resize {side}",)

    side = reach(least=1)

    def side_after(self, side: float | None) -> float | None:
        return self.side[0]


class Crop(Augmentation):
    """A square at a random place."""

    forms: ClassVar[tuple[str, ...]] = ("crop {size}",)

    size = count()

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        yield from _too_large("a crop", self.size, parts, place)

    @property
    def square(self) -> int | None:
        return self.size

    def side_after(self, side: float | None) -> float | None:
        return self.size


class RandomResizedCrop(Augmentation):
    """A random part of the image by area and aspect ratio, scaled to a square: Szegedy et al. 2015, section 6."""

    forms: ClassVar[tuple[str, ...]] = ("random-resized-crop {size}",)

    size = count()
    area = reach((0.08, 1.0), least=0.0)
    ratio = reach((0.75, 4 / 3), least=0.01)

    @property
    def square(self) -> int | None:
        return self.size

    def side_after(self, side: float | None) -> float | None:
        return self.size


class Flip(Augmentation):
    """Mirrored left to right, every other time."""

    forms: ClassVar[tuple[str, ...]] = ("flip",)


class Pca(Augmentation):
    """Multiples of the principal components of RGB values are added: Krizhevsky et al. 2012, section 4.1."""

    forms: ClassVar[tuple[str, ...]] = ("pca {deviation}",)

    deviation = positive()


class ColorJitter(Augmentation):
    """Brightness, contrast and saturation by factors of up to 1 ± strength, in random order."""

    forms: ClassVar[tuple[str, ...]] = ("color-jitter {strength}",)

    strength = positive()


class Pad(Augmentation):
    """Zeros on each side, for a crop to follow."""

    forms: ClassVar[tuple[str, ...]] = ("pad {pixels}",)

    pixels = count()

    def side_after(self, side: float | None) -> float | None:
        return None if side is None else side + 2 * self.pixels


class Cutout(Augmentation):
    """A square of zeros at a random place: DeVries and Taylor 2017, arXiv:1708.04552."""

    forms: ClassVar[tuple[str, ...]] = ("cutout {size}",)

    size = count()

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        yield from _too_large("a hole", self.size, parts, place)


def _too_large(what: str, size: int, parts: Parts, place: int) -> Iterator[Contradiction]:
    side = side_after(parts["augment"][:place], data_of(parts))
    if side is not None and size > side:
        yield Contradiction(
            f"{what} of {size} pixels is larger than the image", f"its shorter side may be {side:g} pixels"
        )


class Normalize(Part):
    """What is subtracted from each channel, and by what it is divided; values from 0 to 1, by the data unless given."""

    setting: ClassVar[str] = "normalize"
    forms: ClassVar[tuple[str, ...]] = ("mean and std", "")

    mean = optional(several(number()))
    std = optional(several(positive()))

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        data = data_of(parts)
        for name, values in (("mean", self.mean), ("std", self.std)):
            if data is not None and values is not None and len(values) not in (1, data.channels):
                yield Contradiction(f"{len(values)} values of {name} do not fit images of {data.channels} channels")


class SubtractMean(Part):
    """The mean of each channel is subtracted and nothing divided; values from 0 to 1."""

    setting: ClassVar[str] = "normalize"
    forms: ClassVar[tuple[str, ...]] = ("mean",)


class SubtractPixelMean(Part):
    """The mean training image is subtracted, position by position; values from 0 to 1. It is read off the data."""

    setting: ClassVar[str] = "normalize"
    forms: ClassVar[tuple[str, ...]] = ("per-pixel mean",)
