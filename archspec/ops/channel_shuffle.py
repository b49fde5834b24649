"""Channel shuffle (Zhang et al. 2018, ShuffleNet, section 3.1): ``channel-shuffle 3``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import count
from archspec.op import Call, Free, Requirement, Shape, needs_map
from archspec.ops._sliding import split_evenly


class ChannelShuffle(Free):
    """Reads the channels as a table of ``groups`` rows, and takes them column by column."""

    elsewhere: ClassVar[tuple[str, ...]] = ("shuffle",)
    label: ClassVar[str] = "ChannelShuffle"
    bare: ClassVar[tuple[str, ...]] = ("groups",)

    groups = count()

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield needs_map(self, x)
        yield from split_evenly(self.groups, input=x.channels)

    def infer(self, x: Shape) -> Shape:
        return x

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.ChannelShuffle", {"groups": self.groups}),)
