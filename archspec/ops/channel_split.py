"""One of equal slices of the channels (Ma et al. 2018, ShuffleNet V2, section 3.2): ``channel-split 1, 2``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from archspec.arguments import count
from archspec.expressions.numeric import quotient
from archspec.op import Call, Free, Refused, Requirement, Shape
from archspec.support.sources import beside

SOURCE = beside(__name__)


class ChannelSplit(Free):
    """The ``part``-th, counted from 1, ``of`` so many slices: a view of its input."""

    elsewhere: ClassVar[tuple[str, ...]] = ("split", "chunk", "slice")
    label: ClassVar[str] = "ChannelSplit"
    bare: ClassVar[tuple[str, ...]] = ("part", "of")
    fixed: ClassVar[frozenset[str]] = frozenset({"part", "of"})
    in_place: ClassVar[bool] = True

    part = count()
    of = count()

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield Requirement(
            self.part <= self.of, lambda: Refused(f"there is no part {self.part} of {self.of}", param="part")
        )
        yield Requirement(
            x.channels % self.of == 0,
            lambda: Refused(
                f"{x.channels} channels do not split into {self.of} equal parts",
                param="of",
                why=f"{x.channels} = {self.of}*{x.channels // self.of} + {x.channels % self.of}",
            ),
        )

    def infer(self, x: Shape) -> Shape:
        return x._replace(channels=quotient(x.channels, self.of))

    def function(self, x: str, values: Mapping[str, Any]) -> str | None:
        part, of = values["part"], values["of"]
        return f"{x}.chunk({of}, dim=1)[{part - 1 if isinstance(part, int) else f'{part} - 1'}]"

    def share(self, values: Mapping[str, Any]) -> tuple[Any, Any] | None:
        return values["part"], values["of"]

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("ChannelSplit", {"part": self.part, "of": self.of}, module=SOURCE.definition("ChannelSplit")),)
