"""Shortcut without parameters (He et al. 2015, section 3.3, option A): ``pad-channels 128, /2``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import count, step
from archspec.expressions.numeric import ceil_div
from archspec.op import Call, Free, Refused, Requirement, Shape, Window, needs_map, square
from archspec.support.sources import beside

SOURCE = beside(__name__)


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
        options, module = {"stride": square(self.stride)}, SOURCE.definition("PadChannels")
        return (Call("PadChannels", {"channels": self.channels}, options, {"stride": 1}, module),)
