"""DenseNet-169: Densely Connected Convolutional Networks, arXiv:1608.06993, Table 1.

For one 224x224x3 image: 14,149,480 parameters, 3,359,843,328 mult-adds, 39,930,216
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class BNReLUConv(nn.Sequential):
    """BatchNorm2d, ReLU and Conv2d: `conv` in the spec."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__(
            nn.BatchNorm2d(in_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(
                in_channels,
                out_channels,
                kernel_size,
                padding=kernel_size // 2,
                bias=False,
            ),
        )


class Dense(nn.Module):
    """Block `dense`: concatenation of all and new."""

    def __init__(self, in_channels: int, k: int) -> None:
        super().__init__()
        self.new = nn.Sequential(
            BNReLUConv(in_channels, 4 * k, 1),
            BNReLUConv(4 * k, k, 3),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([x, self.new(x)], dim=1)
        return x


class DenseNet169(nn.Module):
    """DenseNet-169, one attribute for each row of its table."""

    def __init__(self, k: int = 32) -> None:
        super().__init__()
        self.Convolution = nn.Conv2d(3, 2 * k, 7, stride=2, padding=3, bias=False)
        self.Pooling = nn.Sequential(
            nn.BatchNorm2d(2 * k),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2, padding=1),
        )
        channels = 2 * k
        self.Dense_Block_1 = nn.Sequential(
            *[Dense(channels + k * i, k) for i in range(6)],
        )
        channels += 6 * k
        self.Transition_Layer_1 = BNReLUConv(channels, channels // 2, 1)
        channels //= 2
        self.avgpool1 = nn.AvgPool2d(2)
        self.Dense_Block_2 = nn.Sequential(
            *[Dense(channels + k * i, k) for i in range(12)],
        )
        channels += 12 * k
        self.Transition_Layer_2 = BNReLUConv(channels, channels // 2, 1)
        channels //= 2
        self.avgpool2 = nn.AvgPool2d(2)
        self.Dense_Block_3 = nn.Sequential(
            *[Dense(channels + k * i, k) for i in range(32)],
        )
        channels += 32 * k
        self.Transition_Layer_3 = BNReLUConv(channels, channels // 2, 1)
        channels //= 2
        self.avgpool3 = nn.AvgPool2d(2)
        self.Dense_Block_4 = nn.Sequential(
            *[Dense(channels + k * i, k) for i in range(32)],
        )
        channels += 32 * k
        self.Classification_Layer = nn.Sequential(
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.AdaptiveAvgPool2d(1),
        )
        self.fc1 = nn.Sequential(nn.Flatten(), nn.Linear(channels, 1000))
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
        x = self.Convolution(x)  # 112x112x64
        x = self.Pooling(x)  # 56x56x64
        x = self.Dense_Block_1(x)  # 56x56x256
        x = self.Transition_Layer_1(x)  # 56x56x128
        x = self.avgpool1(x)  # 28x28x128
        x = self.Dense_Block_2(x)  # 28x28x512
        x = self.Transition_Layer_2(x)  # 28x28x256
        x = self.avgpool2(x)  # 14x14x256
        x = self.Dense_Block_3(x)  # 14x14x1280
        x = self.Transition_Layer_3(x)  # 14x14x640
        x = self.avgpool3(x)  # 7x7x640
        x = self.Dense_Block_4(x)  # 7x7x1664
        x = self.Classification_Layer(x)  # 1x1x1664
        x = self.fc1(x)  # 1000
        return x

    def predict(self, x: Tensor) -> Tensor:
        """Probabilities of the classes."""
        x = self(x)
        x = self.softmax(x)
        return x


def densenet_DenseNet_169(k: int = 32) -> DenseNet169:
    """DenseNet-169 with fresh weights."""
    return DenseNet169(k)


if __name__ == "__main__":
    model = densenet_DenseNet_169().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(
        f"densenet_DenseNet_169: {parameters:,} parameters,"
        f" output {tuple(output.shape)}"
    )
