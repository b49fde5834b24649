"""Optimizers: ``sgd, momentum=0.9, weight_decay=5e-4``; ``no bias decay``, ``bias_lr=2``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

from archspec.arguments import flag, number
from archspec.op import Call
from archspec.recipe.part import Contradiction, Part, Parts, below_one, positive
from archspec.support.sources import beside

SOURCE = beside(__name__)


class Optimizer(Part, ABC):
    """What every optimizer has: weight decay, and the weights that it leaves out."""

    setting: ClassVar[str] = "optimizer"
    remark: ClassVar[str] = ""
    """What the reader of emitted code has to know of torch's."""
    fuses: ClassVar[bool] = True
    """Whether torch has a fused implementation."""
    spared: ClassVar[dict[str, Any]] = {"weight_decay": 0.0}
    """The options of the weights that weight decay leaves out."""

    weight_decay = number(0.0, least=0)
    no_bias_decay = flag(False)
    no_norm_decay = flag(False)
    no_depthwise_decay = flag(False)
    bias_lr = positive(1.0)
    """What the learning rate of biases is multiplied by: 2 where a model of Caffe has ``lr_mult: 2``."""

    @abstractmethod
    def torch(self) -> Call:
        """The optimizer without its parameters and its learning rate."""


def optimizer_of(parts: Parts) -> Optimizer:
    """The optimizer of a recipe, which has one."""
    return next(part for part in parts["optimizer"] if isinstance(part, Optimizer))


class Sgd(Optimizer):
    """Stochastic gradient descent. Weight decay is added to the gradient: an L2 penalty of half of it."""

    forms: ClassVar[tuple[str, ...]] = ("sgd",)

    momentum = number(0.0, least=0, most=1)
    nesterov = flag(False)

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        if self.nesterov and self.momentum == 0:
            yield Contradiction("nesterov says how momentum works, and there is none", help="give a momentum")

    def torch(self) -> Call:
        options = {"momentum": self.momentum, "weight_decay": self.weight_decay, "nesterov": self.nesterov}
        return Call("torch.optim.SGD", {}, options, {"momentum": 0.0, "weight_decay": 0.0, "nesterov": False})


class Adam(Optimizer):
    """Kingma and Ba 2015, arXiv:1412.6980. Weight decay is added to the gradient."""

    forms: ClassVar[tuple[str, ...]] = ("adam",)
    target: ClassVar[str] = "torch.optim.Adam"

    beta1 = below_one(0.9)
    beta2 = below_one(0.999)
    eps = positive(1e-8)

    def torch(self) -> Call:
        options = {"betas": (self.beta1, self.beta2), "eps": self.eps, "weight_decay": self.weight_decay}
        return Call(self.target, {}, options, {"betas": (0.9, 0.999), "eps": 1e-8})


class Adamw(Adam):
    """Adam with decoupled weight decay: Loshchilov and Hutter 2019, arXiv:1711.05101."""

    forms: ClassVar[tuple[str, ...]] = ("adamw",)
    target: ClassVar[str] = "torch.optim.AdamW"


class Rmsprop(Optimizer):
    """Tieleman and Hinton 2012, with the decay of the mean square and momentum; ``eps`` stands outside the root."""

    forms: ClassVar[tuple[str, ...]] = ("rmsprop",)
    remark: ClassVar[str] = (
        "torch divides by the root of the mean square plus eps; TensorFlow, in which papers "
        "with this optimizer were trained, has eps under the root and the mean square start at 1."
    )
    fuses: ClassVar[bool] = False

    decay = number(0.99, least=0, most=1)
    momentum = number(0.0, least=0, most=1)
    eps = positive(1e-8)

    def torch(self) -> Call:
        options = {"alpha": self.decay, "eps": self.eps, "momentum": self.momentum, "weight_decay": self.weight_decay}
        defaults = {"alpha": 0.99, "eps": 1e-8, "momentum": 0.0, "weight_decay": 0.0}
        return Call("torch.optim.RMSprop", {}, options, defaults)


class Lars(Optimizer):
    """Layer-wise adaptive rates for large batches: You et al. 2017, arXiv:1708.03888.

    What weight decay leaves out has the plain rate.
    """

    forms: ClassVar[tuple[str, ...]] = ("lars",)
    fuses: ClassVar[bool] = False
    spared: ClassVar[dict[str, Any]] = {"weight_decay": 0.0, "adapt": False}

    momentum = number(0.9, least=0, most=1)
    trust = positive(0.001)

    def torch(self) -> Call:
        options = {"momentum": self.momentum, "weight_decay": self.weight_decay, "trust": self.trust}
        defaults = {"momentum": 0.9, "weight_decay": 0.0, "trust": 0.001}
        return Call("LARS", {}, options, defaults, SOURCE.definition("LARS"))
