"""SE-ResNet-18: Squeeze-and-Excitation Networks, arXiv:1709.01507, Tables 1 and 2 of
the 2017 version.

For one 224x224x3 image: 11,778,592 parameters, 1,814,160,384 mult-adds, 6,678,880
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


class Basic(nn.Module):
    """Block `basic`: sum of residual and shortcut, then ReLU."""

    def __init__(self, in_channels: int, c: int, r: int, stride: int = 1) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            ConvBNReLU(in_channels, c, 3, stride=stride),
            ConvBN(c, c, 3),
            SE(c, r=r),
        )
        self.shortcut = (
            ConvBN(in_channels, c, 1, stride=stride)
            if in_channels != c or stride != 1
            else nn.Identity()
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.residual(x) + self.shortcut(x))
        return x


class SEResNet18(nn.Module):
    """SE-ResNet-18, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000, r: int = 16) -> None:
        if r < 1 or 64 % r:
            raise ValueError(f"r must be a divisor of 64, not {r}")
        super().__init__()
        self.conv1 = ConvBNReLU(3, 64, 7, stride=2)
        self.pool1 = nn.MaxPool2d(3, stride=2, padding=1)
        self.conv2_x = nn.Sequential(*[Basic(64, 64, r) for _ in range(2)])
        self.conv3_x = nn.Sequential(Basic(64, 128, r, stride=2), Basic(128, 128, r))
        self.conv4_x = nn.Sequential(Basic(128, 256, r, stride=2), Basic(256, 256, r))
        self.conv5_x = nn.Sequential(Basic(256, 512, r, stride=2), Basic(512, 512, r))
        self.pool5 = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(512, classes))
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
        x = self.conv2_x(x)  # 56x56x64
        x = self.conv3_x(x)  # 28x28x128
        x = self.conv4_x(x)  # 14x14x256
        x = self.conv5_x(x)  # 7x7x512
        x = self.pool5(x)  # 1x1x512
        x = self.fc(x)  # 1000
        return x


def se_resnet_18(classes: int = 1000, r: int = 16) -> SEResNet18:
    """SE-ResNet-18 with fresh weights.

    Fixed here to `on_1x1=yes` and `option=B`.
    """
    return SEResNet18(classes, r)


if __name__ == "__main__":
    model = se_resnet_18().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"se_resnet_18: {parameters:,} parameters, output {tuple(output.shape)}")
