"""NIN-imagenet: Network In Network, arXiv:1312.4400, section 4 and the authors'
released definitions.

For one 224x224x3 image: 7,595,176 parameters, 1,100,188,800 mult-adds, 1,832,168
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


class NINImagenet(nn.Module):
    """NIN-imagenet, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.mlpconv1 = nn.Sequential(
            ConvReLU(3, 96, 11, stride=4),
            ConvReLU(96, 96, 1),
            ConvReLU(96, 96, 1),
        )
        self.pool1 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.mlpconv2 = nn.Sequential(
            ConvReLU(96, 256, 5, padding=2),
            ConvReLU(256, 256, 1),
            ConvReLU(256, 256, 1),
        )
        self.pool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.mlpconv3 = nn.Sequential(
            ConvReLU(256, 384, 3, padding=1),
            ConvReLU(384, 384, 1),
            ConvReLU(384, 384, 1),
        )
        self.pool3 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.drop3 = nn.Dropout(0.5)
        self.mlpconv4 = nn.Sequential(
            ConvReLU(384, 1024, 3, padding=1),
            ConvReLU(1024, 1024, 1),
            ConvReLU(1024, classes, 1),
        )
        self.gap = nn.Sequential(nn.AvgPool2d(6, stride=1), nn.Flatten())
        self.prob = nn.Softmax(dim=1)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise as in He et al. 2015, arXiv:1502.01852."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Logits; the soft-max belongs to the loss, and to `predict`."""
        x = self.mlpconv1(x)  # 54x54x96
        x = self.pool1(x)  # 27x27x96
        x = self.mlpconv2(x)  # 27x27x256
        x = self.pool2(x)  # 13x13x256
        x = self.mlpconv3(x)  # 13x13x384
        x = self.pool3(x)  # 6x6x384
        x = self.drop3(x)  # 6x6x384
        x = self.mlpconv4(x)  # 6x6x1000
        x = self.gap(x)  # 1000
        return x

    def predict(self, x: Tensor) -> Tensor:
        """Probabilities of the classes."""
        x = self(x)
        x = self.prob(x)
        return x


def nin_imagenet(classes: int = 1000) -> NINImagenet:
    """NIN-imagenet with fresh weights."""
    return NINImagenet(classes)


if __name__ == "__main__":
    model = nin_imagenet().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"nin_imagenet: {parameters:,} parameters, output {tuple(output.shape)}")
