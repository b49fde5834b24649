"""Local response normalisation (Krizhevsky et al. 2012, section 3.3): ``lrn n=5, k=2, alpha=1e-4, beta=0.75``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import count, number
from archspec.expressions.numeric import rounded
from archspec.op import Call, Free, Refused, Requirement, Shape


class LRN(Free):
    """``b = a / (k + alpha * sum over n adjacent maps of a^2) ^ beta``, with the paper's values as defaults.

    torch (and Caffe) divide alpha by n, so the emitted ``alpha`` is n times the paper's.
    """

    drawn_as: ClassVar[str] = "norm"
    printed_as: ClassVar[tuple[str, ...]] = (
        "contrast norm",
        "contrast normalization",
        "local response norm",
        "local response normalization",
        "response norm",
    )
    elsewhere: ClassVar[tuple[str, ...]] = ("norm1",)
    bare: ClassVar[tuple[str, ...]] = ("n",)
    keeps: ClassVar[frozenset[str]] = frozenset({"input", "mask"})
    fixed: ClassVar[frozenset[str]] = frozenset({"n", "alpha"})

    n = count(5)
    k = number(2.0)
    alpha = number(1e-4)
    beta = number(0.75)

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield Requirement(x.is_map, lambda: Refused("`lrn` normalises over adjacent maps, and its input is a vector"))

    def infer(self, x: Shape) -> Shape:
        return x

    def masks(self, y: Shape, x: Shape) -> int:
        # The squares of the maps, beside one another with n - 1 empty ones around them, and two results of their sums.
        height, width = x.extent
        return 2 * y.size + (x.channels + self.n - 1) * height * width

    def torch(self, x: Shape) -> tuple[Call, ...]:
        options = {"alpha": rounded(self.n * self.alpha), "beta": self.beta, "k": self.k}
        return (Call("nn.LocalResponseNorm", {"size": self.n}, options, {"alpha": 1e-4, "beta": 0.75, "k": 1.0}),)
