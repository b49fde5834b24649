"""The channels of its inputs, one after the other (Szegedy et al. 2014, GoogLeNet, section 4): ``concat``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from archspec.expressions.numeric import total
from archspec.op import Join, Refused, Requirement, Shape
from archspec.ops._join import joins_several


class Concat(Join):
    """Inputs of equal height and width, or vectors, side by side."""

    elsewhere: ClassVar[tuple[str, ...]] = ("cat", "concatenate", "concatenation", "filter-concat", "depth-concat")
    label: ClassVar[str] = "Concat"
    joins_dense: ClassVar[bool] = True

    def requires(self, *xs: Shape) -> Iterator[Requirement]:
        yield joins_several(self, xs)
        for i, x in enumerate(xs, 1):
            yield _as_large(xs[0], i, x)

    def infer(self, *xs: Shape) -> Shape:
        return xs[0]._replace(channels=total(x.channels for x in xs))

    def combine(self, operands: Sequence[str], *xs: Shape) -> str:
        return f"torch.cat([{', '.join(operands)}], dim=1)"


def _as_large(first: Shape, i: int, x: Shape) -> Requirement:
    return Requirement(
        (x.height, x.width) == (first.height, first.width),
        lambda: Refused(
            f"`concat` needs inputs of equal height and width: input 1 is {first}, input {i} is {x}",
            help=_cut(1, first, x) or _cut(i, x, first) or "give all of them the same strides and padding",
        ),
    )


def _cut(i: int, larger: Shape, smaller: Shape) -> str | None:
    """How to cut an input to the size of another, where it is the larger one on both sides."""
    if not larger.is_map or not smaller.is_map:
        return None
    height, width = smaller.extent
    if larger.extent[0] < height or larger.extent[1] < width:
        return None
    return f"give both the same strides and padding, or cut input {i} with `crop {height}x{width}`"
