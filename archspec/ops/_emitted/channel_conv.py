"""The torch module of ``channel-conv``."""

from __future__ import annotations

from torch import Tensor, nn


class ChannelConv(nn.Conv1d):
    """A convolution along the channels of each position."""

    def __init__(self, kernel_size: int) -> None:
        super().__init__(1, 1, kernel_size, padding=kernel_size // 2, bias=False)

    def forward(self, input: Tensor) -> Tensor:
        x = input.flatten(1).unsqueeze(1)
        x = nn.functional.conv1d(x, self.weight, padding=self.weight.shape[2] // 2)
        return x.reshape(input.shape)
