"""The torch module of ``grn``."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class GRN(nn.Module):
    """Global response normalisation: channels compete by their norms."""

    def __init__(self, channels: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.empty(channels))
        self.bias = nn.Parameter(torch.empty(channels))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.zeros_(self.weight)
        nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        length: Tensor = torch.linalg.vector_norm(x, dim=(2, 3), keepdim=True)
        share = length / (length.mean(1, keepdim=True) + self.eps)
        gain, shift = self.weight[:, None, None], self.bias[:, None, None]
        return x + (shift + gain * (x * share))
