"""The torch module of ``channel-split``."""

from __future__ import annotations

from torch import Tensor, nn


class ChannelSplit(nn.Module):
    """One of several equal slices of the channels, counted from 1."""

    def __init__(self, part: int, of: int) -> None:
        super().__init__()
        self.part = part
        self.of = of

    def forward(self, x: Tensor) -> Tensor:
        width = x.shape[1] // self.of
        return x[:, (self.part - 1) * width : self.part * width]
