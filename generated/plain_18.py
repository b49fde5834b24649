"""Plain-18: Deep Residual Learning for Image Recognition, arXiv:1512.03385, Table 1 and
Figure 3.

For one 224x224x3 image: 11,515,688 parameters, 1,794,805,760 mult-adds, 4,818,408
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


class Plain18(nn.Module):
    """Plain-18, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = ConvBNReLU(3, 64, 7, stride=2)
        self.pool1 = nn.MaxPool2d(3, stride=2, padding=1)
        self.conv2_x = nn.Sequential(
            *[
                nn.Sequential(ConvBNReLU(64, 64, 3), ConvBNReLU(64, 64, 3))
                for _ in range(2)
            ],
        )
        self.conv3_x = nn.Sequential(
            ConvBNReLU(64, 128, 3, stride=2),
            ConvBNReLU(128, 128, 3),
            ConvBNReLU(128, 128, 3),
            ConvBNReLU(128, 128, 3),
        )
        self.conv4_x = nn.Sequential(
            ConvBNReLU(128, 256, 3, stride=2),
            ConvBNReLU(256, 256, 3),
            ConvBNReLU(256, 256, 3),
            ConvBNReLU(256, 256, 3),
        )
        self.conv5_x = nn.Sequential(
            ConvBNReLU(256, 512, 3, stride=2),
            ConvBNReLU(512, 512, 3),
            ConvBNReLU(512, 512, 3),
            ConvBNReLU(512, 512, 3),
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


def plain_18(classes: int = 1000) -> Plain18:
    """Plain-18 with fresh weights."""
    return Plain18(classes)


if __name__ == "__main__":
    model = plain_18().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"plain_18: {parameters:,} parameters, output {tuple(output.shape)}")
