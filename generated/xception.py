"""Xception: Xception: Deep Learning with Depthwise Separable Convolutions,
arXiv:1610.02357, Figure 5.

For one 299x299x3 image: 22,855,952 parameters, 8,357,403,496 mult-adds, 61,900,832
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class ConvBN(nn.Sequential):
    """Conv2d and BatchNorm2d: `conv` in the spec."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
    ) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                out_channels,
                kernel_size,
                stride=stride,
                bias=False,
            ),
            nn.BatchNorm2d(out_channels),
        )


class SeparableConv(nn.Sequential):
    """Block `SeparableConv`: Conv2d and ConvBN."""

    def __init__(self, in_channels: int, c: int) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                in_channels,
                3,
                padding=1,
                groups=in_channels,
                bias=False,
            ),
            ConvBN(in_channels, c, 1),
        )


class Entry128(nn.Module):
    """Block `entry128`: sum of residual and shortcut."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            SeparableConv(in_channels, 128),
            nn.ReLU(inplace=True),
            SeparableConv(128, 128),
            nn.MaxPool2d(3, stride=2, padding=1),
        )
        self.shortcut = ConvBN(in_channels, 128, 1, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.residual(x) + self.shortcut(x)
        return x


class Entry(nn.Module):
    """Block `entry`: sum of residual and shortcut."""

    def __init__(self, in_channels: int, c: int) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            nn.ReLU(),
            SeparableConv(in_channels, c),
            nn.ReLU(inplace=True),
            SeparableConv(c, c),
            nn.MaxPool2d(3, stride=2, padding=1),
        )
        self.shortcut = ConvBN(in_channels, c, 1, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.residual(x) + self.shortcut(x)
        return x


class Middle(nn.Module):
    """Block `middle`: sum of residual and shortcut."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            nn.ReLU(),
            SeparableConv(in_channels, 728),
            nn.ReLU(inplace=True),
            SeparableConv(728, 728),
            nn.ReLU(inplace=True),
            SeparableConv(728, 728),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.residual(x) + x
        return x


class Exit(nn.Module):
    """Block `exit`: sum of residual and shortcut."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            nn.ReLU(),
            SeparableConv(in_channels, 728),
            nn.ReLU(inplace=True),
            SeparableConv(728, 1024),
            nn.MaxPool2d(3, stride=2, padding=1),
        )
        self.shortcut = ConvBN(in_channels, 1024, 1, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.residual(x) + self.shortcut(x)
        return x


class Xception(nn.Module):
    """Xception, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.Conv1 = nn.Sequential(ConvBN(3, 32, 3, stride=2), nn.ReLU(inplace=True))
        self.Conv2 = nn.Sequential(ConvBN(32, 64, 3), nn.ReLU(inplace=True))
        self.entry1 = Entry128(64)
        self.entry2 = Entry(128, 256)
        self.entry3 = Entry(256, 728)
        self.middle = nn.Sequential(*[Middle(728) for _ in range(8)])
        self.exit1 = Exit(728)
        self.exit2 = nn.Sequential(SeparableConv(1024, 1536), nn.ReLU(inplace=True))
        self.exit3 = nn.Sequential(SeparableConv(1536, 2048), nn.ReLU(inplace=True))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(2048, classes))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise as in He et al. 2015, arXiv:1502.01852."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        x = self.Conv1(x)  # 149x149x32
        x = self.Conv2(x)  # 147x147x64
        x = self.entry1(x)  # 74x74x128
        x = self.entry2(x)  # 37x37x256
        x = self.entry3(x)  # 19x19x728
        x = self.middle(x)  # 19x19x728
        x = self.exit1(x)  # 10x10x1024
        x = self.exit2(x)  # 10x10x1536
        x = self.exit3(x)  # 10x10x2048
        x = self.pool(x)  # 1x1x2048
        x = self.fc(x)  # 1000
        return x


def xception(classes: int = 1000) -> Xception:
    """Xception with fresh weights."""
    return Xception(classes)


if __name__ == "__main__":
    model = xception().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 299, 299))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"xception: {parameters:,} parameters, output {tuple(output.shape)}")
