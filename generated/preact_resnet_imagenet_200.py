"""Pre-activation ResNet-200: Identity Mappings in Deep Residual Networks,
arXiv:1603.05027, section 5.

For one 224x224x3 image: 64,666,152 parameters, 15,007,481,856 mult-adds, 82,040,808
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class BNReLUConv(nn.Sequential):
    """BatchNorm2d, ReLU and Conv2d: `conv` in the spec."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
    ) -> None:
        super().__init__(
            nn.BatchNorm2d(in_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(
                in_channels,
                out_channels,
                kernel_size,
                stride=stride,
                padding=kernel_size // 2,
                bias=False,
            ),
        )


class Unit(nn.Module):
    """Block `unit`: sum of residual and shortcut."""

    def __init__(self, in_channels: int, c: int, stride: int = 1) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            *(
                [nn.BatchNorm2d(in_channels), nn.ReLU(inplace=True)]
                if in_channels == 4 * c
                else []
            ),
            nn.Conv2d(in_channels, c, 1, bias=False),
            BNReLUConv(c, c, 3, stride=stride),
            BNReLUConv(c, 4 * c, 1),
        )
        self.shortcut = (
            nn.Conv2d(in_channels, 4 * c, 1, stride=stride, bias=False)
            if in_channels != 4 * c or stride != 1
            else nn.Identity()
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.residual(x) + self.shortcut(x)
        return x


class Bottleneck(nn.Sequential):
    """Block `bottleneck`."""

    def __init__(self, in_channels: int, c: int, stride: int = 1) -> None:
        super().__init__(
            *(
                [nn.BatchNorm2d(in_channels), nn.ReLU(inplace=True)]
                if in_channels != 4 * c
                else []
            ),
            Unit(in_channels, c, stride=stride),
        )


class PreActivationResNet200(nn.Module):
    """Pre-activation ResNet-200, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.pool1 = nn.MaxPool2d(3, stride=2, padding=1)
        self.conv2_x = nn.Sequential(
            Bottleneck(64, 64),
            *[Bottleneck(256, 64) for _ in range(2)],
        )
        self.conv3_x = nn.Sequential(
            Bottleneck(256, 128, stride=2),
            *[Bottleneck(512, 128) for _ in range(23)],
        )
        self.conv4_x = nn.Sequential(
            Bottleneck(512, 256, stride=2),
            *[Bottleneck(1024, 256) for _ in range(35)],
        )
        self.conv5_x = nn.Sequential(
            Bottleneck(1024, 512, stride=2),
            *[Bottleneck(2048, 512) for _ in range(2)],
        )
        self.relu5 = nn.Sequential(nn.BatchNorm2d(2048), nn.ReLU(inplace=True))
        self.pool5 = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(2048, classes))
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
        x = self.conv1(x)  # 112x112x64
        x = self.pool1(x)  # 56x56x64
        x = self.conv2_x(x)  # 56x56x256
        x = self.conv3_x(x)  # 28x28x512
        x = self.conv4_x(x)  # 14x14x1024
        x = self.conv5_x(x)  # 7x7x2048
        x = self.relu5(x)  # 7x7x2048
        x = self.pool5(x)  # 1x1x2048
        x = self.fc(x)  # 1000
        return x


def preact_resnet_imagenet_200(classes: int = 1000) -> PreActivationResNet200:
    """Pre-activation ResNet-200 with fresh weights.

    Fixed here to `on_1x1=no`.
    """
    return PreActivationResNet200(classes)


if __name__ == "__main__":
    model = preact_resnet_imagenet_200().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(
        f"preact_resnet_imagenet_200: {parameters:,} parameters,"
        f" output {tuple(output.shape)}"
    )
