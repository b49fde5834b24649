"""Parametric rectified linear unit (He et al. 2015, equation 1): ``prelu``, ``prelu shared``."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import flag, number
from archspec.op import Activation, Call, Shape, Tensor


class PReLU(Activation):
    """x where positive, a learned slope times x elsewhere: one slope a channel, or one in all if ``shared``."""

    elsewhere: ClassVar[tuple[str, ...]] = ("parametric-relu",)
    in_place: ClassVar[bool] = False
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})
    bare: ClassVar[tuple[str, ...]] = ("init",)
    passes_zero: ClassVar[bool] = True

    shared = flag(False)
    init = number(0.25)

    def weights(self, x: Shape) -> dict[str, Tensor]:
        return {"weight": (1 if self.shared else x.channels,)}

    def torch(self, x: Shape) -> tuple[Call, ...]:
        slopes = 1 if self.shared else x.channels
        return (
            Call(
                "nn.PReLU",
                options={"num_parameters": slopes, "init": self.init},
                defaults={"num_parameters": 1, "init": 0.25},
                resets=True,
            ),
        )
