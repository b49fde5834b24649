"""MobileNet layer-conv: MobileNets: Efficient Convolutional Neural Networks for Mobile
Vision Applications, arXiv:1704.04861, Table 3.

For one 14x14x512 image: 2,360,320 parameters, 462,422,016 mult-adds, 200,704
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class MobileNetLayerConv(nn.Module):
    """MobileNet layer-conv, one attribute for each row of its table."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Sequential(
            nn.Conv2d(512, 512, 3, padding=1, bias=False),
            nn.BatchNorm2d(512),
            nn.ReLU(inplace=True),
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
        x = self.layer(x)  # 14x14x512
        return x


def mobilenet_layer_conv() -> MobileNetLayerConv:
    """MobileNet layer-conv with fresh weights."""
    return MobileNetLayerConv()


if __name__ == "__main__":
    model = mobilenet_layer_conv().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 512, 14, 14))
    parameters = sum(p.numel() for p in model.parameters())
    print(
        f"mobilenet_layer_conv: {parameters:,} parameters, output {tuple(output.shape)}"
    )
