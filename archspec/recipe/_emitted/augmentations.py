"""Augmentations that torchvision lacks."""

from __future__ import annotations

import torch
from torch import Tensor, nn

VALUES = [0.2175, 0.0188, 0.0045]
VECTORS = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]


class PCAJitter(nn.Module):
    """Adds multiples of the principal components of RGB values, drawn for each image.

    Krizhevsky et al. 2012, section 4.1, for values from 0 to 1.
    """

    def __init__(self, deviation: float) -> None:
        super().__init__()
        self.deviation = deviation
        eigenvalues = torch.tensor(VALUES)
        eigenvectors = torch.tensor(  # one a column
            [
                *VECTORS,
            ]
        )
        self.components = eigenvectors * eigenvalues

    def forward(self, image: Tensor) -> Tensor:
        factors = torch.normal(0.0, self.deviation, (3,))
        return image + (self.components @ factors).view(3, 1, 1)


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
