"""SE-ShuffleNet-g2: Squeeze-and-Excitation Networks, arXiv:1709.01507, Table 3.

For one 224x224x3 image: 2,163,905 parameters, 141,259,584 mult-adds, 8,563,705
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


class SE(nn.Module):
    """Block `se`: product of input and excitation."""

    def __init__(self, in_channels: int, r: int) -> None:
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


class Down(nn.Module):
    """Block `down`: concatenation of residual and shortcut, then ReLU."""

    def __init__(
        self,
        in_channels: int,
        c: int,
        groups: int,
        g: int,
        s: int,
        r: int,
        stride: int = 2,
    ) -> None:
        super().__init__()
        hidden = s * c // 4
        self.residual = nn.Sequential(
            ConvBNReLU(in_channels, hidden, 1, groups=groups),
            nn.ChannelShuffle(g),
            ConvBN(hidden, hidden, 3, stride=stride, groups=hidden),
            ConvBN(hidden, s * c - in_channels, 1, groups=g),
            SE(s * c - in_channels, r),
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
        s: int,
        r: int,
        stride: int = 1,
    ) -> None:
        super().__init__()
        hidden = s * c // 4
        self.residual = nn.Sequential(
            ConvBNReLU(in_channels, hidden, 1, groups=g),
            nn.ChannelShuffle(g),
            ConvBN(hidden, hidden, 3, stride=stride, groups=hidden),
            ConvBN(hidden, s * c, 1, groups=g),
            SE(s * c, r),
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.residual(x) + x)
        return x


class SEShuffleNetG2(nn.Module):
    """SE-ShuffleNet-g2, one attribute for each row of its table."""

    def __init__(
        self,
        g: int = 2,
        s: int = 1,
        conv1: int = 24,
        classes: int = 1000,
        r: int = 16,
    ) -> None:
        if g < 1 or 50 * s % g:
            raise ValueError(
                f"50 * s must be a multiple of g, but g is {g} and s is {s}"
            )
        super().__init__()
        self.Conv1 = ConvBNReLU(3, conv1, 3, stride=2)
        self.MaxPool = nn.MaxPool2d(3, stride=2, padding=1)
        self.Stage2 = Down(conv1, 200, 1, g, s, r)
        self.Stage2_2 = nn.Sequential(*[Unit(200 * s, 200, g, s, r) for _ in range(3)])
        self.Stage3 = Down(200 * s, 400, g, g, s, r)
        self.Stage3_2 = nn.Sequential(*[Unit(400 * s, 400, g, s, r) for _ in range(7)])
        self.Stage4 = Down(400 * s, 800, g, g, s, r)
        self.Stage4_2 = nn.Sequential(*[Unit(800 * s, 800, g, s, r) for _ in range(3)])
        self.GlobalPool = nn.AvgPool2d(7, stride=1)
        self.FC = nn.Sequential(nn.Flatten(), nn.Linear(800 * s, classes))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise by `he` (section 5.1, TPAMI 2020, by reference)."""
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
        x = self.Stage2(x)  # 28x28x200
        x = self.Stage2_2(x)  # 28x28x200
        x = self.Stage3(x)  # 14x14x400
        x = self.Stage3_2(x)  # 14x14x400
        x = self.Stage4(x)  # 7x7x800
        x = self.Stage4_2(x)  # 7x7x800
        x = self.GlobalPool(x)  # 1x1x800
        x = self.FC(x)  # 1000
        return x


def se_shufflenet_g2(
    g: int = 2,
    s: int = 1,
    conv1: int = 24,
    classes: int = 1000,
    r: int = 16,
) -> SEShuffleNetG2:
    """SE-ShuffleNet-g2 with fresh weights.

    Fixed here to `shuffle=yes` and `whole=no`.
    """
    return SEShuffleNetG2(g, s, conv1, classes, r)


if __name__ == "__main__":
    model = se_shufflenet_g2().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"se_shufflenet_g2: {parameters:,} parameters, output {tuple(output.shape)}")
