"""Fully connected layer: ``fc 4096``, ``FC-4096``. A map is flattened first, as every paper silently does."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import count
from archspec.op import Call, Fans, Shape, Tensor, Weighted, Window


class FC(Weighted):
    """Each of ``units`` outputs sees every element of the input."""

    drawn_as: ClassVar[str] = "fc"
    flattens: ClassVar[bool] = True
    called: ClassVar[tuple[str, ...] | None] = ("", "units", "bias")
    printed_as: ClassVar[tuple[str, ...]] = ("fully connected", "fully connected layer", "linear")
    elsewhere: ClassVar[tuple[str, ...]] = ("dense", "affine", "inner-product", "full", "full-connection", "connected")
    label: ClassVar[str] = "FC"
    bare: ClassVar[tuple[str, ...]] = ("units",)
    makes: ClassVar[str | None] = "units"
    short: ClassVar[tuple[str, ...]] = ("units",)
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})

    units = count()

    def infer(self, x: Shape) -> Shape:
        return Shape(self.units)

    def weights(self, x: Shape) -> dict[str, Tensor]:
        return {"weight": (self.units, x.size)} | ({"bias": (self.units,)} if self.bias else {})

    def macs(self, y: Shape, x: Shape) -> int:
        return x.size * self.units

    def filters(self, x: Shape) -> str:
        return f"{x.size}x{self.units}"

    def window(self, x: Shape) -> Window:
        return Window(x.extent if x.is_map else (1, 1))

    def torch(self, x: Shape) -> tuple[Call, ...]:
        linear = Call(
            "nn.Linear",
            {"in_features": x.size, "out_features": self.units},
            {"bias": self.bias},
            {"bias": True},
            fans=Fans.RIGHT,
        )
        return (Call("nn.Flatten"), linear) if x.is_map else (linear,)
