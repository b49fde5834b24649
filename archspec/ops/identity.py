"""Nothing at all: ``identity``."""

from __future__ import annotations

from typing import ClassVar

from archspec.op import Call, Elementwise, Shape


class Identity(Elementwise):
    """Passes its input on."""

    view: ClassVar[bool] = True
    passes_on: ClassVar[bool] = True
    passes_zero: ClassVar[bool] = True

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.Identity"),)
