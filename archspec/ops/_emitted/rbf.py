"""The torch module of ``rbf``."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class EuclideanRBF(nn.Module):
    """Minus the squared distance to each class's fixed code of -1 and +1."""

    codes: Tensor

    def __init__(self, in_features: int, units: int) -> None:
        super().__init__()
        codes = torch.randint(0, 2, (units, in_features)) * 2.0 - 1.0
        self.register_buffer("codes", codes)

    def forward(self, x: Tensor) -> Tensor:
        return -(x[:, None] - self.codes).square().sum(2)
