"""The channels of its inputs, one after the other (Szegedy et al. 2014, GoogLeNet, section 4): ``concat``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from archspec.expressions.numeric import total
from archspec.op import Join, Refused, Requirement, Shape
from archspec.ops._join import joins_several, odd_one


class Concat(Join):
    """Inputs of equal height and width, or vectors, side by side."""

    elsewhere: ClassVar[tuple[str, ...]] = ("cat", "concatenate", "concatenation", "filter-concat", "depth-concat")
    label: ClassVar[str] = "Concat"
    noun: ClassVar[str] = "concatenation"
    joins_dense: ClassVar[bool] = True

    def requires(self, *xs: Shape) -> Iterator[Requirement]:
        yield joins_several(self, xs)
        for i, x in enumerate(xs, 1):
            yield _as_large(xs, i, x)

    def infer(self, *xs: Shape) -> Shape:
        return xs[0]._replace(channels=total(x.channels for x in xs))

    def combine(self, operands: Sequence[str], *xs: Shape) -> str:
        return f"torch.cat([{', '.join(operands)}], dim=1)"


def _as_large(xs: Sequence[Shape], i: int, x: Shape) -> Requirement:
    first = xs[0]
    return Requirement((x.height, x.width) == (first.height, first.width), lambda: _refusal(xs, i, x))


def _refusal(xs: Sequence[Shape], i: int, x: Shape) -> Refused:
    needs = "`concat` needs inputs of equal height and width"
    odd = odd_one(xs, [(x.height, x.width) for x in xs])
    if odd is None:
        cut = _cut(1, xs[0], x) or _cut(i, x, xs[0])
        help = f"give {'both' if cut else 'all of them'} the same strides and padding{cut}"
        return Refused(f"{needs}: input 1 is {xs[0]}, input {i} is {x}", help=help)
    place, (height, width) = odd
    others = "vectors" if height is None else f"{height}x{width}"
    message = f"{needs}: input {place} is {xs[place - 1]}, the others are {others}"
    cut = _cut(place, xs[place - 1], xs[place % len(xs)])
    return Refused(message, help=f"give input {place} the strides and padding of the others{cut}")


def _cut(i: int, larger: Shape, smaller: Shape) -> str:
    """How to cut an input to the size of another, where it is the larger one on both sides; else nothing."""
    if not larger.is_map or not smaller.is_map:
        return ""
    height, width = smaller.extent
    if larger.extent[0] < height or larger.extent[1] < width:
        return ""
    return f", or cut input {i} with `crop {height}x{width}`"
