"""Test images as bytes, scaled no further than they are seen, and bytes as what a network takes."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import Tensor

from archspec.recipe._emitted.augmentations import window

MEAN, STD = [0.5], [0.25]
CHANNELS = 1
SIZE = (8, 8)


class Scaled:
    """The middle of a scaled test image, its square for ten crops, or all of it."""

    def __init__(self, side: int, crops: int | None) -> None:
        self.side, self.crops = side, crops

    def __call__(self, image: Any) -> Tensor:
        from torchvision.transforms import v2

        height, width = (self.side * n // min(image.size) for n in image.size[::-1])
        # if square
        ten = (self.side, self.side)
        # else
        # ten = (height, width)
        # end
        size = {1: SIZE, 10: ten}.get(self.crops or 0, (height, width))
        picture = window(image, self.side, size, lambda room: round(room / 2))
        seen: Tensor = v2.functional.pil_to_tensor(picture)
        return seen


def normalise(images: Tensor, shifts: Tensor | None = None) -> Tensor:
    """Images on the device, N x C x H x W, as what the network takes."""
    mean, scale = levels(images.device)
    # if shifts
    mean = mean if shifts is None else mean - shifts
    # end
    # if masks
    images, masks = images[:, :CHANNELS], images[:, CHANNELS:]
    mean = mean * masks if masks.shape[1] else mean  # zeros stay zeros
    # end
    return images.sub(mean).mul_(scale)


@cache
def levels(device: torch.device) -> tuple[Tensor, Tensor]:
    """What is subtracted from bytes, and by what they are multiplied then."""
    mean, std = (torch.tensor(e, device=device).view(-1, 1, 1) for e in (MEAN, STD))
    return 255 * mean, 1 / (255 * std)
