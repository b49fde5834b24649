"""ResNet with shortcuts-34: Deep Residual Learning for Image Recognition,
arXiv:1512.03385, Tables 1 to 4.

For one 224x224x3 image: 21,623,848 parameters, 3,644,493,824 mult-adds, 8,882,664
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


class Residual(nn.Module):
    """Block `residual`: sum of residual and shortcut, then ReLU."""

    def __init__(self, in_channels: int, c: int, stride: int = 1) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            ConvBNReLU(in_channels, c, 3, stride=stride),
            nn.Sequential(nn.Conv2d(c, c, 3, padding=1, bias=False), nn.BatchNorm2d(c)),
        )
        self.shortcut = (
            PadChannels(c, stride=stride)
            if in_channels != c or stride != 1
            else nn.Identity()
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.residual(x) + self.shortcut(x))
        return x


class ResNetWithShortcuts34(nn.Module):
    """ResNet with shortcuts-34, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = ConvBNReLU(3, 64, 7, stride=2)
        self.pool1 = nn.MaxPool2d(3, stride=2, padding=1)
        self.conv2_x = nn.Sequential(*[Residual(64, 64) for _ in range(3)])
        self.conv3_x = nn.Sequential(
            Residual(64, 128, stride=2),
            *[Residual(128, 128) for _ in range(3)],
        )
        self.conv4_x = nn.Sequential(
            Residual(128, 256, stride=2),
            *[Residual(256, 256) for _ in range(5)],
        )
        self.conv5_x = nn.Sequential(
            Residual(256, 512, stride=2),
            *[Residual(512, 512) for _ in range(2)],
        )
        self.pool5 = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(512, classes))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise by `he` (section 3.4, by reference)."""
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


def resnet_shortcuts_34(classes: int = 1000) -> ResNetWithShortcuts34:
    """ResNet with shortcuts-34 with fresh weights.

    Fixed here to `option=A`.
    """
    return ResNetWithShortcuts34(classes)


if __name__ == "__main__":
    model = resnet_shortcuts_34().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(
        f"resnet_shortcuts_34: {parameters:,} parameters, output {tuple(output.shape)}"
    )
