"""WRN: Wide Residual Networks, arXiv:1605.07146, Table 1.

For one 32x32x3 image: 36,479,194 parameters, 5,243,328,768 mult-adds, 6,054,538
activations (convention: paper). One mult-add is one multiply-accumulate of a
convolution or a fully connected layer. Emitted by archspec from the network's table.
"""

import torch
from torch import Tensor, nn


class B33(nn.Module):
    """Block `B33`: sum of residual and shortcut."""

    def __init__(self, in_channels: int, c: int, p: float, stride: int = 1) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            *(
                [nn.BatchNorm2d(in_channels), nn.ReLU(inplace=True)]
                if in_channels == c
                else []
            ),
            nn.Conv2d(in_channels, c, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(c),
            nn.ReLU(inplace=True),
            *([nn.Dropout(p)] if p > 0 else []),
            nn.Conv2d(c, c, 3, padding=1, bias=False),
        )
        self.shortcut = (
            nn.Conv2d(in_channels, c, 1, stride=stride, bias=False)
            if in_channels != c or stride != 1
            else nn.Identity()
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.residual(x) + self.shortcut(x)
        return x


class Wide(nn.Sequential):
    """Block `wide`."""

    def __init__(self, in_channels: int, c: int, p: float, stride: int = 1) -> None:
        super().__init__(
            *(
                [nn.BatchNorm2d(in_channels), nn.ReLU(inplace=True)]
                if in_channels != c
                else []
            ),
            B33(in_channels, c, p, stride=stride),
        )


class WRN(nn.Module):
    """WRN, one attribute for each row of its table."""

    def __init__(
        self,
        depth: int = 28,
        k: int = 10,
        p: float = 0.0,
        classes: int = 10,
    ) -> None:
        if depth < 10 or (depth - 4) % 6:
            raise ValueError(f"depth must be 6 * n + 4 and at least 10, not {depth}")
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        blocks = (depth - 4) // 6
        self.conv2 = nn.Sequential(
            Wide(16, 16 * k, p),
            *[Wide(16 * k, 16 * k, p) for _ in range(blocks - 1)],
        )
        self.conv3 = nn.Sequential(
            Wide(16 * k, 32 * k, p, stride=2),
            *[Wide(32 * k, 32 * k, p) for _ in range(blocks - 1)],
        )
        self.conv4 = nn.Sequential(
            Wide(32 * k, 64 * k, p, stride=2),
            *[Wide(64 * k, 64 * k, p) for _ in range(blocks - 1)],
        )
        self.relu = nn.Sequential(nn.BatchNorm2d(64 * k), nn.ReLU(inplace=True))
        self.avg_pool = nn.AvgPool2d(8)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(64 * k, classes))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise by `he` (not stated: authors' code, nearly)."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)  # 32x32x16
        x = self.conv2(x)  # 32x32x160
        x = self.conv3(x)  # 16x16x320
        x = self.conv4(x)  # 8x8x640
        x = self.relu(x)  # 8x8x640
        x = self.avg_pool(x)  # 1x1x640
        x = self.fc(x)  # 10
        return x


def wrn(depth: int = 28, k: int = 10, p: float = 0.0, classes: int = 10) -> WRN:
    """WRN with fresh weights."""
    return WRN(depth, k, p, classes)


if __name__ == "__main__":
    model = wrn().eval()
    with torch.no_grad():
        output = model(torch.randn(1, 3, 32, 32))
    parameters = sum(p.numel() for p in model.parameters())
    print(f"wrn: {parameters:,} parameters, output {tuple(output.shape)}")
