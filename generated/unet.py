"""U-Net: U-Net: Convolutional Networks for Biomedical Image Segmentation,
arXiv:1505.04597, Figure 1.

For one 572x572x1 image: 31,030,658 parameters, 150,428,424,448 mult-adds, 182,390,304
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class CenterCrop(nn.Module):
    """Crop to the middle; an odd row or column is cut at the end."""

    def __init__(self, size: int | tuple[int, int]) -> None:
        super().__init__()
        self.size = (size, size) if isinstance(size, int) else size

    def forward(self, x: Tensor) -> Tensor:
        height, width = self.size
        top, left = (x.shape[2] - height) // 2, (x.shape[3] - width) // 2
        return x[:, :, top : top + height, left : left + width]


class UNet(nn.Module):
    """U-Net, one attribute for each row of its table."""

    def __init__(self) -> None:
        super().__init__()
        self.d1a = nn.Sequential(nn.Conv2d(1, 64, 3), nn.ReLU(inplace=True))
        self.d1b = nn.Sequential(nn.Conv2d(64, 64, 3), nn.ReLU(inplace=True))
        self.p1 = nn.MaxPool2d(2)
        self.d2a = nn.Sequential(nn.Conv2d(64, 128, 3), nn.ReLU(inplace=True))
        self.d2b = nn.Sequential(nn.Conv2d(128, 128, 3), nn.ReLU(inplace=True))
        self.p2 = nn.MaxPool2d(2)
        self.d3a = nn.Sequential(nn.Conv2d(128, 256, 3), nn.ReLU(inplace=True))
        self.d3b = nn.Sequential(nn.Conv2d(256, 256, 3), nn.ReLU(inplace=True))
        self.p3 = nn.MaxPool2d(2)
        self.d4a = nn.Sequential(nn.Conv2d(256, 512, 3), nn.ReLU(inplace=True))
        self.d4b = nn.Sequential(nn.Conv2d(512, 512, 3), nn.ReLU(inplace=True))
        self.p4 = nn.MaxPool2d(2)
        self.d5a = nn.Sequential(nn.Conv2d(512, 1024, 3), nn.ReLU(inplace=True))
        self.d5b = nn.Sequential(nn.Conv2d(1024, 1024, 3), nn.ReLU(inplace=True))
        self.up4 = nn.ConvTranspose2d(1024, 512, 2, stride=2)
        self.crop4 = CenterCrop(56)
        self.u4a = nn.Sequential(nn.Conv2d(1024, 512, 3), nn.ReLU(inplace=True))
        self.u4b = nn.Sequential(nn.Conv2d(512, 512, 3), nn.ReLU(inplace=True))
        self.up3 = nn.ConvTranspose2d(512, 256, 2, stride=2)
        self.crop3 = CenterCrop(104)
        self.u3a = nn.Sequential(nn.Conv2d(512, 256, 3), nn.ReLU(inplace=True))
        self.u3b = nn.Sequential(nn.Conv2d(256, 256, 3), nn.ReLU(inplace=True))
        self.up2 = nn.ConvTranspose2d(256, 128, 2, stride=2)
        self.crop2 = CenterCrop(200)
        self.u2a = nn.Sequential(nn.Conv2d(256, 128, 3), nn.ReLU(inplace=True))
        self.u2b = nn.Sequential(nn.Conv2d(128, 128, 3), nn.ReLU(inplace=True))
        self.up1 = nn.ConvTranspose2d(128, 64, 2, stride=2)
        self.crop1 = CenterCrop(392)
        self.u1a = nn.Sequential(nn.Conv2d(128, 64, 3), nn.ReLU(inplace=True))
        self.u1b = nn.Sequential(nn.Conv2d(64, 64, 3), nn.ReLU(inplace=True))
        self.out = nn.Conv2d(64, 2, 1)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise as in He et al. 2015, arXiv:1502.01852."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.ConvTranspose2d):
                # What torch takes for the fan-out of this weight is its fan-in.
                nn.init.kaiming_normal_(
                    module.weight,
                    mode="fan_out",
                    nonlinearity="relu",
                )
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.d1a(x)  # 570x570x64
        d1b = self.d1b(x)  # 568x568x64
        x = self.p1(d1b)  # 284x284x64
        x = self.d2a(x)  # 282x282x128
        d2b = self.d2b(x)  # 280x280x128
        x = self.p2(d2b)  # 140x140x128
        x = self.d3a(x)  # 138x138x256
        d3b = self.d3b(x)  # 136x136x256
        x = self.p3(d3b)  # 68x68x256
        x = self.d4a(x)  # 66x66x512
        d4b = self.d4b(x)  # 64x64x512
        x = self.p4(d4b)  # 32x32x512
        x = self.d5a(x)  # 30x30x1024
        x = self.d5b(x)  # 28x28x1024
        up4 = self.up4(x)  # 56x56x512
        crop4 = self.crop4(d4b)  # 56x56x512
        x = torch.cat([crop4, up4], dim=1)  # 56x56x1024
        x = self.u4a(x)  # 54x54x512
        x = self.u4b(x)  # 52x52x512
        up3 = self.up3(x)  # 104x104x256
        crop3 = self.crop3(d3b)  # 104x104x256
        x = torch.cat([crop3, up3], dim=1)  # 104x104x512
        x = self.u3a(x)  # 102x102x256
        x = self.u3b(x)  # 100x100x256
        up2 = self.up2(x)  # 200x200x128
        crop2 = self.crop2(d2b)  # 200x200x128
        x = torch.cat([crop2, up2], dim=1)  # 200x200x256
        x = self.u2a(x)  # 198x198x128
        x = self.u2b(x)  # 196x196x128
        up1 = self.up1(x)  # 392x392x64
        crop1 = self.crop1(d1b)  # 392x392x64
        x = torch.cat([crop1, up1], dim=1)  # 392x392x128
        x = self.u1a(x)  # 390x390x64
        x = self.u1b(x)  # 388x388x64
        x = self.out(x)  # 388x388x2
        return x


def unet() -> UNet:
    """U-Net with fresh weights."""
    return UNet()


if __name__ == "__main__":
    model = unet().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 1, 572, 572))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"unet: {parameters:,} parameters, output {tuple(output.shape)}")
