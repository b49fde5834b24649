"""NIN-cifar10: Network In Network, arXiv:1312.4400, section 4 and the authors' released
definitions.

For one 32x32x3 image: 966,986 parameters, 222,486,528 mult-adds, 668,298 activations
(convention: paper). One mult-add is one multiply-accumulate of a convolution or a fully
connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class ConvReLU(nn.Sequential):
    """Conv2d and ReLU: `conv` in the spec."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out_channels, kernel_size, padding=kernel_size // 2),
            nn.ReLU(inplace=True),
        )


class NINCifar10(nn.Module):
    """NIN-cifar10, one attribute for each row of its table."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.mlpconv1 = nn.Sequential(
            ConvReLU(3, 192, 5),
            ConvReLU(192, 160, 1),
            ConvReLU(160, 96, 1),
        )
        self.pool1 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.drop1 = nn.Dropout(0.5)
        self.mlpconv2 = nn.Sequential(
            ConvReLU(96, 192, 5),
            ConvReLU(192, 192, 1),
            ConvReLU(192, 192, 1),
        )
        self.pool2 = nn.AvgPool2d(3, stride=2, ceil_mode=True)
        self.drop2 = nn.Dropout(0.5)
        self.mlpconv3 = nn.Sequential(
            ConvReLU(192, 192, 3),
            ConvReLU(192, 192, 1),
            ConvReLU(192, classes, 1),
        )
        self.gap = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.prob = nn.Softmax(dim=1)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise as in He et al. 2015, arXiv:1502.01852."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Logits; the soft-max belongs to the loss, and to `predict`."""
        x = self.mlpconv1(x)  # 32x32x96
        x = self.pool1(x)  # 16x16x96
        x = self.drop1(x)  # 16x16x96
        x = self.mlpconv2(x)  # 16x16x192
        x = self.pool2(x)  # 8x8x192
        x = self.drop2(x)  # 8x8x192
        x = self.mlpconv3(x)  # 8x8x10
        x = self.gap(x)  # 10
        return x

    def predict(self, x: Tensor) -> Tensor:
        """Probabilities of the classes."""
        x = self(x)
        x = self.prob(x)
        return x


def nin_cifar10(classes: int = 10) -> NINCifar10:
    """NIN-cifar10 with fresh weights."""
    return NINCifar10(classes)


if __name__ == "__main__":
    model = nin_cifar10().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 32, 32))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"nin_cifar10: {parameters:,} parameters, output {tuple(output.shape)}")
