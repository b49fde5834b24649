"""Stochastic depth (Huang et al. 2016): ``drop-path 0.5``, and by its linear rule ``drop-path 0.5, linear``.

In ``drop-path 0.2, linear, per_block=2`` two branches in succession, as those of a transformer block, share one rate.
"""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import count, flag, number
from archspec.expressions.numeric import where
from archspec.op import Call, Elementwise, Op, Shape
from archspec.ops.identity import Identity
from archspec.support.sources import beside

SOURCE = beside(__name__)


class DropPath(Elementwise):
    """Drops a branch with probability ``p``; if ``linear``, the l-th of L such branches with l / L times that.

    Where each block has several branches, l and L count blocks.
    The places are known when the whole network is made, so its constructor ends by setting them.
    """

    elsewhere: ClassVar[tuple[str, ...]] = ("stochastic-depth", "drop-connect")
    label: ClassVar[str] = "DropPath"
    bare: ClassVar[tuple[str, ...]] = ("p",)
    keeps: ClassVar[frozenset[str]] = frozenset({"mask"})
    grows: ClassVar[tuple[str, str, str] | None] = ("p", "linear", "per_block")
    passes_zero: ClassVar[bool] = True

    p = number(least=0, most=1)
    linear = flag(False)
    per_block = count(1)

    def plainest(self, x: Shape) -> Op:
        return Identity() if self.p == 0 else self

    def torch(self, x: Shape) -> tuple[Call, ...]:
        closing = SOURCE.statements("closing") if self.linear else None
        options = {"linear": self.linear, "per_block": self.per_block}
        usual = {"linear": False, "per_block": 1}
        return (Call("DropPath", {"p": self.p}, options, usual, SOURCE.definition("DropPath"), closing),)

    def masks(self, y: Shape, x: Shape) -> int:
        return where(self.p > 0, 1, 0)  # whether the image keeps the branch
