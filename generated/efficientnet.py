"""EfficientNet-B0: EfficientNet: Rethinking Model Scaling for Convolutional Neural
Networks, arXiv:1905.11946, Table 1.

For one 224x224x3 image: 5,288,548 parameters, 385,814,752 mult-adds, 22,170,528
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class ConvBNSiLU(nn.Sequential):
    """Conv2d, BatchNorm2d and SiLU: `conv` or `dwconv` in the spec."""

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
            nn.SiLU(),
        )


class ConvBN(nn.Sequential):
    """Conv2d and BatchNorm2d: `conv` in the spec."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )


class SE(nn.Module):
    """Block `se`: product of input and excitation."""

    def __init__(self, in_channels: int, r: int) -> None:
        super().__init__()
        self.excitation = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Sequential(nn.Conv2d(in_channels, r, 1), nn.SiLU()),
            nn.Conv2d(r, in_channels, 1),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = x * self.excitation(x)
        return x


class MBConv1(nn.Module):
    """Block `MBConv1`: residual alone."""

    def __init__(self, in_channels: int, c: int, stride: int = 1) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            ConvBNSiLU(in_channels, in_channels, 3, stride=stride, groups=in_channels),
            SE(in_channels, in_channels // 4),
            ConvBN(in_channels, c),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.residual(x)
        return x


class MBConv6(nn.Module):
    """Block `MBConv6`: sum of residual and shortcut."""

    def __init__(self, in_channels: int, c: int, stride: int = 1, k: int = 5) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            ConvBNSiLU(in_channels, 6 * in_channels, 1),
            ConvBNSiLU(
                6 * in_channels,
                6 * in_channels,
                k,
                stride=stride,
                groups=6 * in_channels,
            ),
            SE(6 * in_channels, in_channels // 4),
            ConvBN(6 * in_channels, c),
        )
        self.has_shortcut = stride == 1 and in_channels == c

    def forward(self, x: Tensor) -> Tensor:
        if self.has_shortcut:
            x = self.residual(x) + x
        else:
            x = self.residual(x)
        return x


class EfficientNetB0(nn.Module):
    """EfficientNet-B0, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.layer1 = ConvBNSiLU(3, 32, 3, stride=2)
        self.layer2 = MBConv1(32, 16)
        self.layer3 = nn.Sequential(
            MBConv6(16, 24, stride=2, k=3),
            MBConv6(24, 24, k=3),
        )
        self.layer4 = nn.Sequential(MBConv6(24, 40, stride=2), MBConv6(40, 40))
        self.layer5 = nn.Sequential(
            MBConv6(40, 80, stride=2, k=3),
            *[MBConv6(80, 80, k=3) for _ in range(2)],
        )
        self.layer6 = nn.Sequential(
            MBConv6(80, 112),
            *[MBConv6(112, 112) for _ in range(2)],
        )
        self.layer7 = nn.Sequential(
            MBConv6(112, 192, stride=2),
            *[MBConv6(192, 192) for _ in range(3)],
        )
        self.layer8 = MBConv6(192, 320, k=3)
        self.layer9 = nn.Sequential(
            ConvBNSiLU(320, 1280, 1),
            nn.AdaptiveAvgPool2d(1),
            nn.Sequential(nn.Dropout(0.2), nn.Flatten(), nn.Linear(1280, classes)),
        )
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
        x = self.layer1(x)  # 112x112x32
        x = self.layer2(x)  # 112x112x16
        x = self.layer3(x)  # 56x56x24
        x = self.layer4(x)  # 28x28x40
        x = self.layer5(x)  # 14x14x80
        x = self.layer6(x)  # 14x14x112
        x = self.layer7(x)  # 7x7x192
        x = self.layer8(x)  # 7x7x320
        x = self.layer9(x)  # 1000
        return x


def efficientnet(classes: int = 1000) -> EfficientNetB0:
    """EfficientNet-B0 with fresh weights."""
    return EfficientNetB0(classes)


if __name__ == "__main__":
    model = efficientnet().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"efficientnet: {parameters:,} parameters, output {tuple(output.shape)}")
