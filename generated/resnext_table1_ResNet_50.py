"""ResNeXt Table 1-ResNet-50: Aggregated Residual Transformations for Deep Neural
Networks, arXiv:1611.05431, Table 1.

For one 224x224x3 image: 25,557,032 parameters, 4,089,184,256 mult-adds, 27,951,080
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


class Residual(nn.Module):
    """Block `residual`: sum of residual and shortcut, then ReLU."""

    def __init__(self, in_channels: int, c1: int, c2: int, stride: int = 1) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            ConvBNReLU(in_channels, c1, 1, stride=stride),
            ConvBNReLU(c1, c1, 3),
            ConvBN(c1, c2),
        )
        self.shortcut = (
            ConvBN(in_channels, c2, stride=stride)
            if in_channels != c2 or stride != 1
            else nn.Identity()
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.residual(x) + self.shortcut(x))
        return x


class Residual2(nn.Module):
    """Block `residual2`: sum of residual and shortcut, then ReLU."""

    def __init__(self, in_channels: int, c1: int, c2: int, stride: int = 1) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            ConvBNReLU(in_channels, c1, 1),
            ConvBNReLU(c1, c1, 3, stride=stride),
            ConvBN(c1, c2),
        )
        self.shortcut = (
            ConvBN(in_channels, c2, stride=stride)
            if in_channels != c2 or stride != 1
            else nn.Identity()
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.residual(x) + self.shortcut(x))
        return x


class ResNeXtTable1ResNet50(nn.Module):
    """ResNeXt Table 1-ResNet-50, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = ConvBNReLU(3, 64, 7, stride=2)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.conv2 = nn.Sequential(
            Residual(64, 64, 256),
            *[Residual(256, 64, 256) for _ in range(2)],
        )
        self.conv3 = nn.Sequential(
            Residual2(256, 128, 512, stride=2),
            *[Residual2(512, 128, 512) for _ in range(3)],
        )
        self.conv4 = nn.Sequential(
            Residual2(512, 256, 1024, stride=2),
            *[Residual2(1024, 256, 1024) for _ in range(5)],
        )
        self.conv5 = nn.Sequential(
            Residual2(1024, 512, 2048, stride=2),
            *[Residual2(2048, 512, 2048) for _ in range(2)],
        )
        self.gap = nn.AdaptiveAvgPool2d(1)
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
        x = self.conv1(x)  # 112x112x64
        x = self.pool(x)  # 56x56x64
        x = self.conv2(x)  # 56x56x256
        x = self.conv3(x)  # 28x28x512
        x = self.conv4(x)  # 14x14x1024
        x = self.conv5(x)  # 7x7x2048
        x = self.gap(x)  # 1x1x2048
        x = self.fc(x)  # 1000
        return x


def resnext_table1_ResNet_50(classes: int = 1000) -> ResNeXtTable1ResNet50:
    """ResNeXt Table 1-ResNet-50 with fresh weights."""
    return ResNeXtTable1ResNet50(classes)


if __name__ == "__main__":
    model = resnext_table1_ResNet_50().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(
        f"resnext_table1_ResNet_50: {parameters:,} parameters,"
        f" output {tuple(output.shape)}"
    )
