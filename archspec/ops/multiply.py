"""The product of its inputs, as where squeeze-and-excitation scales a map (Hu et al. 2018): ``multiply``."""

from __future__ import annotations

from itertools import accumulate, islice
from typing import ClassVar

from archspec.op import Shape
from archspec.ops._join import Broadcast


class Multiply(Broadcast):
    """a * b."""

    elsewhere: ClassVar[tuple[str, ...]] = ("mul", "times", "product")
    label: ClassVar[str] = "Multiply"
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})
    noun: ClassVar[str] = "product"
    sign: ClassVar[str] = "*"
    multiplies_inputs: ClassVar[bool] = True

    def keeping(self, *xs: Shape) -> frozenset[str]:
        return self.keeps | {"mask"} if len(xs) > 2 else self.keeps

    def masks(self, y: Shape, *xs: Shape) -> int:
        # a * b * c is (a * b) * c, whose backward pass needs a * b.
        made = accumulate(xs[:-1], self.infer)
        return sum(y.size for y in islice(made, 1, None))
