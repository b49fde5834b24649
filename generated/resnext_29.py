"""ResNeXt-29: Aggregated Residual Transformations for Deep Neural Networks,
arXiv:1611.05431, section 5.3 and Table 7.

For one 32x32x3 image: 34,426,698 parameters, 5,387,266,048 mult-adds, 18,547,722
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


class ResNeXt29(nn.Module):
    """ResNeXt-29, one attribute for each row of its table."""

    def __init__(self, C: int = 8, d: int = 64, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = ConvBNReLU(3, 64, 3)
        self.stage1 = nn.Sequential(
            Bottleneck(64, C * d, 256, C),
            *[Bottleneck(256, C * d, 256, C) for _ in range(2)],
        )
        self.stage2 = nn.Sequential(
            Bottleneck(256, 2 * C * d, 512, C, stride=2),
            *[Bottleneck(512, 2 * C * d, 512, C) for _ in range(2)],
        )
        self.stage3 = nn.Sequential(
            Bottleneck(512, 4 * C * d, 1024, C, stride=2),
            *[Bottleneck(1024, 4 * C * d, 1024, C) for _ in range(2)],
        )
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(1024, classes))
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
        x = self.conv1(x)  # 32x32x64
        x = self.stage1(x)  # 32x32x256
        x = self.stage2(x)  # 16x16x512
        x = self.stage3(x)  # 8x8x1024
        x = self.gap(x)  # 1x1x1024
        x = self.fc(x)  # 10
        return x


def resnext_29(C: int = 8, d: int = 64, classes: int = 10) -> ResNeXt29:
    """ResNeXt-29 with fresh weights."""
    return ResNeXt29(C, d, classes)


if __name__ == "__main__":
    model = resnext_29().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 32, 32))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"resnext_29: {parameters:,} parameters, output {tuple(output.shape)}")
