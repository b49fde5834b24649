"""BN-Inception: Batch Normalization: Accelerating Deep Network Training by Reducing
Internal Covariate Shift, arXiv:1502.03167, Figure 5.

For one 224x224x3 image: 11,278,528 parameters, 1,948,605,440 mult-adds, 10,311,624
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class ConvBNReLU(nn.Sequential):
    """Conv2d, BatchNorm2d and ReLU: `conv` in the spec."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
    ) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                out_channels,
                kernel_size,
                stride=stride,
                padding=kernel_size // 2,
                bias=False,
            ),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )


class Convolution(nn.Sequential):
    """Block `convolution`: Conv2d and ConvBNReLU."""

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
            ConvBNReLU(8 * in_channels, c, 1),
        )


class ConvReduced(nn.Sequential):
    """Block `conv_reduced`: ConvBNReLU twice."""

    def __init__(self, in_channels: int, r3: int, n3: int) -> None:
        super().__init__(
            ConvBNReLU(in_channels, r3, 1),
            ConvBNReLU(r3, n3, 3),
        )


class Inception(nn.Module):
    """Block `inception`: concatenation of 4 branches."""

    def __init__(
        self,
        in_channels: int,
        n1: int,
        r3: int,
        n3: int,
        rd3: int,
        nd3: int,
        proj: int = 0,
        stride: int = 1,
    ) -> None:
        super().__init__()
        self.conv1x1 = ConvBNReLU(in_channels, n1, 1)
        self.conv3x3 = nn.Sequential(
            ConvBNReLU(in_channels, r3, 1),
            ConvBNReLU(r3, n3, 3, stride=stride),
        )
        self.double_conv3x3 = nn.Sequential(
            ConvBNReLU(in_channels, rd3, 1),
            ConvBNReLU(rd3, nd3, 3),
            ConvBNReLU(nd3, nd3, 3, stride=stride),
        )
        self.pool_proj = nn.Sequential(
            nn.AvgPool2d(3, stride=stride, padding=1),
            *([ConvBNReLU(in_channels, proj, 1)] if proj > 0 else []),
        )

    def forward(self, x: Tensor) -> Tensor:
        conv1x1 = self.conv1x1(x)
        conv3x3 = self.conv3x3(x)
        double_conv3x3 = self.double_conv3x3(x)
        pool_proj = self.pool_proj(x)
        x = torch.cat([conv1x1, conv3x3, double_conv3x3, pool_proj], dim=1)
        return x


class InceptionB(nn.Module):
    """Block `inception`: concatenation of conv3x3, double_conv3x3 and pool."""

    def __init__(
        self,
        in_channels: int,
        r3: int,
        n3: int,
        rd3: int,
        nd3: int,
        stride: int = 1,
    ) -> None:
        super().__init__()
        self.conv3x3 = nn.Sequential(
            ConvBNReLU(in_channels, r3, 1),
            ConvBNReLU(r3, n3, 3, stride=stride),
        )
        self.double_conv3x3 = nn.Sequential(
            ConvBNReLU(in_channels, rd3, 1),
            ConvBNReLU(rd3, nd3, 3),
            ConvBNReLU(nd3, nd3, 3, stride=stride),
        )
        self.pool = nn.MaxPool2d(3, stride=stride, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.conv3x3(x), self.double_conv3x3(x), self.pool(x)], dim=1)
        return x


class InceptionC(nn.Module):
    """Block `inception`: concatenation of 4 branches."""

    def __init__(
        self,
        in_channels: int,
        n1: int,
        r3: int,
        n3: int,
        rd3: int,
        nd3: int,
        proj: int = 0,
        stride: int = 1,
    ) -> None:
        super().__init__()
        self.conv1x1 = ConvBNReLU(in_channels, n1, 1)
        self.conv3x3 = nn.Sequential(
            ConvBNReLU(in_channels, r3, 1),
            ConvBNReLU(r3, n3, 3, stride=stride),
        )
        self.double_conv3x3 = nn.Sequential(
            ConvBNReLU(in_channels, rd3, 1),
            ConvBNReLU(rd3, nd3, 3),
            ConvBNReLU(nd3, nd3, 3, stride=stride),
        )
        self.pool_proj = nn.Sequential(
            nn.MaxPool2d(3, stride=stride, padding=1),
            ConvBNReLU(in_channels, proj, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        conv1x1 = self.conv1x1(x)
        conv3x3 = self.conv3x3(x)
        double_conv3x3 = self.double_conv3x3(x)
        pool_proj = self.pool_proj(x)
        x = torch.cat([conv1x1, conv3x3, double_conv3x3, pool_proj], dim=1)
        return x


class BNInception(nn.Module):
    """BN-Inception, one attribute for each row of its table."""

    def __init__(self, proj_4cd: int = 128, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = Convolution(3, 64, stride=2)
        self.pool1 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.conv2 = ConvReduced(64, 64, 192)
        self.pool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception_3a = Inception(192, 64, 64, 64, 64, 96, proj=32)
        self.inception_3b = Inception(256, 64, 64, 96, 64, 96, proj=64)
        self.inception_3c = InceptionB(320, 128, 160, 64, 96, stride=2)
        self.inception_4a = Inception(576, 224, 64, 96, 96, 128, proj=128)
        self.inception_4b = Inception(576, 192, 96, 128, 96, 128, proj=128)
        self.inception_4c = Inception(576, 160, 128, 160, 128, 160, proj=proj_4cd)
        self.inception_4d = Inception(
            480 + (proj_4cd if proj_4cd > 0 else 576),
            96,
            128,
            192,
            160,
            192,
            proj=proj_4cd,
        )
        self.inception_4e = InceptionB(
            480 + (proj_4cd if proj_4cd > 0 else 1056),
            128,
            192,
            192,
            256,
            stride=2,
        )
        self.inception_5a = Inception(
            928 + (proj_4cd if proj_4cd > 0 else 1056),
            352,
            192,
            320,
            160,
            224,
            proj=128,
        )
        self.inception_5b = InceptionC(1024, 352, 192, 320, 192, 224, proj=128)
        self.pool5 = nn.AvgPool2d(7, stride=1)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(1024, classes))
        self.prob = nn.Softmax(dim=1)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise by `xavier` (not stated: as Caffe's GoogLeNet)."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                groups = module.groups if isinstance(module, nn.Conv2d) else 1
                for weight in module.weight.detach().chunk(groups):  # a group's fans
                    nn.init.xavier_uniform_(weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        """Logits; the soft-max belongs to the loss, and to `predict`."""
        x = self.conv1(x)  # 112x112x64
        x = self.pool1(x)  # 56x56x64
        x = self.conv2(x)  # 56x56x192
        x = self.pool2(x)  # 28x28x192
        x = self.inception_3a(x)  # 28x28x256
        x = self.inception_3b(x)  # 28x28x320
        x = self.inception_3c(x)  # 14x14x576
        x = self.inception_4a(x)  # 14x14x576
        x = self.inception_4b(x)  # 14x14x576
        x = self.inception_4c(x)  # 14x14x608
        x = self.inception_4d(x)  # 14x14x608
        x = self.inception_4e(x)  # 7x7x1056
        x = self.inception_5a(x)  # 7x7x1024
        x = self.inception_5b(x)  # 7x7x1024
        x = self.pool5(x)  # 1x1x1024
        x = self.fc(x)  # 1000
        return x

    def predict(self, x: Tensor) -> Tensor:
        """Probabilities of the classes."""
        x = self(x)
        x = self.prob(x)
        return x


def bn_inception(proj_4cd: int = 128, classes: int = 1000) -> BNInception:
    """BN-Inception with fresh weights.

    Fixed here to `separable=yes`.
    """
    return BNInception(proj_4cd, classes)


if __name__ == "__main__":
    model = bn_inception().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"bn_inception: {parameters:,} parameters, output {tuple(output.shape)}")
