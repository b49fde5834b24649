"""The torch module of ``rbf``."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class EuclideanRBF(nn.Module):
    """Minus the squared distance to each class's fixed code of -1 and +1."""

    codes: Tensor

    def __init__(self, in_features: int, units: int) -> None:
        super().__init__()
        self.register_buffer("codes", torch.empty(units, in_features))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        self.codes.random_(0, 2).mul_(2).sub_(1)

    def forward(self, x: Tensor) -> Tensor:
        return -(x[:, None] - self.codes).square().sum(2)
