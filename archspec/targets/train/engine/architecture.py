"""A network as the emitted module is one, in whose place it stands where the engine is imported as it is."""

from __future__ import annotations

from collections import OrderedDict

from torch import nn


def network() -> nn.Module:
    """A convolution and two fully connected layers, which take 1 x 8 x 8 numbers."""
    rows = OrderedDict[str, nn.Module](
        conv=nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU()),
        norm=nn.BatchNorm2d(4),
        hidden=nn.Sequential(nn.Flatten(), nn.Linear(4 * 8 * 8, 16), nn.ReLU()),
        last=nn.Linear(16, 10),
    )
    return nn.Sequential(rows)
