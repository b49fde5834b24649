"""The torch module of ``partial-conv``."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class PartialConv2d(nn.Module):
    """A convolution in which each output map sees the input maps listed for it."""

    inputs: Tensor
    outputs: Tensor

    def __init__(
        self, maps: list[list[int]], kernel_size: tuple[int, int], bias: bool = True
    ) -> None:
        super().__init__()
        self.out_channels = len(maps)
        inputs = [i for row in maps for i in row]
        outputs = [o for o, row in enumerate(maps) for _ in row]
        self.register_buffer("inputs", torch.tensor(inputs))
        self.register_buffer("outputs", torch.tensor(outputs))
        links = len(inputs)
        self.weight = nn.Parameter(torch.empty(links, 1, *kernel_size))
        self.bias = nn.Parameter(torch.zeros(self.out_channels)) if bias else None
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)

    def forward(self, x: Tensor) -> Tensor:
        links = self.weight.shape[0]
        y = nn.functional.conv2d(x[:, self.inputs], self.weight, groups=links)
        out = y.new_zeros(y.shape[0], self.out_channels, y.shape[2], y.shape[3])
        out = out.index_add(1, self.outputs, y)
        return out if self.bias is None else out + self.bias[:, None, None]
