"""Convolution with weight standardization (Qiao et al. 2019, equations 4 to 6): ``ws-conv 3x3, 64, /2``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import count, number
from archspec.op import Call, Refused, Requirement, Shape
from archspec.ops._conv import Convolution
from archspec.support.sources import beside

SOURCE = beside(__name__)


class WSConv(Convolution):
    """``conv`` by standardized weights: less the mean of their kernel, over its standard deviation."""

    elsewhere: ClassVar[tuple[str, ...]] = ("wsconv2d", "std-conv", "std-conv2d", "weight-standardized-conv")
    label: ClassVar[str] = "WSConv"
    bare: ClassVar[tuple[str, ...]] = ("channels",)
    makes: ClassVar[str | None] = "channels"
    short: ClassVar[tuple[str, ...]] = ("channels", "kernel")

    kernel = Convolution.kernel
    channels = count()
    groups = count(1)
    eps = number(1e-5, least=1e-12)

    def outputs(self, x: Shape) -> int:
        return self.channels

    def splits(self, x: Shape) -> int:
        return self.groups

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield from super().requires(x)
        height, width = self.kernel
        yield Requirement(
            height * width * (x.channels // self.groups) != 1,
            lambda: Refused("`ws-conv` standardizes the weights of each kernel, and here a kernel has one"),
        )

    # The standardized weights, which training keeps too, are as large for any number of images: they are not a mask.

    def torch(self, x: Shape) -> tuple[Call, ...]:
        (call,) = super().torch(x)
        target, module = ("WSConv2dSame", _same()) if call.module else ("WSConv2d", SOURCE.definition("WSConv2d"))
        options, defaults = {**call.options, "eps": self.eps}, {**call.defaults, "eps": 1e-5}
        return (call._replace(target=target, module=module, base="nn.Conv2d", options=options, defaults=defaults),)


def _same() -> str:
    """The module whose padding follows its input: what ``Conv2dSame`` does, by standardized weights."""
    other = beside(Convolution.__module__)
    head, made, standardized = map(SOURCE.definition, ("WSConv2dSame", "WSConv2d.__init__", "WSConv2d.standardized"))
    convolved, around = map(other.definition, ("Conv2dSame.forward", "Conv2dSame.around"))
    return "\n\n".join([head, made, convolved.replace("self.weight", "self.standardized()"), standardized, around])
