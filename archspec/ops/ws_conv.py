"""Convolution with weight standardization (Qiao et al. 2019, equations 4 to 6): ``ws-conv 3x3, 64, /2``.

That of networks without normalisation is scaled (Brock et al. 2021, equation 2): ``ws-conv 3x3, 64, scaled``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import count, flag, number
from archspec.op import Call, Refused, Requirement, Shape, Tensor
from archspec.ops._conv import Convolution
from archspec.support.sources import beside

SOURCE = beside(__name__)


class WSConv(Convolution):
    """``conv`` by standardized weights: less the mean of their kernel, over its standard deviation.

    ``scaled`` ones are also over the root of how many they are, times ``gamma`` and a learned gain for each kernel.
    """

    elsewhere: ClassVar[tuple[str, ...]] = ("wsconv2d", "std-conv", "std-conv2d", "weight-standardized-conv")
    label: ClassVar[str] = "WSConv"
    bare: ClassVar[tuple[str, ...]] = ("channels",)
    makes: ClassVar[str | None] = "channels"
    short: ClassVar[tuple[str, ...]] = ("channels", "kernel")

    kernel = Convolution.kernel
    channels = count()
    groups = count(1)
    eps = number(1e-5, least=1e-12)
    scaled = flag(False)
    gamma = number(1.0)

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

        yield Requirement(
            self.scaled or self.gamma == 1,
            lambda: Refused("`gamma` scales the weights of a `scaled` one", param="gamma", help="write `scaled` too"),
        )

    def weights(self, x: Shape) -> dict[str, Tensor]:
        return super().weights(x) | ({"gain": (self.channels, 1, 1, 1)} if self.scaled else {})

    # The standardized weights, which training keeps too, are as large for any number of images: they are not a mask.

    def torch(self, x: Shape) -> tuple[Call, ...]:
        (call,) = super().torch(x)
        name = "ScaledWSConv2d" if self.scaled else "WSConv2d"
        target, module = (f"{name}Same", _same(name, self.scaled)) if call.module else (name, SOURCE.definition(name))
        options, defaults = {**call.options, "eps": self.eps}, {**call.defaults, "eps": 1e-5}
        if self.scaled:
            options, defaults = {**options, "gamma": self.gamma}, {**defaults, "gamma": 1.0}
        call = call._replace(target=target, module=module, options=options, defaults=defaults)
        return (call._replace(base="nn.Conv2d", resets=self.scaled),)


def _same(name: str, scaled: bool) -> str:
    """The module whose padding follows its input: what ``Conv2dSame`` does, by standardized weights."""
    other = beside(Convolution.__module__)
    own = ("__init__", *["reset_parameters"] * scaled, "standardized")
    head, *first, standardized = map(SOURCE.definition, (f"{name}Same", *(f"{name}.{method}" for method in own)))
    convolved, around = map(other.definition, ("Conv2dSame.forward", "Conv2dSame.around"))
    by_these = convolved.replace("self.weight", "self.standardized()")
    return "\n\n".join([head, *first, by_these, standardized, around])
