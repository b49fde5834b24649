"""MobileNet: MobileNets: Efficient Convolutional Neural Networks for Mobile Vision
Applications, arXiv:1704.04861, Table 1.

For one 224x224x3 image: 4,231,976 parameters, 568,740,352 mult-adds, 10,087,400
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
    """Conv2d, BatchNorm2d and ReLU: `conv` or `dwconv` in the spec."""

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


class MobileNet(nn.Module):
    """MobileNet, one attribute for each row of its table."""

    def __init__(self, alpha: float = 1.0, classes: int = 1000) -> None:
        if near(32 * alpha) % 1:
            raise ValueError(f"32 * alpha must be whole, but alpha is {alpha}")
        super().__init__()

        def scaled(channels: int) -> int:
            return round(channels * alpha)

        self.conv0 = ConvBNReLU(3, scaled(32), 3, stride=2)
        self.dw1 = ConvBNReLU(scaled(32), scaled(32), 3, groups=scaled(32))
        self.pw1 = ConvBNReLU(scaled(32), scaled(64), 1)
        self.dw2 = ConvBNReLU(scaled(64), scaled(64), 3, stride=2, groups=scaled(64))
        self.pw2 = ConvBNReLU(scaled(64), scaled(128), 1)
        self.dw3 = ConvBNReLU(scaled(128), scaled(128), 3, groups=scaled(128))
        self.pw3 = ConvBNReLU(scaled(128), scaled(128), 1)
        self.dw4 = ConvBNReLU(scaled(128), scaled(128), 3, stride=2, groups=scaled(128))
        self.pw4 = ConvBNReLU(scaled(128), scaled(256), 1)
        self.dw5 = ConvBNReLU(scaled(256), scaled(256), 3, groups=scaled(256))
        self.pw5 = ConvBNReLU(scaled(256), scaled(256), 1)
        self.dw6 = ConvBNReLU(scaled(256), scaled(256), 3, stride=2, groups=scaled(256))
        self.pw6 = ConvBNReLU(scaled(256), scaled(512), 1)
        self.middle = nn.Sequential(
            *[
                nn.Sequential(
                    ConvBNReLU(scaled(512), scaled(512), 3, groups=scaled(512)),
                    ConvBNReLU(scaled(512), scaled(512), 1),
                )
                for _ in range(5)
            ],
        )
        self.dw12 = ConvBNReLU(
            scaled(512),
            scaled(512),
            3,
            stride=2,
            groups=scaled(512),
        )
        self.pw12 = ConvBNReLU(scaled(512), scaled(1024), 1)
        self.dw13 = ConvBNReLU(scaled(1024), scaled(1024), 3, groups=scaled(1024))
        self.pw13 = ConvBNReLU(scaled(1024), scaled(1024), 1)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(scaled(1024), classes))
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
        x = self.dw1(x)  # 112x112x32
        x = self.pw1(x)  # 112x112x64
        x = self.dw2(x)  # 56x56x64
        x = self.pw2(x)  # 56x56x128
        x = self.dw3(x)  # 56x56x128
        x = self.pw3(x)  # 56x56x128
        x = self.dw4(x)  # 28x28x128
        x = self.pw4(x)  # 28x28x256
        x = self.dw5(x)  # 28x28x256
        x = self.pw5(x)  # 28x28x256
        x = self.dw6(x)  # 14x14x256
        x = self.pw6(x)  # 14x14x512
        x = self.middle(x)  # 14x14x512
        x = self.dw12(x)  # 7x7x512
        x = self.pw12(x)  # 7x7x1024
        x = self.dw13(x)  # 7x7x1024
        x = self.pw13(x)  # 7x7x1024
        x = self.pool(x)  # 1x1x1024
        x = self.fc(x)  # 1000
        return x

    def predict(self, x: Tensor) -> Tensor:
        """Probabilities of the classes."""
        x = self(x)
        x = self.prob(x)
        return x


def mobilenet(alpha: float = 1.0, classes: int = 1000) -> MobileNet:
    """MobileNet with fresh weights.

    Fixed here to `shallow=no`.
    """
    return MobileNet(alpha, classes)


if __name__ == "__main__":
    model = mobilenet().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"mobilenet: {parameters:,} parameters, output {tuple(output.shape)}")
