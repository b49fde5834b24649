"""Wide ResNet-152: Wide Residual Networks, arXiv:1605.07146, Tables 7 and 8.

For one 224x224x3 image: 60,192,808 parameters, 11,282,415,616 mult-adds, 57,404,392
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


class Bottleneck(nn.Module):
    """Block `bottleneck`: sum of residual and shortcut, then ReLU."""

    def __init__(self, in_channels: int, c: int, k: float, stride: int = 1) -> None:
        super().__init__()
        width = round(k * c)
        self.residual = nn.Sequential(
            ConvBNReLU(in_channels, width, 1, stride=stride),
            ConvBNReLU(width, width, 3),
            ConvBN(width, 4 * c),
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


class WideResNet152(nn.Module):
    """Wide ResNet-152, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000, k: float = 1.0) -> None:
        if near(64 * k) % 1:
            raise ValueError(f"64 * k must be whole, but k is {k}")
        super().__init__()
        self.conv1 = ConvBNReLU(3, 64, 7, stride=2)
        self.pool1 = nn.MaxPool2d(3, stride=2, padding=1)
        self.conv2_x = nn.Sequential(
            Bottleneck(64, 64, k),
            *[Bottleneck(256, 64, k) for _ in range(2)],
        )
        self.conv3_x = nn.Sequential(
            Bottleneck(256, 128, k, stride=2),
            *[Bottleneck(512, 128, k) for _ in range(7)],
        )
        self.conv4_x = nn.Sequential(
            Bottleneck(512, 256, k, stride=2),
            *[Bottleneck(1024, 256, k) for _ in range(35)],
        )
        self.conv5_x = nn.Sequential(
            Bottleneck(1024, 512, k, stride=2),
            *[Bottleneck(2048, 512, k) for _ in range(2)],
        )
        self.pool5 = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(2048, classes))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise by `he fan-out` (section 3, by reference to code)."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(
                    module.weight,
                    mode="fan_out",
                    nonlinearity="relu",
                )
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


def wrn_imagenet_152(classes: int = 1000, k: float = 1.0) -> WideResNet152:
    """Wide ResNet-152 with fresh weights.

    Fixed here to `on_1x1=yes` and `option=B`.
    """
    return WideResNet152(classes, k)


if __name__ == "__main__":
    model = wrn_imagenet_152().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"wrn_imagenet_152: {parameters:,} parameters, output {tuple(output.shape)}")
