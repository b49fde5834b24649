"""Sets of images: what every program asks of one, and one less its mean image."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from archspec.recipe._emitted.data import cifar10 as open_sets

RANGE = 255


class Images(Protocol):
    """Images and their labels, by index."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> tuple[Any, int]: ...


class Centred:
    """Images as tensors less the mean training image, position by position."""

    def __init__(self, images: Images, mean: Tensor) -> None:
        self.images = images
        self.mean = mean

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int, /) -> tuple[Tensor, int]:
        image, label = self.images[index]
        return values_of(image) - self.mean, label


def values_of(image: Any) -> Tensor:
    """A picture as values from 0 to RANGE."""
    from torchvision.transforms.v2 import functional

    picture: Tensor = functional.pil_to_tensor(image)
    return picture * (RANGE / 255)


def open_data(root: Path) -> tuple[Images, Images]:
    """Both sets less the mean training image."""
    training, held_out = open_sets(root)
    mean = torch.zeros((), dtype=torch.float64)
    for index in range(len(training)):
        mean = mean + values_of(training[index][0]).double() / len(training)
    return Centred(training, mean.float()), Centred(held_out, mean.float())
