"""Batch normalisation (Ioffe & Szegedy 2015): ``bn``. Scale and shift are parameters; running statistics are not."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import flag, number
from archspec.op import Call, Free, Shape, Tensor


class BN(Free):
    """Normalises each channel over the batch and all positions, then scales and shifts it."""

    drawn_as: ClassVar[str] = "norm"
    normalises: ClassVar[bool] = True
    centres: ClassVar[bool] = True
    called: ClassVar[tuple[str, ...] | None] = ("", "eps", "momentum", "affine")
    printed_as: ClassVar[tuple[str, ...]] = ("batch norm", "batch normalization")
    elsewhere: ClassVar[tuple[str, ...]] = ("batch-normalisation", "norm")
    eps = number(1e-5, least=1e-12)  # torch refuses to train with 0
    momentum = number(0.1, least=0, most=1)
    affine = flag(True)

    label: ClassVar[str] = "BN"
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})

    def infer(self, x: Shape) -> Shape:
        return x

    def weights(self, x: Shape) -> dict[str, Tensor]:
        return {"weight": (x.channels,), "bias": (x.channels,)} if self.affine else {}

    def buffers(self, x: Shape) -> dict[str, Tensor]:
        return {"running_mean": (x.channels,), "running_var": (x.channels,)}

    def torch(self, x: Shape) -> tuple[Call, ...]:
        target = "nn.BatchNorm2d" if x.is_map else "nn.BatchNorm1d"
        options = {"eps": self.eps, "momentum": self.momentum, "affine": self.affine}
        defaults = {"eps": 1e-5, "momentum": 0.1, "affine": True}
        return (Call(target, {"num_features": x.channels}, options, defaults, resets=True),)
