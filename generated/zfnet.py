"""ZFNet: Visualizing and Understanding Convolutional Networks, arXiv:1311.2901, Figure
3.

For one 224x224x3 image: 62,357,608 parameters, 1,168,032,896 mult-adds, 2,193,448
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


class ZFNet(nn.Module):
    """ZFNet, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.layer1 = ConvReLU(3, 96, 7, stride=2, padding=1)
        self.pool1 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.norm1 = nn.LocalResponseNorm(5, alpha=0.0005, k=2.0)
        self.layer2 = ConvReLU(96, 256, 5, stride=2)
        self.pool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.norm2 = nn.LocalResponseNorm(5, alpha=0.0005, k=2.0)
        self.layer3 = ConvReLU(256, 384, 3, padding=1)
        self.layer4 = ConvReLU(384, 384, 3, padding=1)
        self.layer5 = ConvReLU(384, 256, 3, padding=1)
        self.pool5 = nn.MaxPool2d(3, stride=2)
        self.layer6 = nn.Sequential(
            nn.Flatten(),
            nn.Linear(9216, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
        )
        self.layer7 = nn.Sequential(
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
        )
        self.layer8 = nn.Linear(4096, classes)
        self.softmax = nn.Softmax(dim=1)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise as in He et al. 2015, arXiv:1502.01852."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Logits; the soft-max belongs to the loss, and to `predict`."""
        x = self.layer1(x)  # 110x110x96
        x = self.pool1(x)  # 55x55x96
        x = self.norm1(x)  # 55x55x96
        x = self.layer2(x)  # 26x26x256
        x = self.pool2(x)  # 13x13x256
        x = self.norm2(x)  # 13x13x256
        x = self.layer3(x)  # 13x13x384
        x = self.layer4(x)  # 13x13x384
        x = self.layer5(x)  # 13x13x256
        x = self.pool5(x)  # 6x6x256
        x = self.layer6(x)  # 4096
        x = self.layer7(x)  # 4096
        x = self.layer8(x)  # 1000
        return x

    def predict(self, x: Tensor) -> Tensor:
        """Probabilities of the classes."""
        x = self(x)
        x = self.softmax(x)
        return x


def zfnet(classes: int = 1000) -> ZFNet:
    """ZFNet with fresh weights."""
    return ZFNet(classes)


if __name__ == "__main__":
    model = zfnet().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"zfnet: {parameters:,} parameters, output {tuple(output.shape)}")
