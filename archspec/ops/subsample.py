"""LeNet-5's subsampling (LeCun et al. 1998, section II.B): ``subsample``, ``subsample 2x2``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import extent
from archspec.op import Call, Free, Requirement, Shape, Tensor, Window, leaves_some, needs_map, square

MODULE = '''
class Subsample(nn.Module):
    """Sums of windows, times a coefficient and plus a bias, both trained, a map."""

    def __init__(self, channels: int, kernel_size: int | tuple[int, int]) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(kernel_size, divisor_override=1)
        self.weight = nn.Parameter(torch.full((channels,), 0.25))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(x)
        return x * self.weight[:, None, None] + self.bias[:, None, None]
'''


class Subsample(Free):
    """Windows that do not overlap; two parameters a map. A unit has one connection for each input and its bias."""

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
        return (Call("Subsample", args, module=MODULE, children=(pool,)),)
