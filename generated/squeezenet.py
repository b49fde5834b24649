"""SqueezeNet 1.0: SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and
<0.5MB model size, arXiv:1602.07360, Table 1.

For one 227x227x3 image: 1,248,424 parameters, 832,667,936 mult-adds, 7,770,896
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class ConvReLU(nn.Sequential):
    """Conv2d and ReLU: `conv` in the spec."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
    ) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                out_channels,
                kernel_size,
                stride=stride,
                padding=padding,
            ),
            nn.ReLU(inplace=True),
        )


class Expand(nn.Module):
    """Block `expand`: concatenation of conv1x1 and conv3x3."""

    def __init__(self, in_channels: int, e1x1: int, e3x3: int) -> None:
        super().__init__()
        self.conv1x1 = ConvReLU(in_channels, e1x1, 1)
        self.conv3x3 = ConvReLU(in_channels, e3x3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.conv1x1(x), self.conv3x3(x)], dim=1)
        return x


class Fire(nn.Sequential):
    """Block `fire`: ConvReLU and Expand."""

    def __init__(self, in_channels: int, s1x1: int, e1x1: int, e3x3: int) -> None:
        super().__init__(
            ConvReLU(in_channels, s1x1, 1),
            Expand(s1x1, e1x1, e3x3),
        )


class SqueezeNet10(nn.Module):
    """SqueezeNet 1.0, one attribute for each row of its table."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = ConvReLU(3, 96, 7, stride=2)
        self.maxpool1 = nn.MaxPool2d(3, stride=2)
        self.fire2 = Fire(96, 16, 64, 64)
        self.fire3 = Fire(128, 16, 64, 64)
        self.fire4 = Fire(128, 32, 128, 128)
        self.maxpool4 = nn.MaxPool2d(3, stride=2)
        self.fire5 = Fire(256, 32, 128, 128)
        self.fire6 = Fire(256, 48, 192, 192)
        self.fire7 = Fire(384, 48, 192, 192)
        self.fire8 = Fire(384, 64, 256, 256)
        self.maxpool8 = nn.MaxPool2d(3, stride=2)
        self.fire9 = Fire(512, 64, 256, 256)
        self.conv10 = ConvReLU(512, 1000, 1)
        self.avgpool10 = nn.AvgPool2d(13, stride=1)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise as in He et al. 2015, arXiv:1502.01852."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)  # 111x111x96
        x = self.maxpool1(x)  # 55x55x96
        x = self.fire2(x)  # 55x55x128
        x = self.fire3(x)  # 55x55x128
        x = self.fire4(x)  # 55x55x256
        x = self.maxpool4(x)  # 27x27x256
        x = self.fire5(x)  # 27x27x256
        x = self.fire6(x)  # 27x27x384
        x = self.fire7(x)  # 27x27x384
        x = self.fire8(x)  # 27x27x512
        x = self.maxpool8(x)  # 13x13x512
        x = self.fire9(x)  # 13x13x512
        x = self.conv10(x)  # 13x13x1000
        x = self.avgpool10(x)  # 1x1x1000
        return x


def squeezenet() -> SqueezeNet10:
    """SqueezeNet 1.0 with fresh weights."""
    return SqueezeNet10()


if __name__ == "__main__":
    model = squeezenet().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 227, 227))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"squeezenet: {parameters:,} parameters, output {tuple(output.shape)}")
