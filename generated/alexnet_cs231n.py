"""AlexNet, CS231n: CS231n: Convolutional Neural Networks for Visual Recognition,
lecture on CNN architectures; ImageNet Classification with Deep Convolutional Neural
Networks, NIPS 2012.

For one 227x227x3 image: 62,378,344 parameters, 1,135,256,096 mult-adds, 894,984
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


class AlexNetCS231n(nn.Module):
    """AlexNet, CS231n, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.CONV1 = ConvReLU(3, 96, 11, stride=4)
        self.MAX_POOL1 = nn.MaxPool2d(3, stride=2)
        self.NORM1 = nn.LocalResponseNorm(5, alpha=0.0005, k=2.0)
        self.CONV2 = ConvReLU(96, 256, 5, padding=2)
        self.MAX_POOL2 = nn.MaxPool2d(3, stride=2)
        self.NORM2 = nn.LocalResponseNorm(5, alpha=0.0005, k=2.0)
        self.CONV3 = ConvReLU(256, 384, 3, padding=1)
        self.CONV4 = ConvReLU(384, 384, 3, padding=1)
        self.CONV5 = ConvReLU(384, 256, 3, padding=1)
        self.MAX_POOL3 = nn.MaxPool2d(3, stride=2)
        self.FC6 = nn.Sequential(
            nn.Flatten(),
            nn.Linear(9216, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
        )
        self.FC7 = nn.Sequential(
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
        )
        self.FC8 = nn.Linear(4096, classes)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise by `normal 0.01; bias 1 in CONV2, CONV4, CONV5, FC6, FC7` (the
        paper, section 5).
        """
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.normal_(module.weight, std=0.01)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        names = ["CONV2", "CONV4", "CONV5", "FC6", "FC7"]
        for module in [m for n in names for m in self.get_submodule(n).modules()]:
            if isinstance(module, nn.Conv2d | nn.Linear) and module.bias is not None:
                nn.init.ones_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.CONV1(x)  # 55x55x96
        x = self.MAX_POOL1(x)  # 27x27x96
        x = self.NORM1(x)  # 27x27x96
        x = self.CONV2(x)  # 27x27x256
        x = self.MAX_POOL2(x)  # 13x13x256
        x = self.NORM2(x)  # 13x13x256
        x = self.CONV3(x)  # 13x13x384
        x = self.CONV4(x)  # 13x13x384
        x = self.CONV5(x)  # 13x13x256
        x = self.MAX_POOL3(x)  # 6x6x256
        x = self.FC6(x)  # 4096
        x = self.FC7(x)  # 4096
        x = self.FC8(x)  # 1000
        return x


def alexnet_cs231n(classes: int = 1000) -> AlexNetCS231n:
    """AlexNet, CS231n with fresh weights."""
    return AlexNetCS231n(classes)


if __name__ == "__main__":
    model = alexnet_cs231n().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 227, 227))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"alexnet_cs231n: {parameters:,} parameters, output {tuple(output.shape)}")
