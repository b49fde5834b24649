"""CIFAR ResNet: Deep Residual Learning for Image Recognition, arXiv:1512.03385, section
4.2 and Table 6.

For one 32x32x3 image: 269,722 parameters, 40,551,040 mult-adds, 475,210 activations
(convention: paper). One mult-add is one multiply-accumulate of a convolution or a fully
connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class PadChannels(nn.Module):
    """Subsample by stride, and pad the channels with zeros."""

    def __init__(self, channels: int, stride: int | tuple[int, int] = 1) -> None:
        super().__init__()
        self.channels = channels
        self.stride = (stride, stride) if isinstance(stride, int) else stride

    def forward(self, x: Tensor) -> Tensor:
        x = x[:, :, :: self.stride[0], :: self.stride[1]]
        more = self.channels - x.shape[1]
        return nn.functional.pad(x, (0, 0, 0, 0, 0, more))


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


class Residual(nn.Module):
    """Block `residual`: sum of residual and shortcut, then ReLU."""

    def __init__(self, in_channels: int, c: int, stride: int = 1) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            ConvBNReLU(in_channels, c, stride=stride),
            nn.Sequential(nn.Conv2d(c, c, 3, padding=1, bias=False), nn.BatchNorm2d(c)),
        )
        self.shortcut = (
            PadChannels(c, stride=stride)
            if in_channels != c or stride != 1
            else nn.Identity()
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.residual(x) + self.shortcut(x))
        return x


class CIFARResNet(nn.Module):
    """CIFAR ResNet, one attribute for each row of its table."""

    def __init__(self, depth: int = 20, classes: int = 10) -> None:
        if depth < 8 or (depth - 2) % 6:
            raise ValueError(f"depth must be 6 * n + 2 and at least 8, not {depth}")
        super().__init__()
        self.conv1 = ConvBNReLU(3, 16)
        blocks = (depth - 2) // 6
        self.conv2_x = nn.Sequential(*[Residual(16, 16) for _ in range(blocks)])
        self.conv3_x = nn.Sequential(
            Residual(16, 32, stride=2),
            *[Residual(32, 32) for _ in range(blocks - 1)],
        )
        self.conv4_x = nn.Sequential(
            Residual(32, 64, stride=2),
            *[Residual(64, 64) for _ in range(blocks - 1)],
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


def cifar_resnet(depth: int = 20, classes: int = 10) -> CIFARResNet:
    """CIFAR ResNet with fresh weights.

    Fixed here to `option=A`.
    """
    return CIFARResNet(depth, classes)


if __name__ == "__main__":
    model = cifar_resnet().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 32, 32))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"cifar_resnet: {parameters:,} parameters, output {tuple(output.shape)}")
