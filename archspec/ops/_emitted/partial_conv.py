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
        self.maps = maps
        self.out_channels = len(maps)
        links = sum(len(row) for row in maps)
        self.register_buffer("inputs", torch.empty(links, dtype=torch.long))
        self.register_buffer("outputs", torch.empty(links, dtype=torch.long))
        self.weight = nn.Parameter(torch.empty(links, 1, *kernel_size))
        self.bias = nn.Parameter(torch.empty(self.out_channels)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        pairs = [(i, o) for o, row in enumerate(self.maps) for i in row]
        self.inputs.copy_(torch.tensor([i for i, _ in pairs]))
        self.outputs.copy_(torch.tensor([o for _, o in pairs]))
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def fans(self) -> tuple[Tensor, Tensor]:
        """How many weights the output map of each kernel has, and its input map."""
        fan_in, fan_out = (
            self.weight[0].numel() * (maps[:, None] == maps).sum(1)
            for maps in (self.outputs, self.inputs)
        )
        return fan_in.view(-1, 1, 1, 1), fan_out.view(-1, 1, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        links = self.weight.shape[0]
        y = nn.functional.conv2d(x[:, self.inputs], self.weight, groups=links)
        out = y.new_zeros(y.shape[0], self.out_channels, y.shape[2], y.shape[3])
        out = out.index_add(1, self.outputs, y)
        return out if self.bias is None else out + self.bias[:, None, None]
