"""Soft-max over the channels: ``softmax``, ``soft-max``."""

from __future__ import annotations

from typing import ClassVar

from archspec.op import Call, Elementwise, Shape


class Softmax(Elementwise):
    """exp(x_i) / sum over j of exp(x_j). Standing last it belongs to the loss, and ``predict`` applies it."""

    keeps: ClassVar[frozenset[str]] = frozenset({"output"})
    part_of_loss: ClassVar[bool] = True

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.Softmax", options={"dim": 1}),)
