"""The torch module of ``layernorm``."""

from __future__ import annotations

from torch import Tensor, nn


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
