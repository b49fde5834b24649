"""LeNet-5's output layer (LeCun et al. 1998, equation 7): ``rbf 10``, Euclidean distances to fixed codes."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import count
from archspec.op import Call, Free, Shape, Tensor, Window

MODULE = '''
class EuclideanRBF(nn.Module):
    """Minus the squared distance to a fixed code of -1 and +1 for each class."""

    codes: Tensor

    def __init__(self, in_features: int, units: int) -> None:
        super().__init__()
        codes = torch.randint(0, 2, (units, in_features)) * 2.0 - 1.0
        self.register_buffer("codes", codes)

    def forward(self, x: Tensor) -> Tensor:
        return -(x[:, None] - self.codes).square().sum(2)
'''


class RBF(Free):
    """``units`` codes, drawn at random as section II.B allows and not trained; one connection for each input.

    The sign is turned, so that the largest output wins, as losses of today expect.
    """

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
        distances = Call("EuclideanRBF", {"in_features": x.size, "units": self.units}, module=MODULE)
        return (Call("nn.Flatten"), distances) if x.is_map else (distances,)
