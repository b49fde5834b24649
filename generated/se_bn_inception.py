"""SE-BN-Inception: Squeeze-and-Excitation Networks, arXiv:1709.01507, Table 2 of the
2017 version.

For one 224x224x3 image: 11,931,622 parameters, 2,033,239,424 mult-adds, 11,204,934
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


class SEBNInception(nn.Module):
    """SE-BN-Inception, one attribute for each row of its table."""

    def __init__(self, proj_4cd: int = 128, classes: int = 1000, r: int = 16) -> None:
        if r < 1 or 64 % r:
            raise ValueError(f"r must be a divisor of 64, not {r}")
        if proj_4cd > 0 and ((480 + proj_4cd) % r or (928 + proj_4cd) % r):
            raise ValueError(
                "each of 480 + proj_4cd and 928 + proj_4cd must be a multiple of r, "
                f"but proj_4cd is {proj_4cd} and r is {r}"
            )
        if proj_4cd <= 0 and 32 % r:
            raise ValueError(f"r must be a divisor of 32, not {r}")
        super().__init__()
        self.conv1 = ConvBNReLU(3, 64, 7, stride=2)
        self.pool1 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.conv2 = ConvReduced(64, 64, 192)
        self.pool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception_3a = nn.Sequential(
            Inception(192, 64, 64, 64, 64, 96, proj=32),
            SE(256, r=r),
        )
        self.inception_3b = nn.Sequential(
            Inception(256, 64, 64, 96, 64, 96, proj=64),
            SE(320, r=r),
        )
        self.inception_3c = nn.Sequential(
            InceptionB(320, 128, 160, 64, 96, stride=2),
            SE(576, r=r),
        )
        self.inception_4a = nn.Sequential(
            Inception(576, 224, 64, 96, 96, 128, proj=128),
            SE(576, r=r),
        )
        self.inception_4b = nn.Sequential(
            Inception(576, 192, 96, 128, 96, 128, proj=128),
            SE(576, r=r),
        )
        width = 480 + (proj_4cd if proj_4cd > 0 else 576)
        self.inception_4c = nn.Sequential(
            Inception(576, 160, 128, 160, 128, 160, proj=proj_4cd),
            SE(width, r=r),
        )
        width_2 = 480 + (proj_4cd if proj_4cd > 0 else 1056)
        self.inception_4d = nn.Sequential(
            Inception(width, 96, 128, 192, 160, 192, proj=proj_4cd),
            SE(width_2, r=r),
        )
        width_3 = 928 + (proj_4cd if proj_4cd > 0 else 1056)
        self.inception_4e = nn.Sequential(
            InceptionB(width_2, 128, 192, 192, 256, stride=2),
            SE(width_3, r=r),
        )
        self.inception_5a = nn.Sequential(
            Inception(width_3, 352, 192, 320, 160, 224, proj=128),
            SE(1024, r=r),
        )
        self.inception_5b = nn.Sequential(
            InceptionC(1024, 352, 192, 320, 192, 224, proj=128),
            SE(1024, r=r),
        )
        self.pool5 = nn.AvgPool2d(7, stride=1)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(1024, classes))
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


def se_bn_inception(
    proj_4cd: int = 128,
    classes: int = 1000,
    r: int = 16,
) -> SEBNInception:
    """SE-BN-Inception with fresh weights.

    Fixed here to `separable=no`.
    """
    return SEBNInception(proj_4cd, classes, r)


if __name__ == "__main__":
    model = se_bn_inception().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"se_bn_inception: {parameters:,} parameters, output {tuple(output.shape)}")
