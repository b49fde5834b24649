"""The torch module of ``pad-channels``."""

from __future__ import annotations

from torch import Tensor, nn


class PadChannels(nn.Module):
    """Subsample by stride, and pad the channels with zeros."""

    def __init__(self, channels: int, stride: int | tuple[int, int] = 1) -> None:
        super().__init__()
        self.channels = channels
        self.stride = (stride, stride) if isinstance(stride, int) else stride

    def forward(self, x: Tensor) -> Tensor:
        x = x[:, :, :: self.stride[0], :: self.stride[1]]
        more = self.channels - x.shape[1]
        return nn.functional.pad(x, (0, 0, 0, 0, 0, more))
