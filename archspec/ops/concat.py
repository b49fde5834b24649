"""The channels of its inputs, one after the other (Szegedy et al. 2014, GoogLeNet, section 4): ``concat``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from archspec.op import Join, Refused, Shape
from archspec.ops._join import refuse_fewer_than_two


class Concat(Join):
    """Inputs of equal height and width, or vectors, side by side."""

    elsewhere: ClassVar[tuple[str, ...]] = ("cat", "concatenate", "concatenation", "filter-concat", "depth-concat")
    label: ClassVar[str] = "Concat"

    def infer(self, *xs: Shape) -> Shape:
        refuse_fewer_than_two(self, xs)
        first = xs[0]
        for i, x in enumerate(xs, 1):
            if (x.height, x.width) != (first.height, first.width):
                raise Refused(
                    f"`concat` needs inputs of equal height and width: input 1 is {first}, input {i} is {x}",
                    help="give all of them the same strides and padding",
                )
        return first._replace(channels=sum((x.channels for x in xs[1:]), first.channels))

    def combine(self, operands: Sequence[str], *xs: Shape) -> str:
        return f"torch.cat([{', '.join(operands)}], dim=1)"
