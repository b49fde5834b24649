"""Channel shuffle (Zhang et al. 2018, ShuffleNet, section 3.1): ``channel-shuffle 3``."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import count
from archspec.op import Call, Free, Shape, need_map
from archspec.ops._sliding import refuse_groups


class ChannelShuffle(Free):
    """Reads the channels as a table of ``groups`` rows, and takes them column by column."""

    elsewhere: ClassVar[tuple[str, ...]] = ("shuffle",)
    label: ClassVar[str] = "ChannelShuffle"
    bare: ClassVar[tuple[str, ...]] = ("groups",)

    groups = count()

    def infer(self, x: Shape) -> Shape:
        need_map(self, x)
        refuse_groups(self.groups, input=x.channels)
        return x

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.ChannelShuffle", {"groups": self.groups}),)
