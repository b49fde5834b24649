"""Soft-max over the channels: ``softmax``, ``soft-max``, ``softmax 1000``, ``1000-way softmax``.

Papers print the number of classes beside it, which is that of the channels that enter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import count, optional
from archspec.op import Call, Elementwise, Refused, Requirement, Shape


class Softmax(Elementwise):
    """exp(x_i) / sum over j of exp(x_j). Standing last it belongs to the loss, and ``predict`` applies it."""

    drawn_as: ClassVar[str] = "activation"
    called: ClassVar[tuple[str, ...] | None] = ("",)
    keeps: ClassVar[frozenset[str]] = frozenset({"output"})
    part_of_loss: ClassVar[bool] = True
    filters_as: ClassVar[str] = "classifier"
    bare: ClassVar[tuple[str, ...]] = ("channels",)
    makes: ClassVar[str | None] = "channels"
    restates: ClassVar[frozenset[str]] = frozenset({"channels"})
    short: ClassVar[tuple[str, ...]] = ("channels",)

    channels = optional(count())

    def requires(self, x: Shape) -> Iterator[Requirement]:
        if self.channels is not None:
            yield Requirement(self.channels == x.channels, lambda: self._other_channels(x))

    def filters(self, x: Shape) -> str:
        return self.filters_as

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.Softmax", options={"dim": 1}),)

    def _other_channels(self, x: Shape) -> Refused:
        return Refused(
            f"expected {self.channels} channels, got {x.channels}",
            param="channels",
            help=f"write `fc {self.channels}; softmax` if this layer has weights, or `softmax` alone",
        )
