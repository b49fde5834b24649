"""SE-VGG-16: Squeeze-and-Excitation Networks, arXiv:1709.01507, Table 2 of the 2017
version.

For one 224x224x3 image: 138,592,560 parameters, 15,470,490,624 mult-adds, 42,190,832
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class SE(nn.Module):
    """Block `se`: product of input and excitation."""

    def __init__(self, in_channels: int, r: int = 16) -> None:
        super().__init__()
        hidden = in_channels // r
        self.excitation = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(in_channels, hidden),
            nn.ReLU(inplace=True),
            nn.Linear(hidden, in_channels),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = x * self.excitation(x)[:, :, None, None]
        return x


class SEVGG16(nn.Module):
    """SE-VGG-16, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000, r: int = 16) -> None:
        if r < 1 or 64 % r:
            raise ValueError(f"r must be a divisor of 64, not {r}")
        super().__init__()
        self.conv1 = nn.Sequential(
            nn.Conv2d(3, 64, 3, padding=1, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(inplace=True),
            SE(64, r=r),
            nn.Conv2d(64, 64, 3, padding=1, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(inplace=True),
            SE(64, r=r),
        )
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Sequential(
            nn.Conv2d(64, 128, 3, padding=1, bias=False),
            nn.BatchNorm2d(128),
            nn.ReLU(inplace=True),
            SE(128, r=r),
            nn.Conv2d(128, 128, 3, padding=1, bias=False),
            nn.BatchNorm2d(128),
            nn.ReLU(inplace=True),
            SE(128, r=r),
        )
        self.pool2 = nn.MaxPool2d(2)
        self.conv3 = nn.Sequential(
            nn.Conv2d(128, 256, 3, padding=1, bias=False),
            nn.BatchNorm2d(256),
            nn.ReLU(inplace=True),
            SE(256, r=r),
            *[
                nn.Sequential(
                    nn.Conv2d(256, 256, 3, padding=1, bias=False),
                    nn.BatchNorm2d(256),
                    nn.ReLU(inplace=True),
                    SE(256, r=r),
                )
                for _ in range(2)
            ],
        )
        self.pool3 = nn.MaxPool2d(2)
        self.conv4 = nn.Sequential(
            nn.Conv2d(256, 512, 3, padding=1, bias=False),
            nn.BatchNorm2d(512),
            nn.ReLU(inplace=True),
            SE(512, r=r),
            *[
                nn.Sequential(
                    nn.Conv2d(512, 512, 3, padding=1, bias=False),
                    nn.BatchNorm2d(512),
                    nn.ReLU(inplace=True),
                    SE(512, r=r),
                )
                for _ in range(2)
            ],
        )
        self.pool4 = nn.MaxPool2d(2)
        self.conv5 = nn.Sequential(
            *[
                nn.Sequential(
                    nn.Conv2d(512, 512, 3, padding=1, bias=False),
                    nn.BatchNorm2d(512),
                    nn.ReLU(inplace=True),
                    SE(512, r=r),
                )
                for _ in range(3)
            ],
        )
        self.pool5 = nn.MaxPool2d(2)
        self.fc6 = nn.Sequential(
            nn.Flatten(),
            nn.Linear(25088, 4096),
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
        """Initialise by `he` (section 5, by reference)."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        """Logits; the soft-max belongs to the loss, and to `predict`."""
        x = self.conv1(x)  # 224x224x64
        x = self.pool1(x)  # 112x112x64
        x = self.conv2(x)  # 112x112x128
        x = self.pool2(x)  # 56x56x128
        x = self.conv3(x)  # 56x56x256
        x = self.pool3(x)  # 28x28x256
        x = self.conv4(x)  # 28x28x512
        x = self.pool4(x)  # 14x14x512
        x = self.conv5(x)  # 14x14x512
        x = self.pool5(x)  # 7x7x512
        x = self.fc6(x)  # 4096
        x = self.fc7(x)  # 4096
        x = self.fc8(x)  # 1000
        return x

    def predict(self, x: Tensor) -> Tensor:
        """Probabilities of the classes."""
        x = self(x)
        x = self.prob(x)
        return x


def se_vgg_16(classes: int = 1000, r: int = 16) -> SEVGG16:
    """SE-VGG-16 with fresh weights."""
    return SEVGG16(classes, r)


if __name__ == "__main__":
    model = se_vgg_16().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"se_vgg_16: {parameters:,} parameters, output {tuple(output.shape)}")
