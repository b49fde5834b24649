"""Layer normalisation (Ba et al. 2016) over the channels, at each position of a map on its own: ``layernorm``.

MetaFormer's (Yu et al. 2022) has no shift: ``layernorm no shift``.
"""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import flag, number
from archspec.op import Call, Free, Shape, Tensor
from archspec.support.sources import beside

SOURCE = beside(__name__)


class LayerNorm(Free):
    """Normalises the channels of each position, then scales and shifts each; ConvNeXt's for maps."""

    drawn_as: ClassVar[str] = "norm"
    normalises: ClassVar[bool] = True
    elsewhere: ClassVar[tuple[str, ...]] = ("ln", "layer-normalization", "layer-normalisation")
    label: ClassVar[str] = "LN"
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})

    eps = number(1e-5, least=1e-12)
    affine = flag(True)
    shift = flag(True)

    def infer(self, x: Shape) -> Shape:
        return x

    def weights(self, x: Shape) -> dict[str, Tensor]:
        names = [*["weight"] * self.affine, *["bias"] * (self.affine and self.shift)]
        return dict.fromkeys(names, (x.channels,))

    def torch(self, x: Shape) -> tuple[Call, ...]:
        args = {"normalized_shape": x.channels}
        options = {"eps": self.eps, "elementwise_affine": self.affine, "bias": self.shift}
        defaults = {"eps": 1e-5, "elementwise_affine": True, "bias": True}
        if not x.is_map:
            return (Call("nn.LayerNorm", args, options, defaults, resets=True),)
        module = SOURCE.definition("LayerNorm2d")
        return (Call("LayerNorm2d", args, options, defaults, module, base="nn.LayerNorm", resets=True),)
