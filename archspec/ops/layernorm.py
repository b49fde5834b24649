"""Layer normalisation (Ba et al. 2016) over the channels, at each position of a map on its own: ``layernorm``."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import flag, number
from archspec.op import Call, Free, Shape, Tensor

MODULE = '''
class LayerNorm2d(nn.LayerNorm):
    """Layer normalisation over the channels of each position."""

    def forward(self, input: Tensor) -> Tensor:
        x = nn.functional.layer_norm(
            input.permute(0, 2, 3, 1),
            self.normalized_shape,
            self.weight,
            self.bias,
            self.eps,
        )
        return x.permute(0, 3, 1, 2)
'''


class LayerNorm(Free):
    """Normalises the channels of each position, then scales and shifts each; ConvNeXt's for maps."""

    normalises: ClassVar[bool] = True
    elsewhere: ClassVar[tuple[str, ...]] = ("ln", "layer-normalization", "layer-normalisation")
    label: ClassVar[str] = "LN"
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})

    eps = number(1e-5, least=1e-12)
    affine = flag(True)

    def infer(self, x: Shape) -> Shape:
        return x

    def weights(self, x: Shape) -> dict[str, Tensor]:
        return {"weight": (x.channels,), "bias": (x.channels,)} if self.affine else {}

    def torch(self, x: Shape) -> tuple[Call, ...]:
        target, module, base = ("LayerNorm2d", MODULE, "nn.LayerNorm") if x.is_map else ("nn.LayerNorm", None, "")
        options = {"eps": self.eps, "elementwise_affine": self.affine}
        defaults = {"eps": 1e-5, "elementwise_affine": True}
        return (Call(target, {"normalized_shape": x.channels}, options, defaults, module, base=base),)
