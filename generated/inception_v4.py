"""Inception-v4: Inception-v4, Inception-ResNet and the Impact of Residual Connections
on Learning, arXiv:1602.07261, Figures 3 to 9.

For one 299x299x3 image: 42,679,816 parameters, 12,253,974,624 mult-adds, 42,311,560
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


class Mixed3a(nn.Module):
    """Block `mixed_3a`: concatenation of pool and conv3x3."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.pool = nn.MaxPool2d(3, stride=2)
        self.conv3x3 = ConvBNReLU(in_channels, 96, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.pool(x), self.conv3x3(x)], dim=1)
        return x


class Mixed4a(nn.Module):
    """Block `mixed_4a`: concatenation of conv3x3 and conv7x7."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv3x3 = nn.Sequential(
            ConvBNReLU(in_channels, 64, 1),
            ConvBNReLU(64, 96, 3),
        )
        self.conv7x7 = nn.Sequential(
            ConvBNReLU(in_channels, 64, 1),
            ConvBNReLU(64, 64, (7, 1), padding=(3, 0)),
            ConvBNReLU(64, 64, (1, 7), padding=(0, 3)),
            ConvBNReLU(64, 96, 3),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.conv3x3(x), self.conv7x7(x)], dim=1)
        return x


class Mixed5a(nn.Module):
    """Block `mixed_5a`: concatenation of conv3x3 and pool."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv3x3 = ConvBNReLU(in_channels, 192, 3, stride=2)
        self.pool = nn.MaxPool2d(3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.conv3x3(x), self.pool(x)], dim=1)
        return x


class InceptionA(nn.Module):
    """Block `inception_a`: concatenation of 4 branches."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.pool_proj = nn.Sequential(
            nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False),
            ConvBNReLU(in_channels, 96, 1),
        )
        self.conv1x1 = ConvBNReLU(in_channels, 96, 1)
        self.conv3x3 = nn.Sequential(
            ConvBNReLU(in_channels, 64, 1),
            ConvBNReLU(64, 96, 3, padding=1),
        )
        self.double_conv3x3 = nn.Sequential(
            ConvBNReLU(in_channels, 64, 1),
            ConvBNReLU(64, 96, 3, padding=1),
            ConvBNReLU(96, 96, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        pool_proj = self.pool_proj(x)
        conv1x1 = self.conv1x1(x)
        conv3x3 = self.conv3x3(x)
        double_conv3x3 = self.double_conv3x3(x)
        x = torch.cat([pool_proj, conv1x1, conv3x3, double_conv3x3], dim=1)
        return x


class ReductionA(nn.Module):
    """Block `reduction_a`: concatenation of pool, conv3x3 and double_conv3x3."""

    def __init__(self, in_channels: int, k: int, l: int, m: int, n: int) -> None:
        super().__init__()
        self.pool = nn.MaxPool2d(3, stride=2)
        self.conv3x3 = ConvBNReLU(in_channels, n, 3, stride=2)
        self.double_conv3x3 = nn.Sequential(
            ConvBNReLU(in_channels, k, 1),
            ConvBNReLU(k, l, 3, padding=1),
            ConvBNReLU(l, m, 3, stride=2),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.pool(x), self.conv3x3(x), self.double_conv3x3(x)], dim=1)
        return x


class InceptionB(nn.Module):
    """Block `inception_b`: concatenation of 4 branches."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.pool_proj = nn.Sequential(
            nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False),
            ConvBNReLU(in_channels, 128, 1),
        )
        self.conv1x1 = ConvBNReLU(in_channels, 384, 1)
        self.conv7x7 = nn.Sequential(
            ConvBNReLU(in_channels, 192, 1),
            ConvBNReLU(192, 224, (1, 7), padding=(0, 3)),
            ConvBNReLU(224, 256, (7, 1), padding=(3, 0)),
        )
        self.double_conv7x7 = nn.Sequential(
            ConvBNReLU(in_channels, 192, 1),
            ConvBNReLU(192, 192, (1, 7), padding=(0, 3)),
            ConvBNReLU(192, 224, (7, 1), padding=(3, 0)),
            ConvBNReLU(224, 224, (1, 7), padding=(0, 3)),
            ConvBNReLU(224, 256, (7, 1), padding=(3, 0)),
        )

    def forward(self, x: Tensor) -> Tensor:
        pool_proj = self.pool_proj(x)
        conv1x1 = self.conv1x1(x)
        conv7x7 = self.conv7x7(x)
        double_conv7x7 = self.double_conv7x7(x)
        x = torch.cat([pool_proj, conv1x1, conv7x7, double_conv7x7], dim=1)
        return x


class ReductionB(nn.Module):
    """Block `reduction_b`: concatenation of pool, conv3x3 and conv7x7."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.pool = nn.MaxPool2d(3, stride=2)
        self.conv3x3 = nn.Sequential(
            ConvBNReLU(in_channels, 192, 1),
            ConvBNReLU(192, 192, 3, stride=2),
        )
        self.conv7x7 = nn.Sequential(
            ConvBNReLU(in_channels, 256, 1),
            ConvBNReLU(256, 256, (1, 7), padding=(0, 3)),
            ConvBNReLU(256, 320, (7, 1), padding=(3, 0)),
            ConvBNReLU(320, 320, 3, stride=2),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.pool(x), self.conv3x3(x), self.conv7x7(x)], dim=1)
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
        self.pool_proj = nn.Sequential(
            nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False),
            ConvBNReLU(in_channels, 256, 1),
        )
        self.conv1x1 = ConvBNReLU(in_channels, 256, 1)
        self.expanded = nn.Sequential(
            ConvBNReLU(in_channels, 384, 1),
            Expanded(384, 256),
        )
        self.expanded_2 = nn.Sequential(
            ConvBNReLU(in_channels, 384, 1),
            ConvBNReLU(384, 448, (1, 3), padding=(0, 1)),
            ConvBNReLU(448, 512, (3, 1), padding=(1, 0)),
            Expanded(512, 256),
        )

    def forward(self, x: Tensor) -> Tensor:
        pool_proj = self.pool_proj(x)
        conv1x1 = self.conv1x1(x)
        expanded = self.expanded(x)
        expanded_2 = self.expanded_2(x)
        x = torch.cat([pool_proj, conv1x1, expanded, expanded_2], dim=1)
        return x


class InceptionV4(nn.Module):
    """Inception-v4, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.stem1 = ConvBNReLU(3, 32, 3, stride=2)
        self.stem2 = ConvBNReLU(32, 32, 3)
        self.stem3 = ConvBNReLU(32, 64, 3, padding=1)
        self.stem4 = Mixed3a(64)
        self.stem5 = Mixed4a(160)
        self.stem6 = Mixed5a(192)
        self.inception_a = nn.Sequential(*[InceptionA(384) for _ in range(4)])
        self.reduction_a = ReductionA(384, 192, 224, 256, 384)
        self.inception_b = nn.Sequential(*[InceptionB(1024) for _ in range(7)])
        self.reduction_b = ReductionB(1024)
        self.inception_c = nn.Sequential(*[InceptionC(1536) for _ in range(3)])
        self.pool = nn.AvgPool2d(8, stride=1, count_include_pad=False)
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(1536, classes))
        self.prob = nn.Softmax(dim=1)
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

    def forward(self, x: Tensor) -> Tensor:
        """Logits; the soft-max belongs to the loss, and to `predict`."""
        x = self.stem1(x)  # 149x149x32
        x = self.stem2(x)  # 147x147x32
        x = self.stem3(x)  # 147x147x64
        x = self.stem4(x)  # 73x73x160
        x = self.stem5(x)  # 71x71x192
        x = self.stem6(x)  # 35x35x384
        x = self.inception_a(x)  # 35x35x384
        x = self.reduction_a(x)  # 17x17x1024
        x = self.inception_b(x)  # 17x17x1024
        x = self.reduction_b(x)  # 8x8x1536
        x = self.inception_c(x)  # 8x8x1536
        x = self.pool(x)  # 1x1x1536
        x = self.drop(x)  # 1x1x1536
        x = self.fc(x)  # 1000
        return x

    def predict(self, x: Tensor) -> Tensor:
        """Probabilities of the classes."""
        x = self(x)
        x = self.prob(x)
        return x


def inception_v4(classes: int = 1000) -> InceptionV4:
    """Inception-v4 with fresh weights."""
    return InceptionV4(classes)


if __name__ == "__main__":
    model = inception_v4().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 299, 299))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"inception_v4: {parameters:,} parameters, output {tuple(output.shape)}")
