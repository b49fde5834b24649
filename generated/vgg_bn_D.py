"""VGG-BN-D: Very Deep Convolutional Networks for Large-Scale Image Recognition,
arXiv:1409.1556, Table 1.

For one 224x224x3 image: 138,365,992 parameters, 15,470,264,320 mult-adds, 28,634,600
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class ConvBNReLU(nn.Sequential):
    """Conv2d, BatchNorm2d and ReLU: `conv` in the spec."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out_channels, 3, padding=1),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )


class VGGBND(nn.Module):
    """VGG-BN-D, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(ConvBNReLU(3, 64), ConvBNReLU(64, 64))
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Sequential(ConvBNReLU(64, 128), ConvBNReLU(128, 128))
        self.pool2 = nn.MaxPool2d(2)
        self.conv3 = nn.Sequential(
            ConvBNReLU(128, 256),
            *[ConvBNReLU(256, 256) for _ in range(2)],
        )
        self.pool3 = nn.MaxPool2d(2)
        self.conv4 = nn.Sequential(
            ConvBNReLU(256, 512),
            *[ConvBNReLU(512, 512) for _ in range(2)],
        )
        self.pool4 = nn.MaxPool2d(2)
        self.conv5 = nn.Sequential(*[ConvBNReLU(512, 512) for _ in range(3)])
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
        """Initialise by `he fan-out` (torchvision, models/vgg.py)."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(
                    module.weight,
                    mode="fan_out",
                    nonlinearity="relu",
                )
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


def vgg_bn_D(classes: int = 1000) -> VGGBND:
    """VGG-BN-D with fresh weights."""
    return VGGBND(classes)


if __name__ == "__main__":
    model = vgg_bn_D().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"vgg_bn_D: {parameters:,} parameters, output {tuple(output.shape)}")
