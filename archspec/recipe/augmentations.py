"""Training images: ``resize 256..512; crop 224; flip; pca 0.1``, in order; and their normalisation."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import count, number, optional
from archspec.recipe.part import Part, positive, reach, several


class Augmentation(Part):
    """What is done to a training image, H x W x C."""

    setting: ClassVar[str] = "augment"


class Resize(Augmentation):
    """The shorter side to a length in pixels, or to one drawn evenly from a range (scale jittering)."""

    forms: ClassVar[tuple[str, ...]] = ("resize {side}",)

    side = reach(least=1)


class Crop(Augmentation):
    """A square at a random place."""

    forms: ClassVar[tuple[str, ...]] = ("crop {size}",)

    size = count()


class RandomResizedCrop(Augmentation):
    """A random part of the image by area and aspect ratio, scaled to a square: Szegedy et al. 2015, section 6."""

    forms: ClassVar[tuple[str, ...]] = ("random-resized-crop {size}",)

    size = count()
    area = reach((0.08, 1.0), least=0.0)
    ratio = reach((0.75, 4 / 3), least=0.01)


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


class Cutout(Augmentation):
    """A square of zeros at a random place: DeVries and Taylor 2017, arXiv:1708.04552."""

    forms: ClassVar[tuple[str, ...]] = ("cutout {size}",)

    size = count()


class Normalize(Part):
    """What is subtracted from each channel, and by what it is divided; values from 0 to 1, by the data unless given."""

    setting: ClassVar[str] = "normalize"
    forms: ClassVar[tuple[str, ...]] = ("mean and std", "by")

    mean = optional(several(number()))
    std = optional(several(positive()))


class SubtractMean(Part):
    """The mean of each channel is subtracted and nothing divided; values from 0 to 1."""

    setting: ClassVar[str] = "normalize"
    forms: ClassVar[tuple[str, ...]] = ("mean",)


class SubtractPixelMean(Part):
    """The mean training image is subtracted, position by position; values from 0 to 1. It is read off the data."""

    setting: ClassVar[str] = "normalize"
    forms: ClassVar[tuple[str, ...]] = ("per-pixel mean",)
