"""What layers together see of the input: receptive field, total stride and alignment, by plain composition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archspec.op import Shape, Window
from archspec.support.limits import FARTHEST


class Axis(NamedTuple):
    """One axis: position i of the output sees ``first + i * stride`` to ``last + i * stride`` of the input."""

    first: float = 0
    last: float = 0
    stride: float = 1

    def then(self, after: Axis) -> Axis:
        """This one and the layers after it, each of whose steps is as long as this one's stride."""
        first, last = self.first + self.stride * after.first, self.last + self.stride * after.last
        return Axis(max(first, -FARTHEST), min(last, FARTHEST), min(self.stride * after.stride, FARTHEST))


class Lens(NamedTuple):
    """Height and width; neither says anything where what a layer sees is not ``known``."""

    height: Axis = Axis()
    width: Axis = Axis()
    known: bool = True

    @classmethod
    def of(cls, window: Window) -> Lens:
        """The lens of one layer."""
        rows, columns = (
            Axis(-before, extent - 1 - before, stride if grows == 1 else stride / grows)
            for extent, stride, before, grows in zip(*window, strict=True)
        )
        return cls(rows, columns)

    @classmethod
    def joined(cls, lenses: Sequence[Lens], shapes: Sequence[Shape]) -> Lens:
        """What a join sees: all that any of its inputs sees, at the pace of the largest of them."""
        if len(lenses) == 1:
            return lenses[0]
        main = lenses[max(range(len(shapes)), key=lambda i: shapes[i].size if shapes[i].is_map else 0)]
        axes = [
            Axis(min(axis.first for axis in sides), max(axis.last for axis in sides), own.stride)
            for own, sides in zip(main[:2], zip(*(lens[:2] for lens in lenses), strict=True), strict=True)
        ]
        return cls(axes[0], axes[1], all(lens.known for lens in lenses))

    def then(self, after: Lens) -> Lens:
        """This one and the layers after it."""
        return Lens(self.height.then(after.height), self.width.then(after.width), self.known and after.known)

    def power(self, times: int) -> Lens:
        """The same ``times`` over, by squaring: composition is associative, also where it stops growing."""
        result, square = Lens(), self
        while times:
            result = result.then(square) if times % 2 else result
            square, times = square.then(square), times // 2
        return result

    @property
    def field(self) -> tuple[int, int]:
        """Height and width of the input that one position sees, padding included."""
        return int(self.height.last - self.height.first) + 1, int(self.width.last - self.width.first) + 1

    @property
    def stride(self) -> tuple[float, float]:
        """How far apart in the input two neighbouring positions stand, (H, W)."""
        return _plain(self.height.stride), _plain(self.width.stride)

    @property
    def centre(self) -> tuple[float, float]:
        """Where the first position looks, in pixels from the first of the input, (H, W); below 0 in the padding."""
        return _plain((self.height.first + self.height.last) / 2), _plain((self.width.first + self.width.last) / 2)


UNKNOWN = Lens(known=False)
"""What a layer sees of which nothing is known."""


def _plain(value: float) -> float:
    return int(value) if value == int(value) else value
