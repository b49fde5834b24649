"""Dropout (Hinton et al. 2012): ``dropout 0.5``."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import number
from archspec.op import Call, Elementwise, Shape


class Dropout(Elementwise):
    """In training each element is zeroed with probability ``p``, and the rest scaled up; nothing at test time."""

    torch_refuses: ClassVar[bool] = True
    called: ClassVar[tuple[str, ...] | None] = ("p", "")
    elsewhere: ClassVar[tuple[str, ...]] = ("drop",)
    keeps: ClassVar[frozenset[str]] = frozenset({"mask"})
    bare: ClassVar[tuple[str, ...]] = ("p",)
    passes_zero: ClassVar[bool] = True

    p = number(0.5, least=0, most=1)

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.Dropout", {"p": self.p}),)
