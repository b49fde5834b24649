"""L2 normalisation with learned scales (Liu et al. 2015, ParseNet, section 3.3; SSD): ``l2norm``, ``l2norm 10``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import number
from archspec.op import Call, Free, Requirement, Shape, Tensor, needs_map
from archspec.support.sources import beside

SOURCE = beside(__name__)


class L2Norm(Free):
    """Divides the channels of each position by their length, and scales each channel; the scales start at ``init``."""

    drawn_as: ClassVar[str] = "norm"
    normalises: ClassVar[bool] = True
    elsewhere: ClassVar[tuple[str, ...]] = ("l2-normalize", "l2-normalise", "l2-normalization", "normalize")
    label: ClassVar[str] = "L2Norm"
    bare: ClassVar[tuple[str, ...]] = ("init",)
    keeps: ClassVar[frozenset[str]] = frozenset({"input", "mask"})

    init = number(20.0)

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield needs_map(self, x)

    def infer(self, x: Shape) -> Shape:
        return x

    def masks(self, y: Shape, x: Shape) -> int:
        # What is scaled, the length of each position, and the same where it is not next to nothing.
        height, width = x.extent
        return y.size + 2 * height * width

    def weights(self, x: Shape) -> dict[str, Tensor]:
        return {"weight": (x.channels,)}

    def torch(self, x: Shape) -> tuple[Call, ...]:
        module = SOURCE.definition("L2Norm")
        return (Call("L2Norm", {"channels": x.channels}, {"init": self.init}, {"init": 20.0}, module, resets=True),)
