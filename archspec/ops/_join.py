"""What the joins that work element by element share: how their inputs are stretched over one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from archspec.op import Join, Refused, Shape


def refuse_fewer_than_two(op: Join, xs: Sequence[Shape]) -> None:
    """A join of one input joins nothing."""
    if len(xs) < 2:
        raise Refused(f"`{op.spelled()}` joins two or more inputs, and gets {len(xs)}")


class Broadcast(Join):
    """Joins inputs of one shape; over a map also a vector or 1 x 1 x C, which goes to every position."""

    sign: ClassVar[str]

    def infer(self, *xs: Shape) -> Shape:
        refuse_fewer_than_two(self, xs)
        whole = next((x for x in xs if x.is_map and x.extent != (1, 1)), None)
        y = whole or next((x for x in xs if x.is_map), xs[0])
        for i, x in enumerate(xs, 1):
            stretched = not x.is_map or x.extent in ((1, 1), y.extent)
            if x.channels != y.channels or not stretched:
                raise Refused(
                    f"`{self.spelled()}` needs inputs of one shape: input {i} is {x}, and {y} is due",
                    help="give all of them the same strides; beside a strided branch, `shortcut c, /stride` does"
                    if not stretched
                    else f"a 1x1 convolution gives a branch {y.channels} channels; beside an identity, `shortcut` does",
                )
        return y

    def combine(self, operands: Sequence[str], *xs: Shape) -> str:
        over_map = any(x.is_map for x in xs)
        spread = (
            f"{operand}[:, :, None, None]" if over_map and not x.is_map else operand
            for operand, x in zip(operands, xs, strict=True)
        )
        return f" {self.sign} ".join(spread)
