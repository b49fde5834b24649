"""Augmentations that torchvision lacks, or has for whole images alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from archspec.recipe._emitted.normalisations import normalise

DEVIATION = 0.1
VALUES = [0.2175, 0.0188, 0.0045]
VECTORS = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
COMPONENTS = torch.tensor(VECTORS) * torch.tensor(VALUES)


def part_of(image: Any, box: Sequence[float], size: tuple[int, int]) -> Any:
    """A part of an image, (left, top, right, bottom), scaled to H x W.

    A JPEG is decoded at 1/2, 1/4 or 1/8 where the part has enough pixels there.
    """
    height, width = size
    spare = min((box[2] - box[0]) / width, (box[3] - box[1]) / height)
    factor = next((n for n in (8, 4, 2) if n <= spare), 1)
    drafted = image.draft("RGB", [length // factor for length in image.size])
    scale = 1 / factor if drafted else 1
    image = image if image.mode == "RGB" else image.convert("RGB")
    bilinear = 2
    return image.resize((width, height), bilinear, [scale * place for place in box])


def window(
    image: Any, side: int, size: tuple[int, int], place: Callable[[int], int]
) -> Any:
    """H x W pixels of an image, as if its shorter side were scaled to a length.

    `place` says where they start along an axis, by how many pixels are left there.
    """
    box = []
    for length, part in zip(reversed(image.size), size, strict=True):
        scaled = side * length // min(image.size)
        start = place(scaled - part)
        box += [start * length / scaled, (start + part) * length / scaled]
    top, bottom, left, right = box
    return part_of(image, (left, top, right, bottom), size)


class ScaledCrop:
    """A square at a random place of an image whose shorter side is scaled.

    The length of that is drawn evenly from a range, and only the square is scaled.
    """

    def __init__(self, least: int, most: int, size: int) -> None:
        self.least, self.most, self.size = least, most, size

    def __call__(self, image: Any) -> Any:
        sides = torch.ones(self.most - self.least + 1)
        drawn = int(torch.multinomial(sides, 1)) if len(sides) > 1 else 0
        return window(image, self.least + drawn, (self.size, self.size), anywhere)


def anywhere(room: int) -> int:
    """A place to start, if so many pixels are left; torchvision draws it like this."""
    return int(torch.randint(room + 1, ())) if room else 0


class ScaledPart:
    """A random part of an image by area and aspect ratio, scaled to a square."""

    def __init__(
        self, size: int, area: tuple[float, float], ratio: tuple[float, float]
    ) -> None:
        self.size, self.area, self.ratio = size, area, ratio

    def __call__(self, image: Any) -> Any:
        from torchvision.transforms import v2

        draw = v2.RandomResizedCrop.get_params
        top, left, height, width = draw(image, [*self.area], [*self.ratio])
        box = (left, top, left + width, top + height)
        return part_of(image, box, (self.size, self.size))


class Whole:
    """An image scaled to H x W, whatever its aspect ratio."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size

    def __call__(self, image: Any) -> Any:
        return part_of(image, (0, 0, *image.size), self.size)


class PCAJitter:
    """Adds multiples of the principal components of RGB values, drawn for each image.

    Krizhevsky et al. 2012, section 4.1, for values from 0 to 1.
    """

    def __init__(self, deviation: float) -> None:
        self.deviation = deviation
        eigenvalues = torch.tensor(VALUES)
        eigenvectors = torch.tensor(  # one a column
            [
                *VECTORS,
            ]
        )
        self.components = eigenvectors * eigenvalues

    # if apart
    def __call__(self, image: Tensor) -> tuple[Tensor, Tensor]:
        # else
        # def __call__(self, image: Tensor) -> Tensor:
        # end
        factors = torch.normal(0.0, self.deviation, (3,))
        shift = (self.components @ factors).view(3, 1, 1)
        # if apart
        return image, 255 * shift
        # else
        # return image + shift
        # end


def with_colours(picture: Any) -> Tensor:
    """Normalised, with multiples of RGB's components added: Krizhevsky et al. 2012."""
    shift = 255 * (COMPONENTS @ torch.normal(0.0, DEVIATION, (3,))).view(3, 1, 1)
    return normalise(picture, shift)


def as_levels(image: Tensor) -> Tensor:
    """Values from 0 to 1 as levels from 0 to 255."""
    return 255 * image


def with_mask(image: Tensor) -> Tensor:
    """An image with a channel of ones, which are zeros where it is padded or cut."""
    return torch.cat([image, torch.ones_like(image[:1])])


class Cutout(nn.Module):
    """Zeros in a square around a random position, cut off at the borders.

    DeVries and Taylor 2017, arXiv:1708.04552.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, image: Tensor) -> Tensor:
        top, left = (
            int(torch.randint(side, ())) - self.size // 2 for side in image.shape[-2:]
        )
        rows = slice(max(0, top), top + self.size)
        columns = slice(max(0, left), left + self.size)
        image = image.clone()
        image[..., rows, columns] = 0
        return image
