"""LeNet-5: Gradient-Based Learning Applied to Document Recognition, Proceedings of the
IEEE 86(11) 1998, section II.B.

For one 32x32x1 image: 60,000 parameters, 325,680 mult-adds, 8,094 activations
(convention: paper). One mult-add is one multiply-accumulate of a convolution or a fully
connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class ScaledTanh(nn.Module):
    """Scaled hyperbolic tangent: amplitude * tanh(slope * x)."""

    def __init__(self, amplitude: float, slope: float) -> None:
        super().__init__()
        self.amplitude = amplitude
        self.slope = slope

    def forward(self, x: Tensor) -> Tensor:
        return self.amplitude * torch.tanh(self.slope * x)


class Subsample(nn.Module):
    """Sum each window; each map has a learned coefficient and bias."""

    def __init__(self, channels: int, kernel_size: int | tuple[int, int]) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(kernel_size, divisor_override=1)
        self.weight = nn.Parameter(torch.empty(channels))
        self.bias = nn.Parameter(torch.empty(channels))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.weight, 0.25)
        nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(x)
        return x * self.weight[:, None, None] + self.bias[:, None, None]


class PartialConv2d(nn.Module):
    """A convolution in which each output map sees the input maps listed for it."""

    inputs: Tensor
    outputs: Tensor

    def __init__(
        self, maps: list[list[int]], kernel_size: tuple[int, int], bias: bool = True
    ) -> None:
        super().__init__()
        self.maps = maps
        self.out_channels = len(maps)
        links = sum(len(row) for row in maps)
        self.register_buffer("inputs", torch.empty(links, dtype=torch.long))
        self.register_buffer("outputs", torch.empty(links, dtype=torch.long))
        self.weight = nn.Parameter(torch.empty(links, 1, *kernel_size))
        self.bias = nn.Parameter(torch.empty(self.out_channels)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        pairs = [(i, o) for o, row in enumerate(self.maps) for i in row]
        self.inputs.copy_(torch.tensor([i for i, _ in pairs]))
        self.outputs.copy_(torch.tensor([o for _, o in pairs]))
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def fans(self) -> tuple[Tensor, Tensor]:
        """How many weights the output map of each kernel has, and its input map."""
        fan_in, fan_out = (
            self.weight[0].numel() * (maps[:, None] == maps).sum(1)
            for maps in (self.outputs, self.inputs)
        )
        return fan_in.view(-1, 1, 1, 1), fan_out.view(-1, 1, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        links = self.weight.shape[0]
        y = nn.functional.conv2d(x[:, self.inputs], self.weight, groups=links)
        out = y.new_zeros(y.shape[0], self.out_channels, y.shape[2], y.shape[3])
        out = out.index_add(1, self.outputs, y)
        return out if self.bias is None else out + self.bias[:, None, None]


class EuclideanRBF(nn.Module):
    """Minus the squared distance to each class's fixed code of -1 and +1."""

    codes: Tensor

    def __init__(self, in_features: int, units: int) -> None:
        super().__init__()
        self.register_buffer("codes", torch.empty(units, in_features))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        self.codes.random_(0, 2).mul_(2).sub_(1)

    def forward(self, x: Tensor) -> Tensor:
        return -(x[:, None] - self.codes).square().sum(2)


class ConvTanh(nn.Sequential):
    """Conv2d and ScaledTanh: `conv` in the spec."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out_channels, 5),
            ScaledTanh(1.7159, 0.6666666666666666),
        )


class SubsampleTanh(nn.Sequential):
    """Subsample and ScaledTanh: `subsample` in the spec."""

    def __init__(self, channels: int) -> None:
        super().__init__(
            Subsample(channels, 2),
            ScaledTanh(1.7159, 0.6666666666666666),
        )


class LeNet5(nn.Module):
    """LeNet-5, one attribute for each row of its table."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.C1 = ConvTanh(1, 6)
        self.S2 = SubsampleTanh(6)
        self.C3 = nn.Sequential(
            PartialConv2d(
                [
                    [0, 1, 2],
                    [1, 2, 3],
                    [2, 3, 4],
                    [3, 4, 5],
                    [0, 4, 5],
                    [0, 1, 5],
                    [0, 1, 2, 3],
                    [1, 2, 3, 4],
                    [2, 3, 4, 5],
                    [0, 3, 4, 5],
                    [0, 1, 4, 5],
                    [0, 1, 2, 5],
                    [0, 1, 3, 4],
                    [1, 2, 4, 5],
                    [0, 2, 3, 5],
                    [0, 1, 2, 3, 4, 5],
                ],
                (5, 5),
            ),
            ScaledTanh(1.7159, 0.6666666666666666),
        )
        self.S4 = SubsampleTanh(16)
        self.C5 = ConvTanh(16, 120)
        self.F6 = nn.Sequential(
            nn.Flatten(),
            nn.Linear(120, 84),
            ScaledTanh(1.7159, 0.6666666666666666),
        )
        self.OUTPUT = EuclideanRBF(84, classes)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise as in He et al. 2015, arXiv:1502.01852."""
        for module in self.modules():
            if isinstance(module, PartialConv2d):
                module.reset_parameters()
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, PartialConv2d):
                fan, _ = module.fans()
                nn.init.normal_(module.weight)
                module.weight.detach().mul_((2 / fan).sqrt())
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, EuclideanRBF | Subsample):
                module.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        x = self.C1(x)  # 28x28x6
        x = self.S2(x)  # 14x14x6
        x = self.C3(x)  # 10x10x16
        x = self.S4(x)  # 5x5x16
        x = self.C5(x)  # 1x1x120
        x = self.F6(x)  # 84
        x = self.OUTPUT(x)  # 10
        return x


def lenet5(classes: int = 10) -> LeNet5:
    """LeNet-5 with fresh weights."""
    return LeNet5(classes)


if __name__ == "__main__":
    model = lenet5().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 1, 32, 32))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"lenet5: {parameters:,} parameters, output {tuple(output.shape)}")
