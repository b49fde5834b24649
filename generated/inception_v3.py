"""Inception-v3: Rethinking the Inception Architecture for Computer Vision,
arXiv:1512.00567, Table 1 and Figures 5, 6, 7 and 10.

For one 299x299x3 image: 24,410,696 parameters, 6,045,493,856 mult-adds, 22,552,072
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
        kernel_size: int | tuple[int, int],
        stride: int = 1,
        padding: int | tuple[int, int] = 0,
    ) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                out_channels,
                kernel_size,
                stride=stride,
                padding=padding,
                bias=False,
            ),
            nn.BatchNorm2d(out_channels, eps=0.001),
            nn.ReLU(inplace=True),
        )


class InceptionA(nn.Module):
    """Block `inception_a`: concatenation of 4 branches."""

    def __init__(self, in_channels: int, proj: int) -> None:
        super().__init__()
        self.conv1x1 = ConvBNReLU(in_channels, 64, 1)
        self.conv5x5 = nn.Sequential(
            ConvBNReLU(in_channels, 48, 1),
            ConvBNReLU(48, 64, 5, padding=2),
        )
        self.double_conv3x3 = nn.Sequential(
            ConvBNReLU(in_channels, 64, 1),
            ConvBNReLU(64, 96, 3, padding=1),
            ConvBNReLU(96, 96, 3, padding=1),
        )
        self.pool_proj = nn.Sequential(
            nn.AvgPool2d(3, stride=1, padding=1),
            ConvBNReLU(in_channels, proj, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        conv1x1 = self.conv1x1(x)
        conv5x5 = self.conv5x5(x)
        double_conv3x3 = self.double_conv3x3(x)
        pool_proj = self.pool_proj(x)
        x = torch.cat([conv1x1, conv5x5, double_conv3x3, pool_proj], dim=1)
        return x


class ReductionA(nn.Module):
    """Block `reduction_a`: concatenation of conv3x3, double_conv3x3 and pool."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv3x3 = ConvBNReLU(in_channels, 384, 3, stride=2)
        self.double_conv3x3 = nn.Sequential(
            ConvBNReLU(in_channels, 64, 1),
            ConvBNReLU(64, 96, 3, padding=1),
            ConvBNReLU(96, 96, 3, stride=2),
        )
        self.pool = nn.MaxPool2d(3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.conv3x3(x), self.double_conv3x3(x), self.pool(x)], dim=1)
        return x


class InceptionB(nn.Module):
    """Block `inception_b`: concatenation of 4 branches."""

    def __init__(self, in_channels: int, c: int) -> None:
        super().__init__()
        self.conv1x1 = ConvBNReLU(in_channels, 192, 1)
        self.conv7x7 = nn.Sequential(
            ConvBNReLU(in_channels, c, 1),
            ConvBNReLU(c, c, (1, 7), padding=(0, 3)),
            ConvBNReLU(c, 192, (7, 1), padding=(3, 0)),
        )
        self.double_conv7x7 = nn.Sequential(
            ConvBNReLU(in_channels, c, 1),
            ConvBNReLU(c, c, (7, 1), padding=(3, 0)),
            ConvBNReLU(c, c, (1, 7), padding=(0, 3)),
            ConvBNReLU(c, c, (7, 1), padding=(3, 0)),
            ConvBNReLU(c, 192, (1, 7), padding=(0, 3)),
        )
        self.pool_proj = nn.Sequential(
            nn.AvgPool2d(3, stride=1, padding=1),
            ConvBNReLU(in_channels, 192, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        conv1x1 = self.conv1x1(x)
        conv7x7 = self.conv7x7(x)
        double_conv7x7 = self.double_conv7x7(x)
        pool_proj = self.pool_proj(x)
        x = torch.cat([conv1x1, conv7x7, double_conv7x7, pool_proj], dim=1)
        return x


class ReductionB(nn.Module):
    """Block `reduction_b`: concatenation of conv3x3, conv7x7 and pool."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv3x3 = nn.Sequential(
            ConvBNReLU(in_channels, 192, 1),
            ConvBNReLU(192, 320, 3, stride=2),
        )
        self.conv7x7 = nn.Sequential(
            ConvBNReLU(in_channels, 192, 1),
            ConvBNReLU(192, 192, (1, 7), padding=(0, 3)),
            ConvBNReLU(192, 192, (7, 1), padding=(3, 0)),
            ConvBNReLU(192, 192, 3, stride=2),
        )
        self.pool = nn.MaxPool2d(3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.conv3x3(x), self.conv7x7(x), self.pool(x)], dim=1)
        return x


class Expanded(nn.Module):
    """Block `expanded`: concatenation of conv1x3 and conv3x1."""

    def __init__(self, in_channels: int, c: int) -> None:
        super().__init__()
        self.conv1x3 = ConvBNReLU(in_channels, c, (1, 3), padding=(0, 1))
        self.conv3x1 = ConvBNReLU(in_channels, c, (3, 1), padding=(1, 0))

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.conv1x3(x), self.conv3x1(x)], dim=1)
        return x


class InceptionC(nn.Module):
    """Block `inception_c`: concatenation of 4 branches."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv1x1 = ConvBNReLU(in_channels, 320, 1)
        self.expanded = nn.Sequential(
            ConvBNReLU(in_channels, 384, 1),
            Expanded(384, 384),
        )
        self.expanded_2 = nn.Sequential(
            ConvBNReLU(in_channels, 448, 1),
            ConvBNReLU(448, 384, 3, padding=1),
            Expanded(384, 384),
        )
        self.pool_proj = nn.Sequential(
            nn.AvgPool2d(3, stride=1, padding=1),
            ConvBNReLU(in_channels, 192, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        conv1x1 = self.conv1x1(x)
        expanded = self.expanded(x)
        expanded_2 = self.expanded_2(x)
        pool_proj = self.pool_proj(x)
        x = torch.cat([conv1x1, expanded, expanded_2, pool_proj], dim=1)
        return x


class InceptionV3(nn.Module):
    """Inception-v3, one attribute for each row of its table."""

    head_weights = (0.4,)  # of the losses of the heads, in training

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = ConvBNReLU(3, 32, 3, stride=2)
        self.conv2 = ConvBNReLU(32, 32, 3)
        self.conv3 = ConvBNReLU(32, 64, 3, padding=1)
        self.pool4 = nn.MaxPool2d(3, stride=2)
        self.conv5 = ConvBNReLU(64, 80, 3)
        self.conv6 = ConvBNReLU(80, 192, 3, stride=2)
        self.conv7 = ConvBNReLU(192, 288, 3, padding=1)
        self.inception_a = nn.Sequential(*[InceptionA(288, 64) for _ in range(3)])
        self.reduction_a = ReductionA(288)
        self.inception_b = nn.Sequential(
            InceptionB(768, 128),
            *[InceptionB(768, 160) for _ in range(2)],
            InceptionB(768, 192),
        )
        self.reduction_b = ReductionB(768)
        self.inception_c = nn.Sequential(InceptionC(1280), InceptionC(2048))
        self.pool = nn.Sequential(nn.AvgPool2d(8, stride=1), nn.Dropout(0.5))
        self.linear = nn.Sequential(nn.Flatten(), nn.Linear(2048, classes))
        self.softmax = nn.Softmax(dim=1)
        self.aux = nn.Sequential(
            nn.AvgPool2d(5, stride=3),
            ConvBNReLU(768, 128, 1),
            ConvBNReLU(128, 768, 5),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(768, classes),
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise by `he` (not stated: authors' code)."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        """Logits; in training those of the heads too: see `head_weights`."""
        x = self.conv1(x)  # 149x149x32
        x = self.conv2(x)  # 147x147x32
        x = self.conv3(x)  # 147x147x64
        x = self.pool4(x)  # 73x73x64
        x = self.conv5(x)  # 71x71x80
        x = self.conv6(x)  # 35x35x192
        x = self.conv7(x)  # 35x35x288
        x = self.inception_a(x)  # 35x35x288
        x = self.reduction_a(x)  # 17x17x768
        inception_b = self.inception_b(x)  # 17x17x768
        x = self.reduction_b(inception_b)  # 8x8x1280
        x = self.inception_c(x)  # 8x8x2048
        x = self.pool(x)  # 1x1x2048
        x = self.linear(x)  # 1000
        if self.training:
            return x, self.aux(inception_b)
        return x

    def predict(self, x: Tensor) -> Tensor:
        """Probabilities of the classes."""
        output = self(x)
        x = output[0] if isinstance(output, tuple) else output
        x = self.softmax(x)
        return x


def inception_v3(classes: int = 1000) -> InceptionV3:
    """Inception-v3 with fresh weights."""
    return InceptionV3(classes)


if __name__ == "__main__":
    model = inception_v3().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 299, 299))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"inception_v3: {parameters:,} parameters, output {tuple(output.shape)}")
