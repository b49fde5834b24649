"""The torch module of ``blurpool``."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class BlurPool(nn.Module):
    """Blur each map with a binomial kernel, then subsample it."""

    def __init__(
        self,
        kernel_size: int | tuple[int, int] = 3,
        stride: int | tuple[int, int] = 2,
        mode: str = "reflect",
    ) -> None:
        super().__init__()
        size = (kernel_size,) * 2 if isinstance(kernel_size, int) else kernel_size
        self.kernel_size, self.stride, self.mode = size, stride, mode
        self.kernel: Tensor
        self.register_buffer("kernel", torch.empty(size), persistent=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        self.kernel.copy_(torch.outer(*map(self.shares, self.kernel_size)))

    @staticmethod
    def shares(size: int) -> Tensor:
        """A row of Pascal's triangle, as shares of its sum."""
        row = torch.ones(1)
        for _ in range(size - 1):
            row = nn.functional.pad(row, (0, 1)) + nn.functional.pad(row, (1, 0))
        return row / row.sum()

    def forward(self, x: Tensor) -> Tensor:
        rows, columns = self.kernel_size[0] // 2, self.kernel_size[1] // 2
        x = nn.functional.pad(x, (columns, columns, rows, rows), self.mode)
        kernels = self.kernel.expand(x.shape[1], 1, -1, -1)
        return nn.functional.conv2d(x, kernels, stride=self.stride, groups=x.shape[1])
