"""LeNet-5's output layer (LeCun et al. 1998, equation 7): ``rbf 10``, Euclidean distances to fixed codes."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import count
from archspec.op import Call, Free, Shape, Tensor, Window
from archspec.support.sources import beside

SOURCE = beside(__name__)


class RBF(Free):
    """``units`` codes, drawn at random as section II.B allows and not trained; one connection for each input.

    The sign is turned, so that the largest output wins, as losses of today expect.
    """

    drawn_as: ClassVar[str] = "fc"
    bare: ClassVar[tuple[str, ...]] = ("units",)
    makes: ClassVar[str | None] = "units"
    short: ClassVar[tuple[str, ...]] = ("units",)

    keeps: ClassVar[frozenset[str]] = frozenset({"mask"})

    units = count()

    def infer(self, x: Shape) -> Shape:
        return Shape(self.units)

    def buffers(self, x: Shape) -> dict[str, Tensor]:
        return {"codes": (self.units, x.size)}

    def masks(self, y: Shape, x: Shape) -> int:
        return x.size * self.units  # the differences

    def connections(self, y: Shape, x: Shape) -> int:
        return x.size * self.units

    def window(self, x: Shape) -> Window:
        return Window(x.extent if x.is_map else (1, 1))

    def torch(self, x: Shape) -> tuple[Call, ...]:
        module = SOURCE.definition("EuclideanRBF")
        distances = Call("EuclideanRBF", {"in_features": x.size, "units": self.units}, module=module, resets=True)
        return (Call("nn.Flatten"), distances) if x.is_map else (distances,)
