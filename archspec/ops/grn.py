"""Global response normalisation (Woo et al. 2023, ConvNeXt V2): ``grn``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import number
from archspec.op import Call, Free, Requirement, Shape, Tensor, needs_map
from archspec.support.sources import beside

SOURCE = beside(__name__)


class GRN(Free):
    """Scales each channel by its length over all positions, as a share of the mean one; adds what enters.

    The learned scale and shift of what is added to the input start at 0.
    """

    drawn_as: ClassVar[str] = "norm"
    normalises: ClassVar[bool] = True
    elsewhere: ClassVar[tuple[str, ...]] = ("global-response-norm", "global-response-normalization")
    label: ClassVar[str] = "GRN"
    keeps: ClassVar[frozenset[str]] = frozenset({"input", "mask"})

    eps = number(1e-6, least=1e-12)

    @property
    def scales(self) -> bool:
        return False  # with a scale of 0 it gives what enters

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield needs_map(self, x)

    def infer(self, x: Shape) -> Shape:
        return x

    def masks(self, y: Shape, x: Shape) -> int:
        return y.size + 2 * x.channels + 1

    def weights(self, x: Shape) -> dict[str, Tensor]:
        return {"weight": (x.channels,), "bias": (x.channels,)}

    def torch(self, x: Shape) -> tuple[Call, ...]:
        module = SOURCE.definition("GRN")
        return (Call("GRN", {"channels": x.channels}, {"eps": self.eps}, {"eps": 1e-6}, module, resets=True),)
