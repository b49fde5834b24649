"""Local response normalisation (Krizhevsky et al. 2012, section 3.3): ``lrn n=5, k=2, alpha=1e-4, beta=0.75``."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import count, number
from archspec.op import Call, Free, Refused, Shape


class LRN(Free):
    """``b = a / (k + alpha * sum over n adjacent maps of a^2) ^ beta``, with the paper's values as defaults.

    torch (and Caffe) divide alpha by n, so the emitted ``alpha`` is n times the paper's.
    """

    elsewhere: ClassVar[tuple[str, ...]] = ("local-response-norm", "norm1")
    bare: ClassVar[tuple[str, ...]] = ("n",)
    keeps: ClassVar[frozenset[str]] = frozenset({"input", "mask"})
    fixed: ClassVar[frozenset[str]] = frozenset({"n", "alpha"})

    n = count(5)
    k = number(2.0)
    alpha = number(1e-4)
    beta = number(0.75)

    def infer(self, x: Shape) -> Shape:
        if not x.is_map:
            raise Refused("`lrn` normalises over adjacent maps, and its input is a vector")
        return x

    def masks(self, y: Shape, x: Shape) -> int:
        # The squares of the maps, beside one another with n - 1 empty ones around them, and two results of their sums.
        height, width = x.extent
        return 2 * y.size + (x.channels + self.n - 1) * height * width

    def torch(self, x: Shape) -> tuple[Call, ...]:
        alpha = float(f"{self.n * self.alpha:.12g}")
        options = {"alpha": alpha, "beta": self.beta, "k": self.k}
        return (Call("nn.LocalResponseNorm", {"size": self.n}, options, {"alpha": 1e-4, "beta": 0.75, "k": 1.0}),)
