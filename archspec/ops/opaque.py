"""A step whose layer archspec does not know: ``opaque "blocks.0.attn"``, ``opaque "stem", 14x14, 768, params=1234``."""

from __future__ import annotations

from typing import Any, ClassVar

from archspec.arguments import count, extent, optional, text
from archspec.op import Call, Given, Op, Shape
from archspec.support.bound import AtLeast
from archspec.support.sources import beside

SOURCE = beside(__name__)
MODULES = Given(
    "opaque",
    "Mapping[str, nn.Module | Sequence[nn.Module]] | None",
    "from collections.abc import Mapping, Sequence",
    "the modules of opaque layers, by their names or their paths",
)


class Opaque(Op):
    """A layer by its name alone, with the shape that it gives: its input's, H x W x C, or a vector of ``channels``.

    Emitted code takes the module from its caller.
    """

    label: ClassVar[str] = "Opaque"
    texted: ClassVar[str | None] = "name"
    sized: ClassVar[str | None] = "size"
    bare: ClassVar[tuple[str, ...]] = ("channels",)
    fixed: ClassVar[frozenset[str]] = frozenset({"size"})
    known: ClassVar[bool] = False
    given: ClassVar[Given | None] = MODULES

    name = text("a text in quotes that names the layer")
    size = optional(extent())
    channels = optional(count())
    params = optional(count(least=0))

    def infer(self, x: Shape) -> Shape:
        if self.size is not None:
            return Shape(x.channels if self.channels is None else self.channels, *self.size)
        return x if self.channels is None else Shape(self.channels)

    def macs(self, y: Shape, *args: Any, **kwargs: Any) -> int:
        return AtLeast(0)

    def untold(self, x: Shape) -> int:
        return AtLeast(0) if self.params is None else self.params

    def torch(self, x: Shape) -> tuple[Call, ...]:
        module = SOURCE.definition("Opaque")
        closing = SOURCE.statements("closing")
        return (Call("Opaque", {"name": self.name}, module=module, closing=closing, given=MODULES),)
