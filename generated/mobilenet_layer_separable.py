"""MobileNet layer-separable: MobileNets: Efficient Convolutional Neural Networks for
Mobile Vision Applications, arXiv:1704.04861, Table 3.

For one 14x14x512 image: 268,800 parameters, 52,283,392 mult-adds, 401,408 activations
(convention: paper). One mult-add is one multiply-accumulate of a convolution or a fully
connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class ConvBNReLU(nn.Sequential):
    """Conv2d, BatchNorm2d and ReLU: `conv` or `dwconv` in the spec."""

    def __init__(self, kernel_size: int, groups: int = 1) -> None:
        super().__init__(
            nn.Conv2d(
                512,
                512,
                kernel_size,
                padding=kernel_size // 2,
                groups=groups,
                bias=False,
            ),
            nn.BatchNorm2d(512),
            nn.ReLU(inplace=True),
        )


class MobileNetLayerSeparable(nn.Module):
    """MobileNet layer-separable, one attribute for each row of its table."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Sequential(ConvBNReLU(3, groups=512), ConvBNReLU(1))
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
        x = self.layer(x)  # 14x14x512
        return x


def mobilenet_layer_separable() -> MobileNetLayerSeparable:
    """MobileNet layer-separable with fresh weights."""
    return MobileNetLayerSeparable()


if __name__ == "__main__":
    model = mobilenet_layer_separable().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 512, 14, 14))
    parameters = sum(p.numel() for p in model.parameters())
    print(
        f"mobilenet_layer_separable: {parameters:,} parameters,"
        f" output {tuple(output.shape)}"
    )
