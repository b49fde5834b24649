"""What max and average pooling share."""

from __future__ import annotations

from typing import Any, ClassVar

from archspec.arguments import extent, flag, optional, padding
from archspec.op import Free, Refused, Shape, Window, need_map, square
from archspec.ops._sliding import arithmetic, both, positions, refuse_collapse


class Pool(Free):
    """A window of ``kernel`` that moves by ``stride``, the kernel itself unless given; no padding unless given."""

    sized: ClassVar[str | None] = "kernel"
    fixed: ClassVar[frozenset[str]] = frozenset({"kernel", "stride", "pad", "ceil"})

    kernel = extent((2, 2))
    stride = optional(extent())
    pad = padding((0, 0))
    ceil = flag(False)

    def infer(self, x: Shape) -> Shape:
        need_map(self, x)
        for pad, kernel in zip(self.pad, self.kernel, strict=True):
            if pad > kernel // 2:  # also where dilation makes the window larger
                raise Refused(
                    f"a pool pads at most half of its kernel: {pad} of {kernel}",
                    param="pad",
                    why=f"{kernel} // 2 = {kernel // 2}",
                )
        height, width = (positions(*axis) for axis in self._axes(x))
        refuse_collapse(self, x, (height, width), self.why(x))
        return Shape(x.channels, height, width)

    def window(self, x: Shape) -> Window:
        return Window(self.kernel, self.stride or self.kernel)

    def why(self, x: Shape) -> str:
        return both([arithmetic(*axis) for axis in self._axes(x)])

    @property
    def _dilation(self) -> tuple[int, int]:
        return 1, 1

    def _axes(self, x: Shape) -> list[tuple[int, int, int, int, int, int, bool]]:
        strides = self.stride or self.kernel
        return [
            (n, k, s, p, p, d, self.ceil)
            for n, k, s, p, d in zip(x.extent, self.kernel, strides, self.pad, self._dilation, strict=True)
        ]

    def _options(self) -> dict[str, Any]:
        return {"stride": square(self.stride or self.kernel), "padding": square(self.pad), "ceil_mode": self.ceil}

    def _defaults(self) -> dict[str, Any]:
        return {"stride": square(self.kernel), "padding": 0, "ceil_mode": False}
