"""Shortcut without parameters (He et al. 2015, section 3.3, option A): ``pad-channels 128, /2``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import count, step
from archspec.expressions.numeric import ceil_div
from archspec.op import Call, Free, Refused, Requirement, Shape, Window, needs_map, square

MODULE = '''
class PadChannels(nn.Module):
    """Every stride-th position, with channels of zeros after those of the input."""

    def __init__(self, channels: int, stride: int | tuple[int, int] = 1) -> None:
        super().__init__()
        self.channels = channels
        self.stride = (stride, stride) if isinstance(stride, int) else stride

    def forward(self, x: Tensor) -> Tensor:
        x = x[:, :, :: self.stride[0], :: self.stride[1]]
        more = self.channels - x.shape[1]
        return nn.functional.pad(x, (0, 0, 0, 0, 0, more))
'''


class PadChannels(Free):
    """Takes every ``stride``-th position, and adds channels of zeros up to ``channels``; nothing where none is due."""

    label: ClassVar[str] = "PadChannels"
    pads_channels: ClassVar[bool] = True
    bare: ClassVar[tuple[str, ...]] = ("channels",)
    makes: ClassVar[str | None] = "channels"
    fixed: ClassVar[frozenset[str]] = frozenset({"stride"})

    channels = count()
    stride = step()

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield needs_map(self, x)
        yield Requirement(
            self.channels >= x.channels,
            lambda: Refused(
                f"`pad-channels` adds channels, and {self.channels} are fewer than {x.channels}", param="channels"
            ),
        )

    def infer(self, x: Shape) -> Shape:
        height, width = (ceil_div(n, stride) for n, stride in zip(x.extent, self.stride, strict=True))
        return Shape(self.channels, height, width)

    def window(self, x: Shape) -> Window:
        return Window((1, 1), self.stride)

    def torch(self, x: Shape) -> tuple[Call, ...]:
        options = {"stride": square(self.stride)}
        return (Call("PadChannels", {"channels": self.channels}, options, {"stride": 1}, MODULE),)
