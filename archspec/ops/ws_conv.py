"""Convolution with weight standardization (Qiao et al. 2019, equations 4 to 6): ``ws-conv 3x3, 64, /2``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import count, number
from archspec.op import Call, Refused, Requirement, Shape
from archspec.ops._conv import AROUND, CONVOLVED, Convolution

MADE = """
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
"""
STANDARDIZED = """
    def standardized(self) -> Tensor:
        variance, mean = torch.var_mean(
            self.weight, [1, 2, 3], correction=0, keepdim=True
        )
        kernels: Tensor = (self.weight - mean) / torch.sqrt(variance + self.eps)
        return kernels
"""
MODULE = f'''
class WSConv2d(nn.Conv2d):
    """Each kernel less its mean, over its standard deviation, and then as nn.Conv2d."""
{MADE}
    def forward(self, input: Tensor) -> Tensor:
        y: Tensor = self._conv_forward(input, self.standardized(), self.bias)
        return y
{STANDARDIZED}'''
SAME = f'''
class WSConv2dSame(nn.Conv2d):
    """Each kernel less its mean, over its standard deviation; padded as TensorFlow's SAME."""
{MADE}{CONVOLVED.replace("self.weight", "self.standardized()")}{STANDARDIZED}{AROUND}'''


class WSConv(Convolution):
    """``conv`` by standardized weights: less the mean of their kernel, over its standard deviation."""

    elsewhere: ClassVar[tuple[str, ...]] = ("wsconv2d", "std-conv", "std-conv2d", "weight-standardized-conv")
    label: ClassVar[str] = "WSConv"
    bare: ClassVar[tuple[str, ...]] = ("channels",)
    makes: ClassVar[str | None] = "channels"
    short: ClassVar[tuple[str, ...]] = ("channels", "kernel")

    kernel = Convolution.kernel
    channels = count()
    groups = count(1)
    eps = number(1e-5, least=1e-12)

    def outputs(self, x: Shape) -> int:
        return self.channels

    def splits(self, x: Shape) -> int:
        return self.groups

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield from super().requires(x)
        height, width = self.kernel
        yield Requirement(
            height * width * (x.channels // self.groups) != 1,
            lambda: Refused("`ws-conv` standardizes the weights of each kernel, and here a kernel has one"),
        )

    # The standardized weights, which training keeps too, are as large for any number of images: they are no mask.

    def torch(self, x: Shape) -> tuple[Call, ...]:
        (call,) = super().torch(x)
        target, module = ("WSConv2dSame", SAME) if call.module else ("WSConv2d", MODULE)
        options, defaults = {**call.options, "eps": self.eps}, {**call.defaults, "eps": 1e-5}
        return (call._replace(target=target, module=module, base="nn.Conv2d", options=options, defaults=defaults),)
