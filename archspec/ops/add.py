"""x"""

from __future__ import annotations
from collections.abc import Sequence
from archspec.op import Join, Shape


class Add(Join):
    def infer(self, *xs: Shape) -> Shape:
        return xs[0]

    def combine(self, operands: Sequence[str], *xs: Shape) -> str:
        return " + ".join(operands)
