"""GoogLeNet: Going Deeper with Convolutions, arXiv:1409.4842, Table 1 and section 5.

For one 224x224x3 image: 6,991,856 parameters, 1,498,677,248 mult-adds, 6,985,112
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class ConvReLU(nn.Sequential):
    """Conv2d and ReLU: `conv` in the spec."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out_channels, kernel_size, padding=kernel_size // 2),
            nn.ReLU(inplace=True),
        )


class Separable(nn.Sequential):
    """Block `separable`: Conv2d and ConvReLU."""

    def __init__(self, in_channels: int, c: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                8 * in_channels,
                7,
                stride=stride,
                padding=3,
                groups=in_channels,
                bias=False,
            ),
            ConvReLU(8 * in_channels, c, 1),
        )


class ConvReduced(nn.Sequential):
    """Block `conv_reduced`: ConvReLU twice."""

    def __init__(self, in_channels: int, r3: int, n3: int) -> None:
        super().__init__(
            ConvReLU(in_channels, r3, 1),
            ConvReLU(r3, n3, 3),
        )


class Inception(nn.Module):
    """Block `inception`: concatenation of conv1x1, conv3x3, conv5x5 and pool_proj."""

    def __init__(
        self,
        in_channels: int,
        n1: int,
        r3: int,
        n3: int,
        r5: int,
        n5: int,
        proj: int,
    ) -> None:
        super().__init__()
        self.conv1x1 = ConvReLU(in_channels, n1, 1)
        self.conv3x3 = nn.Sequential(ConvReLU(in_channels, r3, 1), ConvReLU(r3, n3, 3))
        self.conv5x5 = nn.Sequential(ConvReLU(in_channels, r5, 1), ConvReLU(r5, n5, 5))
        self.pool_proj = nn.Sequential(
            nn.MaxPool2d(3, stride=1, padding=1),
            ConvReLU(in_channels, proj, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        conv1x1 = self.conv1x1(x)
        conv3x3 = self.conv3x3(x)
        conv5x5 = self.conv5x5(x)
        pool_proj = self.pool_proj(x)
        x = torch.cat([conv1x1, conv3x3, conv5x5, pool_proj], dim=1)
        return x


class GoogLeNet(nn.Module):
    """GoogLeNet, one attribute for each row of its table."""

    head_weights = (0.3, 0.3)  # of the losses of the heads, in training

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = Separable(3, 64, stride=2)
        self.pool1 = nn.Sequential(
            nn.MaxPool2d(3, stride=2, ceil_mode=True),
            nn.LocalResponseNorm(5, alpha=0.0005, k=2.0),
        )
        self.conv2 = nn.Sequential(
            ConvReduced(64, 64, 192),
            nn.LocalResponseNorm(5, alpha=0.0005, k=2.0),
        )
        self.pool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception_3a = Inception(192, 64, 96, 128, 16, 32, 32)
        self.inception_3b = Inception(256, 128, 128, 192, 32, 96, 64)
        self.pool3 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception_4a = Inception(480, 192, 96, 208, 16, 48, 64)
        self.inception_4b = Inception(512, 160, 112, 224, 24, 64, 64)
        self.inception_4c = Inception(512, 128, 128, 256, 24, 64, 64)
        self.inception_4d = Inception(512, 112, 144, 288, 32, 64, 64)
        self.inception_4e = Inception(528, 256, 160, 320, 32, 128, 128)
        self.pool4 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception_5a = Inception(832, 256, 160, 320, 32, 128, 128)
        self.inception_5b = Inception(832, 384, 192, 384, 48, 128, 128)
        self.pool5 = nn.AvgPool2d(7, stride=1)
        self.drop = nn.Dropout(0.4)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(1024, classes))
        self.prob = nn.Softmax(dim=1)
        self.aux1 = nn.Sequential(
            nn.AvgPool2d(5, stride=3),
            ConvReLU(512, 128, 1),
            nn.Flatten(),
            nn.Linear(2048, 1024),
            nn.ReLU(inplace=True),
            nn.Dropout(0.7),
            nn.Linear(1024, classes),
        )
        self.aux2 = nn.Sequential(
            nn.AvgPool2d(5, stride=3),
            ConvReLU(528, 128, 1),
            nn.Flatten(),
            nn.Linear(2048, 1024),
            nn.ReLU(inplace=True),
            nn.Dropout(0.7),
            nn.Linear(1024, classes),
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise by `xavier, bias=0.2` (not stated: Caffe's)."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                groups = module.groups if isinstance(module, nn.Conv2d) else 1
                for weight in module.weight.detach().chunk(groups):  # a group's fans
                    nn.init.xavier_uniform_(weight)
                if module.bias is not None:
                    nn.init.constant_(module.bias, 0.2)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor, Tensor]:
        """Logits; in training those of the heads too: see `head_weights`."""
        x = self.conv1(x)  # 112x112x64
        x = self.pool1(x)  # 56x56x64
        x = self.conv2(x)  # 56x56x192
        x = self.pool2(x)  # 28x28x192
        x = self.inception_3a(x)  # 28x28x256
        x = self.inception_3b(x)  # 28x28x480
        x = self.pool3(x)  # 14x14x480
        inception_4a = self.inception_4a(x)  # 14x14x512
        x = self.inception_4b(inception_4a)  # 14x14x512
        x = self.inception_4c(x)  # 14x14x512
        inception_4d = self.inception_4d(x)  # 14x14x528
        x = self.inception_4e(inception_4d)  # 14x14x832
        x = self.pool4(x)  # 7x7x832
        x = self.inception_5a(x)  # 7x7x832
        x = self.inception_5b(x)  # 7x7x1024
        x = self.pool5(x)  # 1x1x1024
        x = self.drop(x)  # 1x1x1024
        x = self.fc(x)  # 1000
        if self.training:
            return x, self.aux1(inception_4a), self.aux2(inception_4d)
        return x

    def predict(self, x: Tensor) -> Tensor:
        """Probabilities of the classes."""
        output = self(x)
        x = output[0] if isinstance(output, tuple) else output
        x = self.prob(x)
        return x


def googlenet(classes: int = 1000) -> GoogLeNet:
    """GoogLeNet with fresh weights."""
    return GoogLeNet(classes)


if __name__ == "__main__":
    model = googlenet().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"googlenet: {parameters:,} parameters, output {tuple(output.shape)}")
