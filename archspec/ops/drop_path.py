"""Stochastic depth (Huang et al. 2016): ``drop-path 0.5``, and by its linear rule ``drop-path 0.5, linear``."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import flag, number
from archspec.expressions.numeric import where
from archspec.op import Call, Elementwise, Shape

MODULE = '''
class DropPath(nn.Module):
    """In training drops each image's whole branch with probability p, and scales the rest."""

    def __init__(self, p: float, linear: bool = False) -> None:
        super().__init__()
        self.p = p
        self.linear = linear

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        kept = x.new_empty([x.shape[0]] + [1] * (x.dim() - 1)).bernoulli_(1 - self.p)
        return x * kept / (1 - self.p) if self.p < 1 else x * kept
'''
CLOSING = """paths = [m for m in self.modules() if isinstance(m, DropPath) and m.linear]
for place, path in enumerate(paths, start=1):
    path.p *= place / len(paths)"""


class DropPath(Elementwise):
    """Drops a branch with probability ``p``; if ``linear``, the l-th of L such branches with l / L times that.

    The places are known when the whole network is made, so its constructor ends by setting them.
    """

    elsewhere: ClassVar[tuple[str, ...]] = ("stochastic-depth", "drop-connect")
    label: ClassVar[str] = "DropPath"
    bare: ClassVar[tuple[str, ...]] = ("p",)
    keeps: ClassVar[frozenset[str]] = frozenset({"mask"})

    p = number(least=0, most=1)
    linear = flag(False)

    def torch(self, x: Shape) -> tuple[Call, ...]:
        closing = CLOSING if self.linear else None
        return (Call("DropPath", {"p": self.p}, {"linear": self.linear}, {"linear": False}, MODULE, closing),)

    def masks(self, y: Shape, x: Shape) -> int:
        return where(self.p > 0, 1, 0)  # whether the image keeps the branch
