"""MobileNetV3-Large: Searching for MobileNetV3, arXiv:1905.02244, Table 1.

For one 224x224x3 image: 5,483,032 parameters, 216,589,760 mult-adds, 11,348,080
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


def near(x: float) -> float:
    """Undo the rounding error of a product that should be whole: 0.7 * 10 is 7."""
    whole = round(x)
    return whole if abs(x - whole) <= 1e-9 * abs(x) else x


def round_to(x: float, multiple: int) -> int:
    """Round to the nearest multiple: at least one, and at most a tenth below x."""
    x = near(x)
    nearest = max(int(x / multiple + 0.5), 1) * multiple
    return nearest + multiple if nearest < 0.9 * x else nearest


class ConvBN(nn.Sequential):
    """Conv2d and BatchNorm2d: `conv` or `dwconv` in the spec."""

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
            nn.BatchNorm2d(out_channels, eps=0.001, momentum=0.01),
        )


class Conv2dBlock(nn.Sequential):
    """Block `conv2d`: ConvBN and Hardswish."""

    def __init__(self, in_channels: int, c: int, s: int = 1, k: int = 3) -> None:
        super().__init__(
            ConvBN(in_channels, c, k, stride=s),
            nn.Hardswish(),
        )


class Conv2dBlockB(nn.Sequential):
    """Block `conv2d`: Conv2d and NL."""

    def __init__(
        self,
        in_channels: int,
        c: int,
        s: int = 1,
        NL: type[nn.Module] = nn.Hardswish,
    ) -> None:
        super().__init__(
            nn.Conv2d(in_channels, c, 1, stride=s),
            NL(),
        )


class SqueezeExcite(nn.Module):
    """Block `squeeze_excite`: product of input and excitation."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        width = round_to(in_channels / 4, 8)
        self.excitation = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(in_channels, width, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, in_channels, 1),
            nn.Hardsigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = x * self.excitation(x)
        return x


class Bneck(nn.Module):
    """Block `bneck`: sum of residual and shortcut."""

    def __init__(
        self,
        in_channels: int,
        exp_size: int,
        c: int,
        s: int = 1,
        NL: type[nn.Module] = nn.Hardswish,
        SE: bool = False,
        k: int = 3,
    ) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            *(
                [ConvBN(in_channels, exp_size, 1), NL()]
                if exp_size != in_channels
                else []
            ),
            ConvBN(exp_size, exp_size, k, stride=s, groups=exp_size),
            NL(),
            *([SqueezeExcite(exp_size)] if SE else []),
            ConvBN(exp_size, c, 1),
        )
        self.has_shortcut = s == 1 and in_channels == c

    def forward(self, x: Tensor) -> Tensor:
        if self.has_shortcut:
            x = self.residual(x) + x
        else:
            x = self.residual(x)
        return x


class MobileNetV3Large(nn.Module):
    """MobileNetV3-Large, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv2d1 = Conv2dBlock(3, 16, s=2)
        self.bneck1 = Bneck(16, 16, 16, NL=nn.ReLU)
        self.bneck2 = Bneck(16, 64, 24, s=2, NL=nn.ReLU)
        self.bneck3 = Bneck(24, 72, 24, NL=nn.ReLU)
        self.bneck4 = Bneck(24, 72, 40, s=2, NL=nn.ReLU, SE=True, k=5)
        self.bneck5 = Bneck(40, 120, 40, NL=nn.ReLU, SE=True, k=5)
        self.bneck6 = Bneck(40, 120, 40, NL=nn.ReLU, SE=True, k=5)
        self.bneck7 = Bneck(40, 240, 80, s=2)
        self.bneck8 = Bneck(80, 200, 80)
        self.bneck9 = Bneck(80, 184, 80)
        self.bneck10 = Bneck(80, 184, 80)
        self.bneck11 = Bneck(80, 480, 112, SE=True)
        self.bneck12 = Bneck(112, 672, 112, SE=True)
        self.bneck13 = Bneck(112, 672, 160, s=2, SE=True, k=5)
        self.bneck14 = Bneck(160, 960, 160, SE=True, k=5)
        self.bneck15 = Bneck(160, 960, 160, SE=True, k=5)
        self.conv2d2 = Conv2dBlock(160, 960, k=1)
        self.pool1 = nn.AvgPool2d(7, stride=1)
        self.conv2d3 = Conv2dBlockB(960, 1280)
        self.conv2d4 = Conv2dBlockB(1280, classes, NL=nn.Identity)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise as in He et al. 2015, arXiv:1502.01852."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv2d1(x)  # 112x112x16
        x = self.bneck1(x)  # 112x112x16
        x = self.bneck2(x)  # 56x56x24
        x = self.bneck3(x)  # 56x56x24
        x = self.bneck4(x)  # 28x28x40
        x = self.bneck5(x)  # 28x28x40
        x = self.bneck6(x)  # 28x28x40
        x = self.bneck7(x)  # 14x14x80
        x = self.bneck8(x)  # 14x14x80
        x = self.bneck9(x)  # 14x14x80
        x = self.bneck10(x)  # 14x14x80
        x = self.bneck11(x)  # 14x14x112
        x = self.bneck12(x)  # 14x14x112
        x = self.bneck13(x)  # 7x7x160
        x = self.bneck14(x)  # 7x7x160
        x = self.bneck15(x)  # 7x7x160
        x = self.conv2d2(x)  # 7x7x960
        x = self.pool1(x)  # 1x1x960
        x = self.conv2d3(x)  # 1x1x1280
        x = self.conv2d4(x)  # 1x1x1000
        return x


def mobilenet_v3_large(classes: int = 1000) -> MobileNetV3Large:
    """MobileNetV3-Large with fresh weights."""
    return MobileNetV3Large(classes)


if __name__ == "__main__":
    model = mobilenet_v3_large().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(
        f"mobilenet_v3_large: {parameters:,} parameters, output {tuple(output.shape)}"
    )
