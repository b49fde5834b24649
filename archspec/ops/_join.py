"""What the joins that work element by element share: how their inputs are stretched over one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from archspec.numeric import greatest, same
from archspec.op import Join, Refused, Requirement, Shape


class Broadcast(Join):
    """Joins inputs of one shape; over a map also a vector or 1 x 1 x C, which goes to every position."""

    sign: ClassVar[str]

    def requires(self, *xs: Shape) -> Iterator[Requirement]:
        yield joins_several(self, xs)
        y = self._whole(xs)
        for i, x in enumerate(xs, 1):
            yield self._fits(i, x, y)

    def infer(self, *xs: Shape) -> Shape:
        maps = [x.extent for x in xs if x.is_map]
        if not maps:
            return xs[0]
        height, width = (greatest(*sides) for sides in zip(*maps, strict=True))
        return Shape(self._whole(xs).channels, height, width)

    def _whole(self, xs: Sequence[Shape]) -> Shape:
        """The input that the others are stretched over."""
        maps = [x for x in xs if x.is_map]
        return next((x for x in maps if not _is_one_position(x)), (maps or xs)[0])

    def _fits(self, i: int, x: Shape, y: Shape) -> Requirement:
        stretched = not x.is_map or _is_one_position(x) or x.extent == y.extent

        def refusal() -> Refused:
            channels = f"a 1x1 convolution gives a branch {y.channels} channels; beside an identity, `shortcut` does"
            sides = "give all of them the same strides; beside a strided branch, `shortcut c, /stride` does"
            message = f"`{self.spelled()}` needs inputs of one shape: input {i} is {x}, and {y} is due"
            return Refused(message, help=channels if stretched else sides)

        return Requirement((x.channels == y.channels) & stretched, refusal)

    def combine(self, operands: Sequence[str], *xs: Shape) -> str:
        over_map = any(x.is_map for x in xs)
        spread = (
            f"{operand}[:, :, None, None]" if over_map and not x.is_map else operand
            for operand, x in zip(operands, xs, strict=True)
        )
        return f" {self.sign} ".join(spread)


def joins_several(op: Join, xs: Sequence[Shape]) -> Requirement:
    """There are two inputs at least: a join of one joins nothing."""
    return Requirement(len(xs) > 1, lambda: Refused(f"`{op.spelled()}` joins two or more inputs, and gets {len(xs)}"))


def _is_one_position(x: Shape) -> bool:
    return all(same(side, 1) for side in x.extent)
