"""First weights: ``normal 0.01, bias=0``, ``he fan-out``, ``xavier``, ``zero last norm``, ``from A, conv=4, fc=3``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import count, number, optional, word
from archspec.recipe.facts import Facts
from archspec.recipe.part import Contradiction, Line, Part, Parts, plain, positive, several, text


class Init(Part):
    """How weights start. Norms start as the identity."""

    setting: ClassVar[str] = "init"

    def statements(self, facts: Facts) -> tuple[Line, ...]:
        """What it does to the network, by the name that facts have for it."""
        return ()

    def constants(self) -> dict[str, object]:
        """What the program has to know of it by name."""
        return {}


class Weights(Init, ABC):
    """How the weights of convolutions and fully connected layers are drawn; their biases are a constant."""

    bias = number(0.0)

    @abstractmethod
    def draw(self, facts: Facts) -> tuple[str, ...]:
        """The statements that draw the weights of a ``module``."""

    def statements(self, facts: Facts) -> tuple[Line, ...]:
        return (
            Line(f"for module in {facts.model}.modules():"),
            Line(f"    if {_is_drawn(facts)}:"),
            *(Line(f"        {text}") for text in self.draw(facts)),
            Line("        if module.bias is not None:"),
            Line(f"            {_constant('module.bias', self.bias)}"),
        )

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        if any(isinstance(part, Weights) for part in parts["init"][:place]):
            yield Contradiction("the weights are drawn in two ways", help="leave one of them out")


class Normal(Weights):
    """From a normal distribution around 0."""

    forms: ClassVar[tuple[str, ...]] = ("normal {deviation}",)

    deviation = positive()

    def draw(self, facts: Facts) -> tuple[str, ...]:
        return (f"nn.init.normal_(module.weight, std={plain(self.deviation)})",)


class Xavier(Weights):
    """Variance 2 / (fan-in + fan-out): Glorot and Bengio 2010."""

    forms: ClassVar[tuple[str, ...]] = ("xavier {distribution}", "xavier")

    distribution = word("uniform", "normal")

    def draw(self, facts: Facts) -> tuple[str, ...]:
        return _by_fan(f"nn.init.xavier_{self.distribution}_(", ")", facts.grouped)


class He(Weights):
    """Normal with variance 2 / fan: He et al. 2015, arXiv:1502.01852."""

    forms: ClassVar[tuple[str, ...]] = ("he {fan}", "he")

    fan = word("fan-in", "fan-out")

    def draw(self, facts: Facts) -> tuple[str, ...]:
        outwards = self.fan != self.arguments["fan"].default
        options = ', mode="fan_out", nonlinearity="relu")' if outwards else ', nonlinearity="relu")'
        return _by_fan("nn.init.kaiming_normal_(", options, facts.grouped and outwards)


def _is_drawn(facts: Facts) -> str:
    """Whether a ``module`` has weights that are drawn, as code."""
    return f"isinstance(module, {' | '.join(facts.drawn)})"


def _by_fan(before: str, after: str, grouped: bool) -> tuple[str, ...]:
    """A call for the weights, or for those of each group: torch counts the outputs of all groups as one fan."""
    if not grouped:
        return (f"{before}module.weight{after}",)
    return (
        "groups = module.groups if isinstance(module, nn.Conv2d) else 1",
        "for weight in module.weight.detach().chunk(groups):  # a group's fans",
        f"    {before}weight{after}",
    )


def _constant(what: str, value: float) -> str:
    """A call that fills a tensor."""
    known = {0: "zeros", 1: "ones"}
    return f"nn.init.{known[int(value)]}_({what})" if value in known else f"nn.init.constant_({what}, {plain(value)})"


class BiasIn(Init):
    """Another constant for the biases of some rows: ``bias 1 in conv2, conv4``."""

    forms: ClassVar[tuple[str, ...]] = ("bias {bias} in {rows...}",)

    bias = number()
    rows = several(text())

    def statements(self, facts: Facts) -> tuple[Line, ...]:
        names = [attribute for row in self.rows for attribute in facts.rows[row]]
        return (
            Line("names = ", names),
            Line(f"for module in [m for n in names for m in {facts.model}.get_submodule(n).modules()]:"),
            Line(f"    if {_is_drawn(facts)} and module.bias is not None:"),
            Line(f"        {_constant('module.bias', self.bias)}"),
        )

    def misfits(self, facts: Facts) -> Iterator[Contradiction]:
        for row in self.rows:
            if row not in facts.rows or row not in facts.biased:
                yield Contradiction(f"row `{row}` has no layer with a bias")


class ZeroLastNorm(Init):
    """The last norm of each residual branch starts with scale 0, so that blocks start as their shortcuts.

    Goyal et al. 2017, arXiv:1706.02677.
    """

    forms: ClassVar[tuple[str, ...]] = ("zero last norm",)

    def statements(self, facts: Facts) -> tuple[Line, ...]:
        return (
            Line(f"for module in {facts.model}.modules():"),
            *(
                line
                for block, branch in facts.branches
                for line in (
                    Line(f"    if isinstance(module, {block}):"),
                    Line(f"        layers = module.{branch}.modules()"),
                    Line(f"        norms = [m for m in layers if isinstance(m, {' | '.join(facts.norms)})]"),
                    Line("        nn.init.zeros_(norms[-1].weight)"),
                )
            ),
        )

    def misfits(self, facts: Facts) -> Iterator[Contradiction]:
        if not facts.branches:
            yield Contradiction("the network has no residual branch that ends with a norm")


class From(Init):
    """Layers from a trained shallower variant, row by row; all, or its first ``conv`` and last ``fc``."""

    forms: ClassVar[tuple[str, ...]] = ("from {variant}",)

    variant = text()
    conv = optional(count())
    fc = optional(count())

    def constants(self) -> dict[str, object]:
        return {"INIT_FROM": self.variant, "INIT_CONV": self.conv, "INIT_FC": self.fc}
