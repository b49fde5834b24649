"""ShuffleNetV2-1x: ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture
Design, arXiv:1807.11164, Table 5.

For one 224x224x3 image: 2,278,604 parameters, 144,907,992 mult-adds, 5,614,680
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class DWConvBN(nn.Sequential):
    """Conv2d and BatchNorm2d: `dwconv` in the spec."""

    def __init__(self, channels: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(
                channels,
                channels,
                3,
                stride=stride,
                padding=1,
                groups=channels,
                bias=False,
            ),
            nn.BatchNorm2d(channels),
        )


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


class Down(nn.Module):
    """Block `down`: concatenation of left and right, then ChannelShuffle."""

    def __init__(self, in_channels: int, c: int) -> None:
        super().__init__()
        half = c // 2
        self.left = nn.Sequential(
            DWConvBN(in_channels, stride=2),
            ConvBNReLU(in_channels, half, 1),
        )
        self.right = nn.Sequential(
            ConvBNReLU(in_channels, half, 1),
            DWConvBN(half, stride=2),
            ConvBNReLU(half, half, 1),
        )
        self.channel_shuffle = nn.ChannelShuffle(2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.channel_shuffle(torch.cat([self.left(x), self.right(x)], dim=1))
        return x


class Split(nn.Module):
    """Block `split`: concatenation of left and right, then ChannelShuffle."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        half = in_channels // 2
        self.right = nn.Sequential(
            ConvBNReLU(half, half, 1),
            DWConvBN(half),
            ConvBNReLU(half, half, 1),
        )
        self.channel_shuffle = nn.ChannelShuffle(2)

    def forward(self, x: Tensor) -> Tensor:
        x1, x2 = x.chunk(2, dim=1)
        x = self.channel_shuffle(torch.cat([x1, self.right(x2)], dim=1))
        return x


class ShuffleNetV21x(nn.Module):
    """ShuffleNetV2-1x, one attribute for each row of its table."""

    def __init__(self) -> None:
        super().__init__()
        self.Conv1 = ConvBNReLU(3, 24, 3, stride=2)
        self.MaxPool = nn.MaxPool2d(3, stride=2, padding=1)
        self.Stage2 = Down(24, 116)
        self.stage1 = nn.Sequential(*[Split(116) for _ in range(3)])
        self.Stage3 = Down(116, 232)
        self.stage2 = nn.Sequential(*[Split(232) for _ in range(7)])
        self.Stage4 = Down(232, 464)
        self.stage3 = nn.Sequential(*[Split(464) for _ in range(3)])
        self.Conv5 = ConvBNReLU(464, 1024, 1)
        self.GlobalPool = nn.AvgPool2d(7)
        self.FC = nn.Sequential(nn.Flatten(), nn.Linear(1024, 1000))
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
        x = self.Conv1(x)  # 112x112x24
        x = self.MaxPool(x)  # 56x56x24
        x = self.Stage2(x)  # 28x28x116
        x = self.stage1(x)  # 28x28x116
        x = self.Stage3(x)  # 14x14x232
        x = self.stage2(x)  # 14x14x232
        x = self.Stage4(x)  # 7x7x464
        x = self.stage3(x)  # 7x7x464
        x = self.Conv5(x)  # 7x7x1024
        x = self.GlobalPool(x)  # 1x1x1024
        x = self.FC(x)  # 1000
        return x


def shufflenet_v2_1x() -> ShuffleNetV21x:
    """ShuffleNetV2-1x with fresh weights."""
    return ShuffleNetV21x()


if __name__ == "__main__":
    model = shufflenet_v2_1x().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"shufflenet_v2_1x: {parameters:,} parameters, output {tuple(output.shape)}")
