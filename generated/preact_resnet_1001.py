"""Pre-activation ResNet-1001: Identity Mappings in Deep Residual Networks,
arXiv:1603.05027, Table 4.

For one 32x32x3 image: 10,327,706 parameters, 1,487,849,984 mult-adds, 51,069,194
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class BNReLUConv(nn.Sequential):
    """BatchNorm2d, ReLU and Conv2d: `conv` in the spec."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__(
            nn.BatchNorm2d(in_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(
                in_channels,
                out_channels,
                kernel_size,
                padding=kernel_size // 2,
                bias=False,
            ),
        )


class Unit(nn.Module):
    """Block `unit`: sum of residual and shortcut."""

    def __init__(self, in_channels: int, c: int, stride: int = 1) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            *(
                [nn.BatchNorm2d(in_channels), nn.ReLU(inplace=True)]
                if in_channels == 4 * c
                else []
            ),
            nn.Conv2d(in_channels, c, 1, stride=stride, bias=False),
            BNReLUConv(c, c, 3),
            BNReLUConv(c, 4 * c, 1),
        )
        self.shortcut = (
            nn.Conv2d(in_channels, 4 * c, 1, stride=stride, bias=False)
            if in_channels != 4 * c or stride != 1
            else nn.Identity()
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.residual(x) + self.shortcut(x)
        return x


class Bottleneck(nn.Sequential):
    """Block `bottleneck`."""

    def __init__(self, in_channels: int, c: int, stride: int = 1) -> None:
        super().__init__(
            *(
                [nn.BatchNorm2d(in_channels), nn.ReLU(inplace=True)]
                if in_channels != 4 * c
                else []
            ),
            Unit(in_channels, c, stride=stride),
        )


class PreActivationResNet1001(nn.Module):
    """Pre-activation ResNet-1001, one attribute for each row of its table."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.conv2_x = nn.Sequential(
            Bottleneck(16, 16),
            *[Bottleneck(64, 16) for _ in range(110)],
        )
        self.conv3_x = nn.Sequential(
            Bottleneck(64, 32, stride=2),
            *[Bottleneck(128, 32) for _ in range(110)],
        )
        self.conv4_x = nn.Sequential(
            Bottleneck(128, 64, stride=2),
            *[Bottleneck(256, 64) for _ in range(110)],
        )
        self.relu5 = nn.Sequential(nn.BatchNorm2d(256), nn.ReLU(inplace=True))
        self.pool5 = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(256, classes))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise by `he` (appendix, by reference)."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)  # 32x32x16
        x = self.conv2_x(x)  # 32x32x64
        x = self.conv3_x(x)  # 16x16x128
        x = self.conv4_x(x)  # 8x8x256
        x = self.relu5(x)  # 8x8x256
        x = self.pool5(x)  # 1x1x256
        x = self.fc(x)  # 10
        return x


def preact_resnet_1001(classes: int = 10) -> PreActivationResNet1001:
    """Pre-activation ResNet-1001 with fresh weights."""
    return PreActivationResNet1001(classes)


if __name__ == "__main__":
    model = preact_resnet_1001().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 32, 32))
    parameters = sum(p.numel() for p in model.parameters())
    print(
        f"preact_resnet_1001: {parameters:,} parameters, output {tuple(output.shape)}"
    )
