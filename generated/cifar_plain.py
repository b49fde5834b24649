"""CIFAR Plain: Deep Residual Learning for Image Recognition, arXiv:1512.03385, section
4.2.

For one 32x32x3 image: 269,722 parameters, 40,551,040 mult-adds, 376,906 activations
(convention: paper). One mult-add is one multiply-accumulate of a convolution or a fully
connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class ConvBNReLU(nn.Sequential):
    """Conv2d, BatchNorm2d and ReLU: `conv` in the spec."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                out_channels,
                3,
                stride=stride,
                padding=1,
                bias=False,
            ),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )


class CIFARPlain(nn.Module):
    """CIFAR Plain, one attribute for each row of its table."""

    def __init__(self, depth: int = 20, classes: int = 10) -> None:
        if depth < 8 or (depth - 2) % 6:
            raise ValueError(f"depth must be 6 * n + 2 and at least 8, not {depth}")
        super().__init__()
        self.conv1 = ConvBNReLU(3, 16)
        self.conv2_x = nn.Sequential(
            *[
                nn.Sequential(ConvBNReLU(16, 16), ConvBNReLU(16, 16))
                for _ in range((depth - 2) // 6)
            ],
        )
        blocks = (depth - 8) // 6
        self.conv3_x = nn.Sequential(
            ConvBNReLU(16, 32, stride=2),
            ConvBNReLU(32, 32),
            *[
                nn.Sequential(ConvBNReLU(32, 32), ConvBNReLU(32, 32))
                for _ in range(blocks)
            ],
        )
        self.conv4_x = nn.Sequential(
            ConvBNReLU(32, 64, stride=2),
            ConvBNReLU(64, 64),
            *[
                nn.Sequential(ConvBNReLU(64, 64), ConvBNReLU(64, 64))
                for _ in range(blocks)
            ],
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(64, classes))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise by `he` (section 4.2, by reference)."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)  # 32x32x16
        x = self.conv2_x(x)  # 32x32x16
        x = self.conv3_x(x)  # 16x16x32
        x = self.conv4_x(x)  # 8x8x64
        x = self.pool(x)  # 1x1x64
        x = self.fc(x)  # 10
        return x


def cifar_plain(depth: int = 20, classes: int = 10) -> CIFARPlain:
    """CIFAR Plain with fresh weights."""
    return CIFARPlain(depth, classes)


if __name__ == "__main__":
    model = cifar_plain().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 32, 32))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"cifar_plain: {parameters:,} parameters, output {tuple(output.shape)}")
