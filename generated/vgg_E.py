"""VGG-E: Very Deep Convolutional Networks for Large-Scale Image Recognition,
arXiv:1409.1556, Table 1.

For one 224x224x3 image: 143,667,240 parameters, 19,632,062,464 mult-adds, 16,391,656
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class ConvReLU(nn.Sequential):
    """Conv2d and ReLU: `conv` in the spec."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out_channels, 3, padding=1),
            nn.ReLU(inplace=True),
        )


class VGGE(nn.Module):
    """VGG-E, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(ConvReLU(3, 64), ConvReLU(64, 64))
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Sequential(ConvReLU(64, 128), ConvReLU(128, 128))
        self.pool2 = nn.MaxPool2d(2)
        self.conv3 = nn.Sequential(
            ConvReLU(128, 256),
            *[ConvReLU(256, 256) for _ in range(3)],
        )
        self.pool3 = nn.MaxPool2d(2)
        self.conv4 = nn.Sequential(
            ConvReLU(256, 512),
            *[ConvReLU(512, 512) for _ in range(3)],
        )
        self.pool4 = nn.MaxPool2d(2)
        self.conv5 = nn.Sequential(*[ConvReLU(512, 512) for _ in range(4)])
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
        """Initialise by `from A, conv=4, fc=3; normal 0.01` (section 3.1)."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.normal_(module.weight, std=0.01)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

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


def vgg_E(classes: int = 1000) -> VGGE:
    """VGG-E with fresh weights."""
    return VGGE(classes)


if __name__ == "__main__":
    model = vgg_E().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"vgg_E: {parameters:,} parameters, output {tuple(output.shape)}")
