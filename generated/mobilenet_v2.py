"""MobileNetV2: MobileNetV2: Inverted Residuals and Linear Bottlenecks,
arXiv:1801.04381, Table 2.

For one 224x224x3 image: 3,504,872 parameters, 300,774,272 mult-adds, 19,680,680
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class ConvBNReLU6(nn.Sequential):
    """Conv2d, BatchNorm2d and ReLU6: `conv` or `dwconv` in the spec."""

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
            nn.ReLU6(),
        )


class Bottleneck(nn.Module):
    """Block `bottleneck`: sum of residual and shortcut."""

    def __init__(self, in_channels: int, t: int, c: int, s: int = 1) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            *([ConvBNReLU6(in_channels, t * in_channels, 1)] if t > 1 else []),
            ConvBNReLU6(
                t * in_channels,
                t * in_channels,
                3,
                stride=s,
                groups=t * in_channels,
            ),
            nn.Sequential(
                nn.Conv2d(t * in_channels, c, 1, bias=False),
                nn.BatchNorm2d(c),
            ),
        )
        self.has_shortcut = s == 1 and in_channels == c

    def forward(self, x: Tensor) -> Tensor:
        if self.has_shortcut:
            x = self.residual(x) + x
        else:
            x = self.residual(x)
        return x


class MobileNetV2(nn.Module):
    """MobileNetV2, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = ConvBNReLU6(3, 32, 3, stride=2)
        self.bottleneck1 = Bottleneck(32, 1, 16)
        self.bottleneck2 = nn.Sequential(
            Bottleneck(16, 6, 24, s=2),
            Bottleneck(24, 6, 24),
        )
        self.bottleneck3 = nn.Sequential(
            Bottleneck(24, 6, 32, s=2),
            *[Bottleneck(32, 6, 32) for _ in range(2)],
        )
        self.bottleneck4 = nn.Sequential(
            Bottleneck(32, 6, 64, s=2),
            *[Bottleneck(64, 6, 64) for _ in range(3)],
        )
        self.bottleneck5 = nn.Sequential(
            Bottleneck(64, 6, 96),
            *[Bottleneck(96, 6, 96) for _ in range(2)],
        )
        self.bottleneck6 = nn.Sequential(
            Bottleneck(96, 6, 160, s=2),
            *[Bottleneck(160, 6, 160) for _ in range(2)],
        )
        self.bottleneck7 = Bottleneck(160, 6, 320)
        self.conv2 = ConvBNReLU6(320, 1280, 1)
        self.avgpool1 = nn.AvgPool2d(7)
        self.conv3 = nn.Conv2d(1280, classes, 1)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise as in He et al. 2015, arXiv:1502.01852."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)  # 112x112x32
        x = self.bottleneck1(x)  # 112x112x16
        x = self.bottleneck2(x)  # 56x56x24
        x = self.bottleneck3(x)  # 28x28x32
        x = self.bottleneck4(x)  # 14x14x64
        x = self.bottleneck5(x)  # 14x14x96
        x = self.bottleneck6(x)  # 7x7x160
        x = self.bottleneck7(x)  # 7x7x320
        x = self.conv2(x)  # 7x7x1280
        x = self.avgpool1(x)  # 1x1x1280
        x = self.conv3(x)  # 1x1x1000
        return x


def mobilenet_v2(classes: int = 1000) -> MobileNetV2:
    """MobileNetV2 with fresh weights."""
    return MobileNetV2(classes)


if __name__ == "__main__":
    model = mobilenet_v2().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"mobilenet_v2: {parameters:,} parameters, output {tuple(output.shape)}")
