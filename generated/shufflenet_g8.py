"""ShuffleNet-g8: ShuffleNet: An Extremely Efficient Convolutional Neural Network for
Mobile Devices, arXiv:1707.01083, Table 1.

For one 224x224x3 image: 2,434,768 parameters, 138,365,952 mult-adds, 13,249,000
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


def near(x: float) -> float:
    """Undo the rounding error of a product that should be whole: 0.7 * 10 is 7."""
    whole = round(x)
    return whole if abs(x - whole) <= 1e-9 * abs(x) else x


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
    """Conv2d and BatchNorm2d: `conv` or `dwconv` in the spec."""

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
        )


class Down(nn.Module):
    """Block `down`: concatenation of residual and shortcut, then ReLU."""

    def __init__(
        self,
        in_channels: int,
        c: int,
        groups: int,
        g: int,
        s: float,
        stride: int = 2,
    ) -> None:
        super().__init__()
        hidden = round(s * c / 4)
        width = round(s * c - in_channels)
        self.residual = nn.Sequential(
            ConvBNReLU(in_channels, hidden, 1, groups=groups),
            nn.ChannelShuffle(g),
            ConvBN(hidden, hidden, 3, stride=stride, groups=hidden),
            ConvBN(hidden, width, 1, groups=g),
        )
        self.shortcut = nn.AvgPool2d(3, stride=stride, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(torch.cat([self.residual(x), self.shortcut(x)], dim=1))
        return x


class Unit(nn.Module):
    """Block `unit`: sum of residual and shortcut, then ReLU."""

    def __init__(
        self,
        in_channels: int,
        c: int,
        g: int,
        s: float,
        stride: int = 1,
    ) -> None:
        super().__init__()
        hidden = round(s * c / 4)
        width = round(s * c)
        self.residual = nn.Sequential(
            ConvBNReLU(in_channels, hidden, 1, groups=g),
            nn.ChannelShuffle(g),
            ConvBN(hidden, hidden, 3, stride=stride, groups=hidden),
            ConvBN(hidden, width, 1, groups=g),
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.residual(x) + x)
        return x


class ShuffleNetG8(nn.Module):
    """ShuffleNet-g8, one attribute for each row of its table."""

    def __init__(
        self,
        g: int = 8,
        s: float = 1.0,
        conv1: int = 24,
        classes: int = 1000,
    ) -> None:
        if near(96 * s) % 1:
            raise ValueError(f"96 * s must be whole, but s is {s}")
        if g < 1 or near(96 * s / g) % 1:
            raise ValueError(f"96 * s / g must be whole, but g is {g} and s is {s}")
        super().__init__()
        self.Conv1 = ConvBNReLU(3, conv1, 3, stride=2)
        self.MaxPool = nn.MaxPool2d(3, stride=2, padding=1)
        self.Stage2 = Down(conv1, 384, 1, g, s)
        self.Stage2_2 = nn.Sequential(
            *[Unit(round(384 * s), 384, g, s) for _ in range(3)],
        )
        self.Stage3 = Down(round(384 * s), 768, g, g, s)
        self.Stage3_2 = nn.Sequential(
            *[Unit(round(768 * s), 768, g, s) for _ in range(7)],
        )
        self.Stage4 = Down(round(768 * s), 1536, g, g, s)
        self.Stage4_2 = nn.Sequential(
            *[Unit(round(1536 * s), 1536, g, s) for _ in range(3)],
        )
        self.GlobalPool = nn.AvgPool2d(7, stride=1)
        self.FC = nn.Sequential(nn.Flatten(), nn.Linear(round(1536 * s), classes))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise by `he` (section 4, by reference to ResNeXt)."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        x = self.Conv1(x)  # 112x112x24
        x = self.MaxPool(x)  # 56x56x24
        x = self.Stage2(x)  # 28x28x384
        x = self.Stage2_2(x)  # 28x28x384
        x = self.Stage3(x)  # 14x14x768
        x = self.Stage3_2(x)  # 14x14x768
        x = self.Stage4(x)  # 7x7x1536
        x = self.Stage4_2(x)  # 7x7x1536
        x = self.GlobalPool(x)  # 1x1x1536
        x = self.FC(x)  # 1000
        return x


def shufflenet_g8(
    g: int = 8,
    s: float = 1.0,
    conv1: int = 24,
    classes: int = 1000,
) -> ShuffleNetG8:
    """ShuffleNet-g8 with fresh weights.

    Fixed here to `shuffle=yes`.
    """
    return ShuffleNetG8(g, s, conv1, classes)


if __name__ == "__main__":
    model = shufflenet_g8().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"shufflenet_g8: {parameters:,} parameters, output {tuple(output.shape)}")
