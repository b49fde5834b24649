"""First weights: ``normal 0.01, bias=0``, ``he fan-out``, ``xavier``, ``zero last norm``, ``from A, conv=4, fc=3``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import count, number, optional, word
from archspec.recipe.part import Contradiction, Part, Parts, positive, several, text


class Init(Part):
    """How weights start. Norms start as the identity."""

    setting: ClassVar[str] = "init"


class Weights(Init):
    """How the weights of convolutions and fully connected layers are drawn; their biases are a constant."""

    bias = number(0.0)

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        if any(isinstance(part, Weights) for part in parts["init"][:place]):
            yield Contradiction("the weights are drawn in two ways", help="leave one of them out")


class Normal(Weights):
    """From a normal distribution around 0."""

    forms: ClassVar[tuple[str, ...]] = ("normal {deviation}",)

    deviation = positive()


class Xavier(Weights):
    """Variance 2 / (fan-in + fan-out): Glorot and Bengio 2010."""

    forms: ClassVar[tuple[str, ...]] = ("xavier {distribution}", "xavier")

    distribution = word("uniform", "normal")


class He(Weights):
    """Normal with variance 2 / fan: He et al. 2015, arXiv:1502.01852."""

    forms: ClassVar[tuple[str, ...]] = ("he {fan}", "he")

    fan = word("fan-in", "fan-out")


class BiasIn(Init):
    """Another constant for the biases of some rows: ``bias 1 in conv2, conv4``."""

    forms: ClassVar[tuple[str, ...]] = ("bias {bias} in {rows...}",)

    bias = number()
    rows = several(text())


class ZeroLastNorm(Init):
    """The last norm of each residual branch starts with scale 0, so that blocks start as their shortcuts.

    Goyal et al. 2017, arXiv:1706.02677.
    """

    forms: ClassVar[tuple[str, ...]] = ("zero last norm",)


class From(Init):
    """Layers from a trained shallower variant, row by row; all, or its first ``conv`` and last ``fc``."""

    forms: ClassVar[tuple[str, ...]] = ("from {variant}",)

    variant = text()
    conv = optional(count())
    fc = optional(count())
