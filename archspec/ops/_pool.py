"""What max and average pooling share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from archspec.arguments import extent, flag, optional, padding, step
from archspec.op import Free, Op, Refused, Requirement, Shape, Window, needs_map, square
from archspec.ops._sliding import (
    Sides,
    arithmetic,
    both,
    even,
    leaves_positions,
    positions,
    sees_all,
    starts,
    tf_same,
    widest,
)


class Pool(Free):
    """A window of ``kernel`` that moves by ``stride``, the kernel itself unless given; no padding unless given."""

    drawn_as: ClassVar[str] = "pool"
    sized: ClassVar[str | None] = "kernel"
    fixed: ClassVar[frozenset[str]] = frozenset({"kernel", "stride", "pad", "ceil"})
    filters_as: ClassVar[str] = "pool {}"
    keeps_stride: ClassVar[bool] = True
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})
    words_elsewhere: ClassVar[Mapping[str, str]] = {"same": "tf_same"}

    kernel = extent((2, 2))
    stride = optional(step())
    pad = padding((0, 0), "valid", "tf_same")
    ceil = flag(False)

    @classmethod
    def implied(cls, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"stride": values["kernel"]}

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield needs_map(self, x)
        for (pad, _), kernel in zip(self._sides(x), self.kernel, strict=True):
            yield _pads_little(pad, kernel)
        yield leaves_positions(self, x)

    def infer(self, x: Shape) -> Shape:
        height, width = (positions(*axis) for axis in self._axes(x))
        return Shape(x.channels, height, width)

    def filters(self, x: Shape) -> str:
        return self.filters_as.format("{}x{}".format(*self.kernel))

    def window(self, x: Shape) -> Window:
        return Window(widest(self.kernel, self._dilation), self.stride or self.kernel, starts(self._sides(x)))

    def why(self, x: Shape) -> str:
        return both([arithmetic(*axis) for axis in self._axes(x)])

    def plainest(self, x: Shape) -> Op:
        whole = self._of_all()
        return whole if whole is not None and sees_all(x, self.kernel, self._sides(x), self._dilation) else self

    def _of_all(self) -> Op | None:
        """The pool whose window is the whole map, of this kind."""
        return None

    @property
    def _dilation(self) -> tuple[int, int]:
        return 1, 1

    def _sides(self, x: Shape) -> Sides:
        """Padding before and after, for rows and for columns."""
        if self.pad == "valid":
            return (0, 0), (0, 0)
        if self.pad == "tf_same":
            axes = zip(x.extent, self.kernel, self.stride or self.kernel, self._dilation, strict=True)
            rows, columns = (tf_same(*axis) for axis in axes)
            return rows, columns
        return (self.pad[0], self.pad[0]), (self.pad[1], self.pad[1])

    def _axes(self, x: Shape) -> list[tuple[int, int, int, int, int, int, bool]]:
        strides = self.stride or self.kernel
        return [
            (n, k, s, before, after, d, self.ceil and self.pad != "tf_same")
            for n, k, s, (before, after), d in zip(
                x.extent, self.kernel, strides, self._sides(x), self._dilation, strict=True
            )
        ]

    def _options(self, x: Shape) -> dict[str, Any]:
        rows, columns = self._sides(x)
        # One more row or column after the map is what rounding up gives, and torch leaves it out of maxima and means.
        ceil = not even((rows, columns)) if self.pad == "tf_same" else self.ceil
        return {
            "stride": square(self.stride or self.kernel),
            "padding": square((rows[0], columns[0])),
            "ceil_mode": ceil,
        }

    def _beyond(self, x: Shape) -> bool:
        """Whether an axis needs one more row or column after it that rounding up does not give: at stride 1."""
        axes = zip(self._sides(x), self.stride or self.kernel, strict=True)
        return self.pad == "tf_same" and any(stride == 1 and before != after for (before, after), stride in axes)

    def _defaults(self) -> dict[str, Any]:
        return {"stride": square(self.kernel), "padding": 0, "ceil_mode": False}


def _pads_little(pad: int, kernel: int) -> Requirement:
    """At most half of the kernel, also where dilation makes the window larger."""
    return Requirement(
        pad <= kernel // 2,
        lambda: Refused(
            f"a pool pads at most half of its kernel: {pad} of {kernel}",
            param="pad",
            why=f"{kernel} // 2 = {kernel // 2}",
        ),
    )
