"""ResNet, Table 1-152-layer: Deep Residual Learning for Image Recognition,
arXiv:1512.03385, Table 1.

For one 224x224x3 image: 60,192,808 parameters, 11,282,415,616 mult-adds, 57,404,392
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

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False),
            nn.BatchNorm2d(out_channels),
        )


class Residual(nn.Module):
    """Block `residual`: sum of residual and shortcut, then ReLU."""

    def __init__(self, in_channels: int, c1: int, c2: int, stride: int = 1) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            ConvBNReLU(in_channels, c1, 1, stride=stride),
            ConvBNReLU(c1, c1, 3),
            ConvBN(c1, c2),
        )
        self.shortcut = (
            ConvBN(in_channels, c2, stride=stride)
            if in_channels != c2 or stride != 1
            else nn.Identity()
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.residual(x) + self.shortcut(x))
        return x


class ResNetTable1152Layer(nn.Module):
    """ResNet, Table 1-152-layer, one attribute for each row of its table."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = ConvBNReLU(3, 64, 7, stride=2)
        self.maxpool1 = nn.MaxPool2d(3, stride=2, padding=1)
        self.conv2_x = nn.Sequential(
            Residual(64, 64, 256),
            *[Residual(256, 64, 256) for _ in range(2)],
        )
        self.conv3_x = nn.Sequential(
            Residual(256, 128, 512, stride=2),
            *[Residual(512, 128, 512) for _ in range(7)],
        )
        self.conv4_x = nn.Sequential(
            Residual(512, 256, 1024, stride=2),
            *[Residual(1024, 256, 1024) for _ in range(35)],
        )
        self.conv5_x = nn.Sequential(
            Residual(1024, 512, 2048, stride=2),
            *[Residual(2048, 512, 2048) for _ in range(2)],
        )
        self.fc1 = nn.Sequential(nn.AvgPool2d(7), nn.Flatten(), nn.Linear(2048, 1000))
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
        x = self.conv2_x(x)  # 56x56x256
        x = self.conv3_x(x)  # 28x28x512
        x = self.conv4_x(x)  # 14x14x1024
        x = self.conv5_x(x)  # 7x7x2048
        x = self.fc1(x)  # 1000
        return x

    def predict(self, x: Tensor) -> Tensor:
        """Probabilities of the classes."""
        x = self(x)
        x = self.softmax(x)
        return x


def resnet_printed_152_layer() -> ResNetTable1152Layer:
    """ResNet, Table 1-152-layer with fresh weights."""
    return ResNetTable1152Layer()


if __name__ == "__main__":
    model = resnet_printed_152_layer().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(
        f"resnet_printed_152_layer: {parameters:,} parameters,"
        f" output {tuple(output.shape)}"
    )
