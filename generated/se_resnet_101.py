"""SE-ResNet-101: Squeeze-and-Excitation Networks, arXiv:1709.01507, Tables 1 and 2 of
the 2017 version.

For one 224x224x3 image: 49,326,872 parameters, 7,574,937,600 mult-adds, 49,543,640
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
    ) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                out_channels,
                kernel_size,
                stride=stride,
                padding=kernel_size // 2,
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


class SE(nn.Module):
    """Block `se`: product of input and excitation."""

    def __init__(self, in_channels: int, r: int = 16) -> None:
        super().__init__()
        hidden = in_channels // r
        self.excitation = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(in_channels, hidden),
            nn.ReLU(inplace=True),
            nn.Linear(hidden, in_channels),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = x * self.excitation(x)[:, :, None, None]
        return x


class Bottleneck(nn.Module):
    """Block `bottleneck`: sum of residual and shortcut, then ReLU."""

    def __init__(self, in_channels: int, c: int, r: int, stride: int = 1) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            ConvBNReLU(in_channels, c, 1, stride=stride),
            ConvBNReLU(c, c, 3),
            ConvBN(c, 4 * c),
            SE(4 * c, r=r),
        )
        self.shortcut = (
            ConvBN(in_channels, 4 * c, stride=stride)
            if in_channels != 4 * c or stride != 1
            else nn.Identity()
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.residual(x) + self.shortcut(x))
        return x


class SEResNet101(nn.Module):
    """SE-ResNet-101, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000, r: int = 16) -> None:
        if r < 1 or 256 % r:
            raise ValueError(f"r must be a divisor of 256, not {r}")
        super().__init__()
        self.conv1 = ConvBNReLU(3, 64, 7, stride=2)
        self.pool1 = nn.MaxPool2d(3, stride=2, padding=1)
        self.conv2_x = nn.Sequential(
            Bottleneck(64, 64, r),
            *[Bottleneck(256, 64, r) for _ in range(2)],
        )
        self.conv3_x = nn.Sequential(
            Bottleneck(256, 128, r, stride=2),
            *[Bottleneck(512, 128, r) for _ in range(3)],
        )
        self.conv4_x = nn.Sequential(
            Bottleneck(512, 256, r, stride=2),
            *[Bottleneck(1024, 256, r) for _ in range(22)],
        )
        self.conv5_x = nn.Sequential(
            Bottleneck(1024, 512, r, stride=2),
            *[Bottleneck(2048, 512, r) for _ in range(2)],
        )
        self.pool5 = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(2048, classes))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise by `he` (section 5, by reference)."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)  # 112x112x64
        x = self.pool1(x)  # 56x56x64
        x = self.conv2_x(x)  # 56x56x256
        x = self.conv3_x(x)  # 28x28x512
        x = self.conv4_x(x)  # 14x14x1024
        x = self.conv5_x(x)  # 7x7x2048
        x = self.pool5(x)  # 1x1x2048
        x = self.fc(x)  # 1000
        return x


def se_resnet_101(classes: int = 1000, r: int = 16) -> SEResNet101:
    """SE-ResNet-101 with fresh weights.

    Fixed here to `on_1x1=yes` and `option=B`.
    """
    return SEResNet101(classes, r)


if __name__ == "__main__":
    model = se_resnet_101().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"se_resnet_101: {parameters:,} parameters, output {tuple(output.shape)}")
