"""ResNeXt block: Aggregated Residual Transformations for Deep Neural Networks,
arXiv:1611.05431, Table 2.

For one 56x56x256 image: 70,144 parameters, 219,971,584 mult-adds, 1,605,632 activations
(convention: paper, no bn). One mult-add is one multiply-accumulate of a convolution or
a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class ConvBNReLU(nn.Sequential):
    """Conv2d, BatchNorm2d and ReLU: `conv` in the spec."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        groups: int = 1,
    ) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                out_channels,
                kernel_size,
                padding=kernel_size // 2,
                groups=groups,
                bias=False,
            ),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )


class ResNeXtBlock(nn.Module):
    """ResNeXt block, one attribute for each row of its table."""

    def __init__(self, C: int = 32, d: int = 4) -> None:
        super().__init__()
        self.reduce = ConvBNReLU(256, C * d, 1)
        self.paths = ConvBNReLU(C * d, C * d, 3, groups=C)
        self.expand = nn.Sequential(
            nn.Conv2d(C * d, 256, 1, bias=False),
            nn.BatchNorm2d(256),
        )
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
        x = self.reduce(x)  # 56x56x128
        x = self.paths(x)  # 56x56x128
        x = self.expand(x)  # 56x56x256
        return x


def resnext_block(C: int = 32, d: int = 4) -> ResNeXtBlock:
    """ResNeXt block with fresh weights."""
    return ResNeXtBlock(C, d)


if __name__ == "__main__":
    model = resnext_block().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 256, 56, 56))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"resnext_block: {parameters:,} parameters, output {tuple(output.shape)}")
