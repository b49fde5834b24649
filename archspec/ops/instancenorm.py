"""Instance normalisation (Ulyanov et al. 2016, equation 5): ``instancenorm``, and scaled: ``instancenorm affine``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import flag, number
from archspec.op import Call, Free, Refused, Requirement, Shape, Tensor, needs_map


class InstanceNorm(Free):
    """Normalises each channel of each image over its positions; the paper's formula has neither scale nor shift."""

    drawn_as: ClassVar[str] = "norm"
    normalises: ClassVar[bool] = True
    centres: ClassVar[bool] = True
    elsewhere: ClassVar[tuple[str, ...]] = ("instance-normalization", "instance-normalisation")
    label: ClassVar[str] = "IN"
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})

    eps = number(1e-5, least=1e-12)
    affine = flag(False)

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield needs_map(self, x)
        height, width = x.extent
        yield Requirement(
            height * width != 1,
            lambda: Refused("`instancenorm` normalises over positions, and its input has one"),
        )

    def infer(self, x: Shape) -> Shape:
        return x

    def weights(self, x: Shape) -> dict[str, Tensor]:
        return {"weight": (x.channels,), "bias": (x.channels,)} if self.affine else {}

    def torch(self, x: Shape) -> tuple[Call, ...]:
        options, defaults = {"eps": self.eps, "affine": self.affine}, {"eps": 1e-5, "affine": False}
        return (Call("nn.InstanceNorm2d", {"num_features": x.channels}, options, defaults, resets=True),)
