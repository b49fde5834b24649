"""Conv MobileNet: MobileNets: Efficient Convolutional Neural Networks for Mobile Vision
Applications, arXiv:1704.04861, Table 4.

For one 224x224x3 image: 29,294,088 parameters, 4,867,293,184 mult-adds, 6,223,848
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class ConvBNReLU(nn.Sequential):
    """Conv2d, BatchNorm2d and ReLU: `conv` in the spec."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                out_channels,
                3,
                stride=stride,
                padding=1,
                bias=False,
            ),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )


class ConvMobileNet(nn.Module):
    """Conv MobileNet, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv0 = ConvBNReLU(3, 32, stride=2)
        self.conv1 = ConvBNReLU(32, 64)
        self.conv2 = ConvBNReLU(64, 128, stride=2)
        self.conv3 = ConvBNReLU(128, 128)
        self.conv4 = ConvBNReLU(128, 256, stride=2)
        self.conv5 = ConvBNReLU(256, 256)
        self.conv6 = ConvBNReLU(256, 512, stride=2)
        self.middle = nn.Sequential(*[ConvBNReLU(512, 512) for _ in range(5)])
        self.conv12 = ConvBNReLU(512, 1024, stride=2)
        self.conv13 = ConvBNReLU(1024, 1024)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(1024, classes))
        self.prob = nn.Softmax(dim=1)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise by `normal 0.09` (not stated: authors' code)."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.normal_(module.weight, std=0.09)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        """Logits; the soft-max belongs to the loss, and to `predict`."""
        x = self.conv0(x)  # 112x112x32
        x = self.conv1(x)  # 112x112x64
        x = self.conv2(x)  # 56x56x128
        x = self.conv3(x)  # 56x56x128
        x = self.conv4(x)  # 28x28x256
        x = self.conv5(x)  # 28x28x256
        x = self.conv6(x)  # 14x14x512
        x = self.middle(x)  # 14x14x512
        x = self.conv12(x)  # 7x7x1024
        x = self.conv13(x)  # 7x7x1024
        x = self.pool(x)  # 1x1x1024
        x = self.fc(x)  # 1000
        return x

    def predict(self, x: Tensor) -> Tensor:
        """Probabilities of the classes."""
        x = self(x)
        x = self.prob(x)
        return x


def mobilenet_conv(classes: int = 1000) -> ConvMobileNet:
    """Conv MobileNet with fresh weights."""
    return ConvMobileNet(classes)


if __name__ == "__main__":
    model = mobilenet_conv().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"mobilenet_conv: {parameters:,} parameters, output {tuple(output.shape)}")
