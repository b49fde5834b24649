"""PReLU-net-C: Delving Deep into Rectifiers: Surpassing Human-Level Performance on
ImageNet Classification, arXiv:1502.01852, Table 3.

For one 224x224x3 image: 330,623,944 parameters, 53,463,130,112 mult-adds, 27,074,792
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class ConvPReLU(nn.Sequential):
    """Conv2d and PReLU: `conv` in the spec."""

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
            ),
            nn.PReLU(num_parameters=out_channels),
        )


class FCPReLUDropout(nn.Sequential):
    """Linear, PReLU and Dropout: `fc` in the spec."""

    def __init__(self, in_features: int) -> None:
        super().__init__(
            nn.Linear(in_features, 4096),
            nn.PReLU(num_parameters=4096),
            nn.Dropout(0.5),
        )


class Spp(nn.Module):
    """Block `spp`: concatenation of pool, pool_2, pool_3 and pool_4."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.Sequential(nn.AdaptiveMaxPool2d(7), nn.Flatten())
        self.pool_2 = nn.Sequential(nn.AdaptiveMaxPool2d(3), nn.Flatten())
        self.pool_3 = nn.Sequential(nn.AdaptiveMaxPool2d(2), nn.Flatten())
        self.pool_4 = nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten())

    def forward(self, x: Tensor) -> Tensor:
        pool = self.pool(x)
        pool_2 = self.pool_2(x)
        pool_3 = self.pool_3(x)
        pool_4 = self.pool_4(x)
        x = torch.cat([pool, pool_2, pool_3, pool_4], dim=1)
        return x


class PReLUNetC(nn.Module):
    """PReLU-net-C, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = ConvPReLU(3, 96, 7, stride=2)
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Sequential(
            ConvPReLU(96, 384, 3),
            *[ConvPReLU(384, 384, 3) for _ in range(5)],
        )
        self.pool2 = nn.MaxPool2d(2)
        self.conv3 = nn.Sequential(
            ConvPReLU(384, 768, 3),
            *[ConvPReLU(768, 768, 3) for _ in range(5)],
        )
        self.pool3 = nn.MaxPool2d(2)
        self.conv4 = nn.Sequential(
            ConvPReLU(768, 896, 3),
            *[ConvPReLU(896, 896, 3) for _ in range(5)],
        )
        self.spp = Spp()
        self.fc1 = FCPReLUDropout(56448)
        self.fc2 = FCPReLUDropout(4096)
        self.fc3 = nn.Linear(4096, classes)
        self.prob = nn.Softmax(dim=1)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise by `he fan-out` (section 3, equation 14)."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(
                    module.weight,
                    mode="fan_out",
                    nonlinearity="relu",
                )
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.PReLU):
                module.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        """Logits; the soft-max belongs to the loss, and to `predict`."""
        x = self.conv1(x)  # 112x112x96
        x = self.pool1(x)  # 56x56x96
        x = self.conv2(x)  # 56x56x384
        x = self.pool2(x)  # 28x28x384
        x = self.conv3(x)  # 28x28x768
        x = self.pool3(x)  # 14x14x768
        x = self.conv4(x)  # 14x14x896
        x = self.spp(x)  # 56448
        x = self.fc1(x)  # 4096
        x = self.fc2(x)  # 4096
        x = self.fc3(x)  # 1000
        return x

    def predict(self, x: Tensor) -> Tensor:
        """Probabilities of the classes."""
        x = self(x)
        x = self.prob(x)
        return x


def prelu_net_C(classes: int = 1000) -> PReLUNetC:
    """PReLU-net-C with fresh weights."""
    return PReLUNetC(classes)


if __name__ == "__main__":
    model = prelu_net_C().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"prelu_net_C: {parameters:,} parameters, output {tuple(output.shape)}")
