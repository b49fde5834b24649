"""The torch modules of ``crop``."""

from __future__ import annotations

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


class Crop(nn.Module):
    """Cut rows and columns off each side."""

    def __init__(self, by: int | tuple[int, int]) -> None:
        super().__init__()
        self.by = (by, by) if isinstance(by, int) else by

    def forward(self, x: Tensor) -> Tensor:
        rows, columns = self.by
        return x[:, :, rows : x.shape[2] - rows, columns : x.shape[3] - columns]
