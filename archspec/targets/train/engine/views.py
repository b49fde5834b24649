"""Test images as their views."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

SIZE = (8, 8)


class Views:
    """An image as its views: a tensor V x C x H x W for each scale."""

    def __init__(
        self,
        scales: Sequence[Callable[[Any], Tensor]],
        crops: int | None,
        mirrored: bool,
    ) -> None:
        self.scales = scales
        self.crops = crops
        # if mirrored
        self.mirrored = mirrored
        # end

    def __call__(self, image: Any) -> list[Tensor]:
        # if looks
        return [self._look(scale(image)) for scale in self.scales]
        # else
        # return [crops_of(scale(image), self.crops) for scale in self.scales]
        # end

    # if looks
    def _look(self, image: Tensor) -> Tensor:
        # if dense
        views = image[None] if self.crops is None else crops_of(image, self.crops)
        # else
        # views = crops_of(image, self.crops)
        # end
        # if mirrored
        return torch.cat([views, views.flip(-1)]) if self.mirrored else views
        # else
        # return views
        # end

    # end


def crops_of(image: Tensor, number: int) -> Tensor:
    """The central crop, or ten crops of the central square: V x C x H x W.

    Ten are the corners, the centre and the mirror images of these five, as in
    Krizhevsky et al. 2012, section 4.1.
    """
    height, width = SIZE
    if number == 1:
        return central(image, height, width)[None]
    # if square
    side = min(image.shape[-2:])
    image = central(image, side, side)
    # end
    crops = [
        image[:, :height, :width],
        image[:, :height, -width:],
        image[:, -height:, :width],
        image[:, -height:, -width:],
        central(image, height, width),
    ]
    return torch.stack([*crops, *(crop.flip(-1) for crop in crops)])


def central(image: Tensor, height: int, width: int) -> Tensor:
    """The middle of an image."""
    top = round((image.shape[-2] - height) / 2)
    left = round((image.shape[-1] - width) / 2)
    return image[..., top : top + height, left : left + width]
