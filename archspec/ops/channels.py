"""Some of the channels, one after the other: ``channels 1..16``, ``channels c + 1..in``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from archspec.arguments import count
from archspec.op import Call, Free, Refused, Requirement, Shape
from archspec.support.sources import beside

SOURCE = beside(__name__)


class Channels(Free):
    """The channels ``first`` to ``last``, counted from 1 and both included: a view of its input."""

    elsewhere: ClassVar[tuple[str, ...]] = ("channel-slice", "slice-channels", "narrow")
    label: ClassVar[str] = "Channels"
    bare: ClassVar[tuple[str, ...]] = ("first", "last")
    ranged: ClassVar[tuple[str, str] | None] = ("first", "last")
    in_place: ClassVar[bool] = True

    first = count()
    last = count()

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield Requirement(
            self.first <= self.last,
            lambda: Refused(
                f"channels {self.first}..{self.last} are none: the first comes after the last", param="first"
            ),
        )
        yield Requirement(
            self.last <= x.channels,
            lambda: Refused(f"there is no channel {self.last} of {x.channels}", param="last"),
        )

    def infer(self, x: Shape) -> Shape:
        return x._replace(channels=self.last - self.first + 1)

    def function(self, x: str, values: Mapping[str, Any]) -> str | None:
        first, last = values["first"], values["last"]
        start = first - 1 if isinstance(first, int) else f"{first} - 1"
        if isinstance(first, int) and isinstance(last, int):
            return f"{x}[:, {start or ''}:{last}]"
        return f"{x}[:, {f'{start} ' if start else ''}: {last}]"  # as formatters space what is no number

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("Channels", {"first": self.first, "last": self.last}, module=SOURCE.definition("Channels")),)
