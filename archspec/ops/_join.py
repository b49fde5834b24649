"""What the joins that work element by element share: how their inputs are stretched over one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import reduce
from typing import ClassVar, TypeVar

from archspec.expressions.numeric import where
from archspec.op import Join, Refused, Requirement, Shape

T = TypeVar("T")


class Broadcast(Join):
    """Joins inputs of one shape; over a map also a vector or 1 x 1 x C, which goes to every position."""

    computes: ClassVar[bool] = True

    def requires(self, *xs: Shape) -> Iterator[Requirement]:
        yield joins_several(self, xs)
        y = self.infer(*xs)
        for i, x in enumerate(xs, 1):
            yield self._fits(i, x, y, xs)

    def infer(self, *xs: Shape) -> Shape:
        maps = [x for x in xs if x.is_map]
        return reduce(_stretched, maps) if maps else xs[0]

    def _fits(self, i: int, x: Shape, y: Shape, xs: Sequence[Shape]) -> Requirement:
        stretched = not x.is_map or _has_sides(x, 1, 1) | _has_sides(x, *y.extent)

        def refusal() -> Refused:
            needs = f"`{self.spelled()}` needs inputs of one shape"
            if (odd := odd_one(xs, xs)) is not None:
                place, most = odd
                message = f"{needs}: input {place} is {xs[place - 1]}, the others are {most}"
                return Refused(message, help=f"give input {place} the shape of the others")
            channels = f"a 1x1 convolution gives a branch {y.channels} channels; beside an identity, `shortcut` does"
            sides = "give all of them the same strides; beside a strided branch, `shortcut` with its stride does"
            return Refused(f"{needs}: input {i} is {x}, expected {y}", help=channels if stretched else sides)

        return Requirement((x.channels == y.channels) & stretched, refusal)

    def combine(self, operands: Sequence[str], *xs: Shape) -> str:
        over_map = any(x.is_map for x in xs)
        first, *others = (
            f"{operand}[:, :, None, None]" if over_map and not x.is_map else operand
            for operand, x in zip(operands, xs, strict=True)
        )
        return first + "".join(map(self._signed, others))

    def _signed(self, operand: str) -> str:
        """An operand with the operator before it: ``- b`` where ``-b`` is added."""
        if self.sums and operand.startswith("-"):
            return f" - {operand[1:]}"
        return f" {self.sign} {operand}" if self.sums or " * " not in operand else f" {self.sign} ({operand})"


def odd_one(xs: Sequence[Shape], told_by: Sequence[T]) -> tuple[int, T] | None:
    """Which of several inputs differs from all the others, from 1, and what those have; None where more do."""
    counts = Counter(told_by)
    (most, times), *_ = counts.most_common()
    if len(counts) != 2 or times != len(xs) - 1 or times < 2:
        return None
    return next(i for i, each in enumerate(told_by, 1) if each != most), most


def joins_several(op: Join, xs: Sequence[Shape]) -> Requirement:
    """There are two inputs at least: a join of one joins nothing."""
    return Requirement(len(xs) > 1, lambda: Refused(f"`{op.spelled()}` joins two or more inputs, and gets {len(xs)}"))


def _stretched(y: Shape, x: Shape) -> Shape:
    """The one of two maps that the other is stretched over: the first, unless it alone is 1 x 1."""
    other = _has_sides(y, 1, 1) > _has_sides(x, 1, 1)
    height, width = (where(other, *sides) for sides in zip(x.extent, y.extent, strict=True))
    return Shape(where(other, x.channels, y.channels), height, width)


def _has_sides(x: Shape, height: int, width: int) -> bool:
    return (x.height == height) & (x.width == width)
