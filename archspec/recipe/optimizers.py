"""Optimizers: ``sgd, momentum=0.9, weight_decay=5e-4``; what weight decay leaves out: ``no bias decay``."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import flag, number
from archspec.recipe.part import Part, positive


class Optimizer(Part):
    """What every optimizer has: weight decay, and the weights that it leaves out."""

    setting: ClassVar[str] = "optimizer"

    weight_decay = number(0.0, least=0)
    no_bias_decay = flag(False)
    no_norm_decay = flag(False)
    no_depthwise_decay = flag(False)


class Sgd(Optimizer):
    """Stochastic gradient descent. Weight decay is added to the gradient: an L2 penalty of half of it."""

    forms: ClassVar[tuple[str, ...]] = ("sgd",)

    momentum = number(0.0, least=0, most=1)
    nesterov = flag(False)


class Adam(Optimizer):
    """Kingma and Ba 2015, arXiv:1412.6980."""

    forms: ClassVar[tuple[str, ...]] = ("adam",)

    beta1 = number(0.9, least=0, most=1)
    beta2 = number(0.999, least=0, most=1)
    eps = positive(1e-8)


class Adamw(Adam):
    """Adam with decoupled weight decay: Loshchilov and Hutter 2019, arXiv:1711.05101."""

    forms: ClassVar[tuple[str, ...]] = ("adamw",)


class Rmsprop(Optimizer):
    """Tieleman and Hinton 2012, with the decay of the mean square and momentum."""

    forms: ClassVar[tuple[str, ...]] = ("rmsprop",)

    decay = number(0.99, least=0, most=1)
    momentum = number(0.0, least=0, most=1)
    eps = positive(1e-8)


class Lars(Optimizer):
    """Layer-wise adaptive rates for large batches: You et al. 2017, arXiv:1708.03888."""

    forms: ClassVar[tuple[str, ...]] = ("lars",)

    momentum = number(0.9, least=0, most=1)
    trust = positive(0.001)
