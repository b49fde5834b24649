"""Pre-activation ResNet-110: Identity Mappings in Deep Residual Networks,
arXiv:1603.05027, Table 4.

For one 32x32x3 image: 1,727,962 parameters, 252,887,680 mult-adds, 2,625,610
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class PadChannels(nn.Module):
    """Subsample by stride, and pad the channels with zeros."""

    def __init__(self, channels: int, stride: int | tuple[int, int] = 1) -> None:
        super().__init__()
        self.channels = channels
        self.stride = (stride, stride) if isinstance(stride, int) else stride

    def forward(self, x: Tensor) -> Tensor:
        x = x[:, :, :: self.stride[0], :: self.stride[1]]
        more = self.channels - x.shape[1]
        return nn.functional.pad(x, (0, 0, 0, 0, 0, more))


class BNReLUConv(nn.Sequential):
    """BatchNorm2d, ReLU and Conv2d: `conv` in the spec."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__(
            nn.BatchNorm2d(in_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(
                in_channels,
                out_channels,
                3,
                stride=stride,
                padding=1,
                bias=False,
            ),
        )


class First(nn.Module):
    """Block `first`: sum of residual and shortcut."""

    def __init__(self, in_channels: int, c: int) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            nn.Conv2d(in_channels, c, 3, padding=1, bias=False),
            BNReLUConv(c, c),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.residual(x) + x
        return x


class Basic(nn.Module):
    """Block `basic`: sum of residual and shortcut."""

    def __init__(self, in_channels: int, c: int, stride: int = 1) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            BNReLUConv(in_channels, c, stride=stride),
            BNReLUConv(c, c),
        )
        self.shortcut = (
            PadChannels(c, stride=stride)
            if in_channels != c or stride != 1
            else nn.Identity()
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.residual(x) + self.shortcut(x)
        return x


class PreActivationResNet110(nn.Module):
    """Pre-activation ResNet-110, one attribute for each row of its table."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.relu1 = nn.Sequential(nn.BatchNorm2d(16), nn.ReLU(inplace=True))
        self.conv2_x = nn.Sequential(First(16, 16), *[Basic(16, 16) for _ in range(17)])
        self.conv3_x = nn.Sequential(
            Basic(16, 32, stride=2),
            *[Basic(32, 32) for _ in range(17)],
        )
        self.conv4_x = nn.Sequential(
            Basic(32, 64, stride=2),
            *[Basic(64, 64) for _ in range(17)],
        )
        self.relu5 = nn.Sequential(nn.BatchNorm2d(64), nn.ReLU(inplace=True))
        self.pool5 = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(64, classes))
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
        x = self.relu1(x)  # 32x32x16
        x = self.conv2_x(x)  # 32x32x16
        x = self.conv3_x(x)  # 16x16x32
        x = self.conv4_x(x)  # 8x8x64
        x = self.relu5(x)  # 8x8x64
        x = self.pool5(x)  # 1x1x64
        x = self.fc(x)  # 10
        return x


def preact_resnet_110(classes: int = 10) -> PreActivationResNet110:
    """Pre-activation ResNet-110 with fresh weights."""
    return PreActivationResNet110(classes)


if __name__ == "__main__":
    model = preact_resnet_110().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 32, 32))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"preact_resnet_110: {parameters:,} parameters, output {tuple(output.shape)}")
