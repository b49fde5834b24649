"""The torch modules of ``ws-conv``."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class WSConv2d(nn.Conv2d):
    """Convolution with standardised kernels: zero mean, unit variance."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] | str = 0,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        bias: bool = True,
        eps: float = 1e-5,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
        )
        self.eps = eps

    def forward(self, input: Tensor) -> Tensor:
        y: Tensor = self._conv_forward(input, self.standardized(), self.bias)
        return y

    def standardized(self) -> Tensor:
        variance, mean = torch.var_mean(
            self.weight, [1, 2, 3], correction=0, keepdim=True
        )
        kernels: Tensor = (self.weight - mean) / torch.sqrt(variance + self.eps)
        return kernels


# Its methods are those of WSConv2d and of Conv2dSame, which `ws_conv.py` joins.
class WSConv2dSame(nn.Conv2d):
    """Convolution with standardised kernels, padded as TensorFlow's SAME."""


class ScaledWSConv2d(nn.Conv2d):
    """Convolution with standardised kernels, times gamma and a learned gain."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] | str = 0,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        bias: bool = True,
        eps: float = 1e-5,
        gamma: float = 1.0,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
        )
        self.eps = eps
        self.scale = gamma / self.weight[0].numel() ** 0.5
        self.gain = nn.Parameter(torch.ones(out_channels, 1, 1, 1))

    def reset_parameters(self) -> None:
        super().reset_parameters()
        if hasattr(self, "gain"):  # Conv2d's constructor calls it before
            nn.init.ones_(self.gain)

    def forward(self, input: Tensor) -> Tensor:
        y: Tensor = self._conv_forward(input, self.standardized(), self.bias)
        return y

    def standardized(self) -> Tensor:
        variance, mean = torch.var_mean(
            self.weight, [1, 2, 3], correction=0, keepdim=True
        )
        kernels: Tensor = (self.weight - mean) / torch.sqrt(variance + self.eps)
        scaled: Tensor = kernels * (self.gain * self.scale)
        return scaled


class ScaledWSConv2dSame(nn.Conv2d):
    """Convolution with standardised kernels, times gamma and a learned gain.

    It is padded as TensorFlow's SAME.
    """
