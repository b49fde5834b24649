"""LeNet-5's subsampling (LeCun et al. 1998, section II.B): ``subsample``, ``subsample 2x2``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import extent
from archspec.op import Call, Free, Requirement, Shape, Tensor, Window, leaves_some, needs_map, square
from archspec.support.sources import beside

SOURCE = beside(__name__)


class Subsample(Free):
    """Windows that do not overlap; two parameters a map. A unit has one connection for each input and its bias."""

    drawn_as: ClassVar[str] = "pool"
    sized: ClassVar[str | None] = "kernel"
    keeps: ClassVar[frozenset[str]] = frozenset({"input", "mask"})  # the sums, which are scaled
    fixed: ClassVar[frozenset[str]] = frozenset({"kernel"})

    kernel = extent((2, 2))

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield needs_map(self, x)
        yield leaves_some(self, x, lambda: f"{x.extent} // {self.kernel} = {self.infer(x).extent}")

    def infer(self, x: Shape) -> Shape:
        height, width = (n // k for n, k in zip(x.extent, self.kernel, strict=True))
        return Shape(x.channels, height, width)

    def weights(self, x: Shape) -> dict[str, Tensor]:
        return {"weight": (x.channels,), "bias": (x.channels,)}

    def connections(self, y: Shape, x: Shape) -> int:
        return y.size * (self.kernel[0] * self.kernel[1] + 1)

    def window(self, x: Shape) -> Window:
        return Window(self.kernel, self.kernel)

    def torch(self, x: Shape) -> tuple[Call, ...]:
        pool = Call("nn.AvgPool2d", {"kernel_size": square(self.kernel)})
        args = {"channels": x.channels, "kernel_size": square(self.kernel)}
        module = SOURCE.definition("Subsample")
        return (Call("Subsample", args, module=module, children=(pool,), resets=True),)
