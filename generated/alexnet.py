"""AlexNet: ImageNet Classification with Deep Convolutional Neural Networks, NIPS 2012,
section 3.5 and Figure 2.

For one 227x227x3 image: 60,965,224 parameters, 724,406,816 mult-adds, 1,258,760
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
        groups: int = 1,
    ) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                out_channels,
                kernel_size,
                stride=stride,
                padding=padding,
                groups=groups,
            ),
            nn.ReLU(inplace=True),
        )


class AlexNet(nn.Module):
    """AlexNet, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = ConvReLU(3, 96, 11, stride=4)
        self.norm1 = nn.LocalResponseNorm(5, alpha=0.0005, k=2.0)
        self.pool1 = nn.MaxPool2d(3, stride=2)
        self.conv2 = ConvReLU(96, 256, 5, padding=2, groups=2)
        self.norm2 = nn.LocalResponseNorm(5, alpha=0.0005, k=2.0)
        self.pool2 = nn.MaxPool2d(3, stride=2)
        self.conv3 = ConvReLU(256, 384, 3, padding=1)
        self.conv4 = ConvReLU(384, 384, 3, padding=1, groups=2)
        self.conv5 = ConvReLU(384, 256, 3, padding=1, groups=2)
        self.pool5 = nn.MaxPool2d(3, stride=2)
        self.fc6 = nn.Sequential(
            nn.Flatten(),
            nn.Linear(9216, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
        )
        self.fc7 = nn.Sequential(
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
        )
        self.fc8 = nn.Linear(4096, classes)
        self.prob = nn.Softmax(dim=1)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise by `normal 0.01; bias 1 in conv2, conv4, conv5, fc6, fc7` (section
        5).
        """
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.normal_(module.weight, std=0.01)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        names = ["conv2", "conv4", "conv5", "fc6", "fc7"]
        for module in [m for n in names for m in self.get_submodule(n).modules()]:
            if isinstance(module, nn.Conv2d | nn.Linear) and module.bias is not None:
                nn.init.ones_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Logits; the soft-max belongs to the loss, and to `predict`."""
        x = self.conv1(x)  # 55x55x96
        x = self.norm1(x)  # 55x55x96
        x = self.pool1(x)  # 27x27x96
        x = self.conv2(x)  # 27x27x256
        x = self.norm2(x)  # 27x27x256
        x = self.pool2(x)  # 13x13x256
        x = self.conv3(x)  # 13x13x384
        x = self.conv4(x)  # 13x13x384
        x = self.conv5(x)  # 13x13x256
        x = self.pool5(x)  # 6x6x256
        x = self.fc6(x)  # 4096
        x = self.fc7(x)  # 4096
        x = self.fc8(x)  # 1000
        return x

    def predict(self, x: Tensor) -> Tensor:
        """Probabilities of the classes."""
        x = self(x)
        x = self.prob(x)
        return x


def alexnet(classes: int = 1000) -> AlexNet:
    """AlexNet with fresh weights."""
    return AlexNet(classes)


if __name__ == "__main__":
    model = alexnet().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 227, 227))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"alexnet: {parameters:,} parameters, output {tuple(output.shape)}")
