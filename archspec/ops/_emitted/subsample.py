"""The torch module of ``subsample``."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Subsample(nn.Module):
    """Sum each window; each map has a learned coefficient and bias."""

    def __init__(self, channels: int, kernel_size: int | tuple[int, int]) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(kernel_size, divisor_override=1)
        self.weight = nn.Parameter(torch.empty(channels))
        self.bias = nn.Parameter(torch.empty(channels))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.weight, 0.25)
        nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(x)
        return x * self.weight[:, None, None] + self.bias[:, None, None]
