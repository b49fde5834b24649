"""ResNet with stochastic depth: Deep Networks with Stochastic Depth, arXiv:1603.09382,
equation 4 and Table 1.

For one 32x32x3 image: 1,732,010 parameters, 252,887,680 mult-adds, 3,135,562
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class DropPath(nn.Module):
    """Drop a branch of an image with probability p in training, and scale the rest."""

    def __init__(self, p: float, linear: bool = False, per_block: int = 1) -> None:
        super().__init__()
        self.p = p
        self.linear = linear
        self.per_block = per_block

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        kept = x.new_empty([x.shape[0]] + [1] * (x.dim() - 1)).bernoulli_(1 - self.p)
        return x * kept / (1 - self.p) if self.p < 1 else x * kept


class PadChannels(nn.Module):
    """Subsample by stride, and pad the channels with zeros."""

    def __init__(self, channels: int, stride: int | tuple[int, int] = 1) -> None:
        super().__init__()
        self.channels = channels
        self.stride = (stride, stride) if isinstance(stride, int) else stride

    def forward(self, x: Tensor) -> Tensor:
        x = x[:, :, :: self.stride[0], :: self.stride[1]]
        more = self.channels - x.shape[1]
        return nn.functional.pad(x, (0, 0, 0, 0, 0, more))


class ConvBNReLU(nn.Sequential):
    """Conv2d, BatchNorm2d and ReLU: `conv` in the spec."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )


class Basic(nn.Module):
    """Block `basic`: sum of residual and shortcut, then ReLU."""

    def __init__(self, in_channels: int, c: int, p: float, stride: int = 1) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            ConvBNReLU(in_channels, c, stride=stride),
            nn.Sequential(nn.Conv2d(c, c, 3, padding=1), nn.BatchNorm2d(c)),
            DropPath(p, linear=True),
        )
        self.shortcut = nn.Sequential(
            *([nn.AvgPool2d(2)] if stride > 1 else []),
            PadChannels(c),
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.residual(x) + self.shortcut(x))
        return x


class ResNetWithStochasticDepth(nn.Module):
    """ResNet with stochastic depth, one attribute for each row of its table."""

    def __init__(self, depth: int = 110, p: float = 0.5, classes: int = 10) -> None:
        if depth < 8 or (depth - 2) % 6:
            raise ValueError(f"depth must be 6 * n + 2 and at least 8, not {depth}")
        if p < 0 or p > 1:
            raise ValueError(f"p must be at least 0 and at most 1, not {p}")
        super().__init__()
        self.conv1 = ConvBNReLU(3, 16)
        blocks = (depth - 2) // 6
        self.group1 = nn.Sequential(*[Basic(16, 16, p) for _ in range(blocks)])
        self.group2 = nn.Sequential(
            Basic(16, 32, p, stride=2),
            *[Basic(32, 32, p) for _ in range(blocks - 1)],
        )
        self.group3 = nn.Sequential(
            Basic(32, 64, p, stride=2),
            *[Basic(64, 64, p) for _ in range(blocks - 1)],
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(64, classes))
        self.reset_parameters()
        paths = [m for m in self.modules() if isinstance(m, DropPath) and m.linear]
        for place, path in enumerate(paths):
            path.p *= (place // path.per_block + 1) / -(-len(paths) // path.per_block)

    def reset_parameters(self) -> None:
        """Initialise by `he` (not stated: authors' code)."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)  # 32x32x16
        x = self.group1(x)  # 32x32x16
        x = self.group2(x)  # 16x16x32
        x = self.group3(x)  # 8x8x64
        x = self.pool(x)  # 1x1x64
        x = self.fc(x)  # 10
        return x


def stochastic_depth(
    depth: int = 110,
    p: float = 0.5,
    classes: int = 10,
) -> ResNetWithStochasticDepth:
    """ResNet with stochastic depth with fresh weights."""
    return ResNetWithStochasticDepth(depth, p, classes)


if __name__ == "__main__":
    model = stochastic_depth().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 32, 32))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"stochastic_depth: {parameters:,} parameters, output {tuple(output.shape)}")
