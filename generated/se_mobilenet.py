"""SE-MobileNet: Squeeze-and-Excitation Networks, arXiv:1709.01507, Table 3.

For one 224x224x3 image: 4,718,044 parameters, 569,220,096 mult-adds, 12,809,180
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class ConvBNReLU(nn.Sequential):
    """Conv2d, BatchNorm2d and ReLU: `conv` or `dwconv` in the spec."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        stride: int = 1,
        groups: int = 1,
    ) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                out_channels,
                3,
                stride=stride,
                padding=1,
                groups=groups,
                bias=False,
            ),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )


class SE(nn.Module):
    """Block `se`: product of input and excitation."""

    def __init__(self, in_channels: int, r: int = 16) -> None:
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


class SEMobileNet(nn.Module):
    """SE-MobileNet, one attribute for each row of its table."""

    def __init__(self, alpha: int = 1, classes: int = 1000, r: int = 16) -> None:
        if r < 1 or 64 * alpha % r:
            raise ValueError(
                f"64 * alpha must be a multiple of r, but alpha is {alpha} and r is {r}"
            )
        super().__init__()
        self.conv0 = ConvBNReLU(3, 32 * alpha, stride=2)
        self.dw1 = ConvBNReLU(32 * alpha, 32 * alpha, groups=32 * alpha)
        self.pw1 = nn.Sequential(
            nn.Conv2d(32 * alpha, 64 * alpha, 1, bias=False),
            nn.BatchNorm2d(64 * alpha),
            nn.ReLU(inplace=True),
            SE(64 * alpha, r=r),
        )
        self.dw2 = ConvBNReLU(64 * alpha, 64 * alpha, stride=2, groups=64 * alpha)
        self.pw2 = nn.Sequential(
            nn.Conv2d(64 * alpha, 128 * alpha, 1, bias=False),
            nn.BatchNorm2d(128 * alpha),
            nn.ReLU(inplace=True),
            SE(128 * alpha, r=r),
        )
        self.dw3 = ConvBNReLU(128 * alpha, 128 * alpha, groups=128 * alpha)
        self.pw3 = nn.Sequential(
            nn.Conv2d(128 * alpha, 128 * alpha, 1, bias=False),
            nn.BatchNorm2d(128 * alpha),
            nn.ReLU(inplace=True),
            SE(128 * alpha, r=r),
        )
        self.dw4 = ConvBNReLU(128 * alpha, 128 * alpha, stride=2, groups=128 * alpha)
        self.pw4 = nn.Sequential(
            nn.Conv2d(128 * alpha, 256 * alpha, 1, bias=False),
            nn.BatchNorm2d(256 * alpha),
            nn.ReLU(inplace=True),
            SE(256 * alpha, r=r),
        )
        self.dw5 = ConvBNReLU(256 * alpha, 256 * alpha, groups=256 * alpha)
        self.pw5 = nn.Sequential(
            nn.Conv2d(256 * alpha, 256 * alpha, 1, bias=False),
            nn.BatchNorm2d(256 * alpha),
            nn.ReLU(inplace=True),
            SE(256 * alpha, r=r),
        )
        self.dw6 = ConvBNReLU(256 * alpha, 256 * alpha, stride=2, groups=256 * alpha)
        self.pw6 = nn.Sequential(
            nn.Conv2d(256 * alpha, 512 * alpha, 1, bias=False),
            nn.BatchNorm2d(512 * alpha),
            nn.ReLU(inplace=True),
            SE(512 * alpha, r=r),
        )
        self.middle = nn.Sequential(
            *[
                nn.Sequential(
                    ConvBNReLU(512 * alpha, 512 * alpha, groups=512 * alpha),
                    nn.Conv2d(512 * alpha, 512 * alpha, 1, bias=False),
                    nn.BatchNorm2d(512 * alpha),
                    nn.ReLU(inplace=True),
                    SE(512 * alpha, r=r),
                )
                for _ in range(5)
            ],
        )
        self.dw12 = ConvBNReLU(512 * alpha, 512 * alpha, stride=2, groups=512 * alpha)
        self.pw12 = nn.Sequential(
            nn.Conv2d(512 * alpha, 1024 * alpha, 1, bias=False),
            nn.BatchNorm2d(1024 * alpha),
            nn.ReLU(inplace=True),
            SE(1024 * alpha, r=r),
        )
        self.dw13 = ConvBNReLU(1024 * alpha, 1024 * alpha, groups=1024 * alpha)
        self.pw13 = nn.Sequential(
            nn.Conv2d(1024 * alpha, 1024 * alpha, 1, bias=False),
            nn.BatchNorm2d(1024 * alpha),
            nn.ReLU(inplace=True),
            SE(1024 * alpha, r=r),
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(1024 * alpha, classes))
        self.prob = nn.Softmax(dim=1)
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


def se_mobilenet(alpha: int = 1, classes: int = 1000, r: int = 16) -> SEMobileNet:
    """SE-MobileNet with fresh weights.

    Fixed here to `shallow=no`.
    """
    return SEMobileNet(alpha, classes, r)


if __name__ == "__main__":
    model = se_mobilenet().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"se_mobilenet: {parameters:,} parameters, output {tuple(output.shape)}")
