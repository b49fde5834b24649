"""ResNet, Table 1-18-layer: Deep Residual Learning for Image Recognition,
arXiv:1512.03385, Table 1.

For one 224x224x3 image: 11,689,512 parameters, 1,814,073,344 mult-adds, 5,922,280
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
        )


class Residual(nn.Module):
    """Block `residual`: sum of residual and shortcut, then ReLU."""

    def __init__(self, in_channels: int, c: int, stride: int = 1) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            ConvBNReLU(in_channels, c, 3, stride=stride),
            ConvBN(c, c, 3),
        )
        self.shortcut = (
            ConvBN(in_channels, c, 1, stride=stride)
            if in_channels != c or stride != 1
            else nn.Identity()
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.residual(x) + self.shortcut(x))
        return x


class ResNetTable118Layer(nn.Module):
    """ResNet, Table 1-18-layer, one attribute for each row of its table."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = ConvBNReLU(3, 64, 7, stride=2)
        self.maxpool1 = nn.MaxPool2d(3, stride=2, padding=1)
        self.conv2_x = nn.Sequential(*[Residual(64, 64) for _ in range(2)])
        self.conv3_x = nn.Sequential(Residual(64, 128, stride=2), Residual(128, 128))
        self.conv4_x = nn.Sequential(Residual(128, 256, stride=2), Residual(256, 256))
        self.conv5_x = nn.Sequential(Residual(256, 512, stride=2), Residual(512, 512))
        self.fc1 = nn.Sequential(nn.AvgPool2d(7), nn.Flatten(), nn.Linear(512, 1000))
        self.softmax = nn.Softmax(dim=1)
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
        """Logits; the soft-max belongs to the loss, and to `predict`."""
        x = self.conv1(x)  # 112x112x64
        x = self.maxpool1(x)  # 56x56x64
        x = self.conv2_x(x)  # 56x56x64
        x = self.conv3_x(x)  # 28x28x128
        x = self.conv4_x(x)  # 14x14x256
        x = self.conv5_x(x)  # 7x7x512
        x = self.fc1(x)  # 1000
        return x

    def predict(self, x: Tensor) -> Tensor:
        """Probabilities of the classes."""
        x = self(x)
        x = self.softmax(x)
        return x


def resnet_printed_18_layer() -> ResNetTable118Layer:
    """ResNet, Table 1-18-layer with fresh weights."""
    return ResNetTable118Layer()


if __name__ == "__main__":
    model = resnet_printed_18_layer().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(
        f"resnet_printed_18_layer: {parameters:,} parameters,"
        f" output {tuple(output.shape)}"
    )
