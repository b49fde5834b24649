"""The torch module of ``l2norm``."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class L2Norm(nn.Module):
    """Divide the channels of each position by their L2 norm, and scale each channel."""

    def __init__(self, channels: int, init: float = 20.0) -> None:
        super().__init__()
        self.init = init
        self.weight = nn.Parameter(torch.empty(channels))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.weight, self.init)

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.normalize(x, dim=1) * self.weight[:, None, None]
