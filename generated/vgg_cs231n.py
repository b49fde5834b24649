"""VGG-16, CS231n: CS231n: Convolutional Neural Networks for Visual Recognition, lecture
on CNN architectures; Very Deep Convolutional Networks for Large-Scale Image
Recognition, arXiv:1409.1556, Table 1.

For one 224x224x3 image: 138,344,128 parameters, 15,470,264,320 mult-adds, 15,237,608
activations (convention: cs231n). One mult-add is one multiply-accumulate of a
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


class VGG16CS231n(nn.Module):
    """VGG-16, CS231n, one attribute for each row of its table."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.CONV3_64 = ConvReLU(3, 64)
        self.CONV3_64_2 = ConvReLU(64, 64)
        self.POOL2 = nn.MaxPool2d(2)
        self.CONV3_128 = ConvReLU(64, 128)
        self.CONV3_128_2 = ConvReLU(128, 128)
        self.POOL2_2 = nn.MaxPool2d(2)
        self.CONV3_256 = ConvReLU(128, 256)
        self.CONV3_256_2 = ConvReLU(256, 256)
        self.CONV3_256_3 = ConvReLU(256, 256)
        self.POOL2_3 = nn.MaxPool2d(2)
        self.CONV3_512 = ConvReLU(256, 512)
        self.CONV3_512_2 = ConvReLU(512, 512)
        self.CONV3_512_3 = ConvReLU(512, 512)
        self.POOL2_4 = nn.MaxPool2d(2)
        self.CONV3_512_4 = ConvReLU(512, 512)
        self.CONV3_512_5 = ConvReLU(512, 512)
        self.CONV3_512_6 = ConvReLU(512, 512)
        self.POOL2_5 = nn.MaxPool2d(2)
        self.FC = nn.Sequential(
            nn.Flatten(),
            nn.Linear(25088, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
        )
        self.FC_2 = nn.Sequential(
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
        )
        self.FC_3 = nn.Linear(4096, classes)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise as in He et al. 2015, arXiv:1502.01852."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.CONV3_64(x)  # 224x224x64
        x = self.CONV3_64_2(x)  # 224x224x64
        x = self.POOL2(x)  # 112x112x64
        x = self.CONV3_128(x)  # 112x112x128
        x = self.CONV3_128_2(x)  # 112x112x128
        x = self.POOL2_2(x)  # 56x56x128
        x = self.CONV3_256(x)  # 56x56x256
        x = self.CONV3_256_2(x)  # 56x56x256
        x = self.CONV3_256_3(x)  # 56x56x256
        x = self.POOL2_3(x)  # 28x28x256
        x = self.CONV3_512(x)  # 28x28x512
        x = self.CONV3_512_2(x)  # 28x28x512
        x = self.CONV3_512_3(x)  # 28x28x512
        x = self.POOL2_4(x)  # 14x14x512
        x = self.CONV3_512_4(x)  # 14x14x512
        x = self.CONV3_512_5(x)  # 14x14x512
        x = self.CONV3_512_6(x)  # 14x14x512
        x = self.POOL2_5(x)  # 7x7x512
        x = self.FC(x)  # 4096
        x = self.FC_2(x)  # 4096
        x = self.FC_3(x)  # 1000
        return x


def vgg_cs231n(classes: int = 1000) -> VGG16CS231n:
    """VGG-16, CS231n with fresh weights."""
    return VGG16CS231n(classes)


if __name__ == "__main__":
    model = vgg_cs231n().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 224, 224))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"vgg_cs231n: {parameters:,} parameters, output {tuple(output.shape)}")
