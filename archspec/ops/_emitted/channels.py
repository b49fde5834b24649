"""The torch module of ``channels``."""

from __future__ import annotations

from torch import Tensor, nn


class Channels(nn.Module):
    """The channels from the first to the last, both counted from 1."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__()
        self.first = first
        self.last = last

    def forward(self, x: Tensor) -> Tensor:
        return x[:, self.first - 1 : self.last]
