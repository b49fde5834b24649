"""The torch module of ``drop-path``, and its linear rule."""

from __future__ import annotations

from torch import Tensor, nn


class DropPath(nn.Module):
    """Drop a branch of an image with probability p in training, and scale the rest."""

    def __init__(self, p: float, linear: bool = False, per_block: int = 1) -> None:
        super().__init__()
        self.p = p
        self.linear = linear
        self.per_block = per_block

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        kept = x.new_empty([x.shape[0]] + [1] * (x.dim() - 1)).bernoulli_(1 - self.p)
        return x * kept / (1 - self.p) if self.p < 1 else x * kept


def closing(self: nn.Module) -> None:
    """The l-th of L branches drops with l / L times its probability; of blocks, where each has several."""
    paths = [m for m in self.modules() if isinstance(m, DropPath) and m.linear]
    for place, path in enumerate(paths):
        path.p *= (place // path.per_block + 1) / -(-len(paths) // path.per_block)
