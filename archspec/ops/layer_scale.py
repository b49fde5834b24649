"""A learned factor for each channel (Touvron et al. 2021, CaiT, LayerScale): ``layer-scale``, ``layer-scale 1e-5``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import number
from archspec.op import Call, Free, Requirement, Shape, Tensor, needs_map
from archspec.support.sources import beside

SOURCE = beside(__name__)


class LayerScale(Free):
    """Multiplies each channel by a parameter. They start at ``init``, which is next to nothing."""

    elsewhere: ClassVar[tuple[str, ...]] = ("channel-scale",)
    label: ClassVar[str] = "LayerScale"
    bare: ClassVar[tuple[str, ...]] = ("init",)
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})
    passes_zero: ClassVar[bool] = True

    init = number(1e-6)

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield needs_map(self, x)

    def infer(self, x: Shape) -> Shape:
        return x

    def weights(self, x: Shape) -> dict[str, Tensor]:
        return {"weight": (x.channels,)}

    def torch(self, x: Shape) -> tuple[Call, ...]:
        module = SOURCE.definition("LayerScale")
        return (Call("LayerScale", {"channels": x.channels}, {"init": self.init}, {"init": 1e-6}, module, resets=True),)
