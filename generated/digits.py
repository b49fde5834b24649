"""Digits.

For one 8x8x1 image: 151,306 parameters, 1,330,432 mult-adds, 7,306 activations
(convention: paper). One mult-add is one multiply-accumulate of a convolution or a fully
connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class ConvReLU(nn.Sequential):
    """Conv2d and ReLU: `conv` in the spec."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out_channels, 3, padding=1),
            nn.ReLU(inplace=True),
        )


class Digits(nn.Module):
    """Digits, one attribute for each row of its table."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = ConvReLU(1, 32)
        self.conv2 = ConvReLU(32, 64)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Sequential(
            nn.Flatten(),
            nn.Linear(1024, 128),
            nn.ReLU(inplace=True),
        )
        self.fc2 = nn.Linear(128, classes)
        self.prob = nn.Softmax(dim=1)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise by `he`."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Logits; the soft-max belongs to the loss, and to `predict`."""
        x = self.conv1(x)  # 8x8x32
        x = self.conv2(x)  # 8x8x64
        x = self.pool(x)  # 4x4x64
        x = self.fc1(x)  # 128
        x = self.fc2(x)  # 10
        return x

    def predict(self, x: Tensor) -> Tensor:
        """Probabilities of the classes."""
        x = self(x)
        x = self.prob(x)
        return x


def digits(classes: int = 10) -> Digits:
    """Digits with fresh weights."""
    return Digits(classes)


if __name__ == "__main__":
    model = digits().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 1, 8, 8))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"digits: {parameters:,} parameters, output {tuple(output.shape)}")
