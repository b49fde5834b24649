"""Inception-ResNet-v2, released: Inception-v4, Inception-ResNet and the Impact of
Residual Connections on Learning, arXiv:1602.07261; timm,
timm.models.inception_resnet_v2, version 1.0.31.

For one 299x299x3 image: 55,843,464 parameters, 13,155,794,016 mult-adds, 56,007,848
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


class Mixed5b(nn.Module):
    """Block `mixed_5b`: concatenation of 4 branches."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv1x1 = ConvBNReLU(in_channels, 96, 1)
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
            nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False),
            ConvBNReLU(in_channels, 64, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        conv1x1 = self.conv1x1(x)
        conv5x5 = self.conv5x5(x)
        double_conv3x3 = self.double_conv3x3(x)
        pool_proj = self.pool_proj(x)
        x = torch.cat([conv1x1, conv5x5, double_conv3x3, pool_proj], dim=1)
        return x


class BranchesA(nn.Module):
    """Block `branches_a`: concatenation of conv1x1, conv3x3 and double_conv3x3."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv1x1 = ConvBNReLU(in_channels, 32, 1)
        self.conv3x3 = nn.Sequential(
            ConvBNReLU(in_channels, 32, 1),
            ConvBNReLU(32, 32, 3, padding=1),
        )
        self.double_conv3x3 = nn.Sequential(
            ConvBNReLU(in_channels, 32, 1),
            ConvBNReLU(32, 48, 3, padding=1),
            ConvBNReLU(48, 64, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.conv1x1(x), self.conv3x3(x), self.double_conv3x3(x)], dim=1)
        return x


class InceptionResnetA(nn.Module):
    """Block `inception_resnet_a`: sum of shortcut and residual, then ReLU."""

    def __init__(self, in_channels: int, scaling: float = 0.17) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            BranchesA(in_channels),
            nn.Conv2d(128, in_channels, 1),
        )
        self.scaling = scaling
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(x + self.scaling * self.residual(x))
        return x


class Mixed6a(nn.Module):
    """Block `mixed_6a`: concatenation of conv3x3, double_conv3x3 and pool."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv3x3 = ConvBNReLU(in_channels, 384, 3, stride=2)
        self.double_conv3x3 = nn.Sequential(
            ConvBNReLU(in_channels, 256, 1),
            ConvBNReLU(256, 256, 3, padding=1),
            ConvBNReLU(256, 384, 3, stride=2),
        )
        self.pool = nn.MaxPool2d(3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.conv3x3(x), self.double_conv3x3(x), self.pool(x)], dim=1)
        return x


class BranchesB(nn.Module):
    """Block `branches_b`: concatenation of conv1x1 and conv7x7."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv1x1 = ConvBNReLU(in_channels, 192, 1)
        self.conv7x7 = nn.Sequential(
            ConvBNReLU(in_channels, 128, 1),
            ConvBNReLU(128, 160, (1, 7), padding=(0, 3)),
            ConvBNReLU(160, 192, (7, 1), padding=(3, 0)),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.conv1x1(x), self.conv7x7(x)], dim=1)
        return x


class InceptionResnetB(nn.Module):
    """Block `inception_resnet_b`: sum of shortcut and residual, then ReLU."""

    def __init__(self, in_channels: int, scaling: float = 0.1) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            BranchesB(in_channels),
            nn.Conv2d(384, in_channels, 1),
        )
        self.scaling = scaling
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(x + self.scaling * self.residual(x))
        return x


class ReductionB(nn.Module):
    """Block `reduction_b`: concatenation of 4 branches."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv3x3 = nn.Sequential(
            ConvBNReLU(in_channels, 256, 1),
            ConvBNReLU(256, 384, 3, stride=2),
        )
        self.conv3x3_2 = nn.Sequential(
            ConvBNReLU(in_channels, 256, 1),
            ConvBNReLU(256, 288, 3, stride=2),
        )
        self.double_conv3x3 = nn.Sequential(
            ConvBNReLU(in_channels, 256, 1),
            ConvBNReLU(256, 288, 3, padding=1),
            ConvBNReLU(288, 320, 3, stride=2),
        )
        self.pool = nn.MaxPool2d(3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        conv3x3 = self.conv3x3(x)
        conv3x3_2 = self.conv3x3_2(x)
        double_conv3x3 = self.double_conv3x3(x)
        pool = self.pool(x)
        x = torch.cat([conv3x3, conv3x3_2, double_conv3x3, pool], dim=1)
        return x


class BranchesC(nn.Module):
    """Block `branches_c`: concatenation of conv1x1 and conv3x3."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv1x1 = ConvBNReLU(in_channels, 192, 1)
        self.conv3x3 = nn.Sequential(
            ConvBNReLU(in_channels, 192, 1),
            ConvBNReLU(192, 224, (1, 3), padding=(0, 1)),
            ConvBNReLU(224, 256, (3, 1), padding=(1, 0)),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.conv1x1(x), self.conv3x3(x)], dim=1)
        return x


class InceptionResnetC(nn.Module):
    """Block `inception_resnet_c`: sum of shortcut and residual."""

    def __init__(
        self,
        in_channels: int,
        scaling: float = 0.2,
        last: bool = False,
    ) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            BranchesC(in_channels),
            nn.Conv2d(448, in_channels, 1),
        )
        self.scaling = scaling
        self.then = nn.Sequential(*([nn.ReLU(inplace=True)] if not last else []))

    def forward(self, x: Tensor) -> Tensor:
        x = self.then(x + self.scaling * self.residual(x))
        return x


class InceptionResNetV2Released(nn.Module):
    """Inception-ResNet-v2, released, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.stem1 = ConvBNReLU(3, 32, 3, stride=2)
        self.stem2 = ConvBNReLU(32, 32, 3)
        self.stem3 = ConvBNReLU(32, 64, 3, padding=1)
        self.stem4 = nn.Sequential(nn.MaxPool2d(3, stride=2), ConvBNReLU(64, 80, 1))
        self.stem5 = nn.Sequential(ConvBNReLU(80, 192, 3), nn.MaxPool2d(3, stride=2))
        self.stem6 = Mixed5b(192)
        self.inception_resnet_a = nn.Sequential(
            *[InceptionResnetA(320) for _ in range(10)],
        )
        self.reduction_a = Mixed6a(320)
        self.inception_resnet_b = nn.Sequential(
            *[InceptionResnetB(1088) for _ in range(20)],
        )
        self.reduction_b = ReductionB(1088)
        self.inception_resnet_c = nn.Sequential(
            *[InceptionResnetC(2080) for _ in range(9)],
            InceptionResnetC(2080, scaling=1, last=True),
        )
        self.pool = nn.Sequential(ConvBNReLU(2080, 1536, 1), nn.AvgPool2d(8, stride=1))
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
        x = self.stem4(x)  # 73x73x80
        x = self.stem5(x)  # 35x35x192
        x = self.stem6(x)  # 35x35x320
        x = self.inception_resnet_a(x)  # 35x35x320
        x = self.reduction_a(x)  # 17x17x1088
        x = self.inception_resnet_b(x)  # 17x17x1088
        x = self.reduction_b(x)  # 8x8x2080
        x = self.inception_resnet_c(x)  # 8x8x2080
        x = self.pool(x)  # 1x1x1536
        x = self.drop(x)  # 1x1x1536
        x = self.fc(x)  # 1000
        return x

    def predict(self, x: Tensor) -> Tensor:
        """Probabilities of the classes."""
        x = self(x)
        x = self.prob(x)
        return x


def inception_resnet_v2_released(classes: int = 1000) -> InceptionResNetV2Released:
    """Inception-ResNet-v2, released with fresh weights."""
    return InceptionResNetV2Released(classes)


if __name__ == "__main__":
    model = inception_resnet_v2_released().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 299, 299))
    parameters = sum(p.numel() for p in model.parameters())
    print(
        f"inception_resnet_v2_released: {parameters:,} parameters,"
        f" output {tuple(output.shape)}"
    )
