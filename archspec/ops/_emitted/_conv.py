"""The torch module of convolutions whose padding follows their input."""

from __future__ import annotations

from torch import Tensor, nn


class Conv2dSame(nn.Conv2d):
    """Pads as TensorFlow's SAME: ceil(n / stride) positions, odd zeros at the end."""

    def forward(self, input: Tensor) -> Tensor:
        top, bottom = self.around(input.shape[2], 0)
        left, right = self.around(input.shape[3], 1)
        return nn.functional.conv2d(
            nn.functional.pad(input, (left, right, top, bottom)),
            self.weight,
            self.bias,
            self.stride,
            0,
            self.dilation,
            self.groups,
        )

    def around(self, n: int, axis: int) -> tuple[int, int]:
        stride = self.stride[axis]
        extent = self.dilation[axis] * (self.kernel_size[axis] - 1) + 1
        total = max((-(-n // stride) - 1) * stride + extent - n, 0)
        return total // 2, total - total // 2
