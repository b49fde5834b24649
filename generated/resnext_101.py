"""ResNeXt-101: Aggregated Residual Transformations for Deep Neural Networks,
arXiv:1611.05431, Tables 1 to 4.

For one 224x224x3 image: 44,177,704 parameters, 7,969,996,800 mult-adds, 51,583,976
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class ConvBNReLU(nn.Sequential):
    """Conv2d, BatchNorm2d and ReLU: `conv` in the spec."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        groups: int = 1,
    ) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                out_channels,
                kernel_size,
                stride=stride,
                padding=kernel_size // 2,
                groups=groups,
                bias=False,
            ),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )


class ConvBN(nn.Sequential):
    """Conv2d and BatchNorm2d: `conv` in the spec."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False),
            nn.BatchNorm2d(out_channels),
        )


class Bottleneck(nn.Module):
    """Block `bottleneck`: sum of residual and shortcut, then ReLU."""

    def __init__(
        self,
        in_channels: int,
        width: int,
        c: int,
        C: int,
        stride: int = 1,
    ) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            ConvBNReLU(in_channels, width, 1),
            ConvBNReLU(width, width, 3, stride=stride, groups=C),
            ConvBN(width, c),
        )
        self.shortcut = (
            ConvBN(in_channels, c, stride=stride)
            if in_channels != c or stride != 1
            else nn.Identity()
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.residual(x) + self.shortcut(x))
        return x


class ResNeXt101(nn.Module):
    """ResNeXt-101, one attribute for each row of its table."""

    def __init__(self, C: int = 32, d: int = 4, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = ConvBNReLU(3, 64, 7, stride=2)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.conv2 = nn.Sequential(
            Bottleneck(64, C * d, 256, C),
            *[Bottleneck(256, C * d, 256, C) for _ in range(2)],
        )
        self.conv3 = nn.Sequential(
            Bottleneck(256, 2 * C * d, 512, C, stride=2),
            *[Bottleneck(512, 2 * C * d, 512, C) for _ in range(3)],
        )
        self.conv4 = nn.Sequential(
            Bottleneck(512, 4 * C * d, 1024, C, stride=2),
            *[Bottleneck(1024, 4 * C * d, 1024, C) for _ in range(22)],
        )
        self.conv5 = nn.Sequential(
            Bottleneck(1024, 8 * C * d, 2048, C, stride=2),
            *[Bottleneck(2048, 8 * C * d, 2048, C) for _ in range(2)],
        )
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(2048, classes))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise by `he` (section 4, by reference)."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)  # 112x112x64
        x = self.pool(x)  # 56x56x64
        x = self.conv2(x)  # 56x56x256
        x = self.conv3(x)  # 28x28x512
        x = self.conv4(x)  # 14x14x1024
        x = self.conv5(x)  # 7x7x2048
        x = self.gap(x)  # 1x1x2048
        x = self.fc(x)  # 1000
        return x


def resnext_101(C: int = 32, d: int = 4, classes: int = 1000) -> ResNeXt101:
    """ResNeXt-101 with fresh weights."""
    return ResNeXt101(C, d, classes)


if __name__ == "__main__":
    model = resnext_101().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"resnext_101: {parameters:,} parameters, output {tuple(output.shape)}")
