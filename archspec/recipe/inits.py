"""First weights: ``normal 0.01, bias=0``, ``he fan-out``, ``xavier``, ``zero last norm``, ``from A, conv=4, fc=3``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar

from archspec.arguments import count, number, optional, word
from archspec.op import Call
from archspec.recipe.facts import Facts, Residual
from archspec.recipe.part import Code, Contradiction, Line, Part, Parts, plain, positive, several, text


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
        names = [attribute for row in self.rows for attribute in facts.rows.get(row, ())]
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
    asks_code: ClassVar[bool] = True

    def statements(self, facts: Facts) -> tuple[Line, ...]:
        if not (facts.branches and facts.scaled):
            return ()
        checks = any(branch.varies for branch in facts.branches) or {*facts.scaled} & {*facts.unscaled}
        also = " and last.weight is not None" if checks else ""
        return (
            *_excepted(facts.branches),
            Line("branches: list[nn.Module] = []"),
            Line(f"for module in {facts.model}.modules():"),
            *(line for branch in facts.branches for line in _noted(branch)),
            Line("for last in branches:"),
            Line("    while isinstance(last, nn.Sequential):"),
            *_last(facts.branches),
            Line(f"    if isinstance(last, {' | '.join(facts.scaled)}){also}:"),
            Line("        nn.init.zeros_(last.weight)"),
        )

    def misfits(self, facts: Facts) -> Iterator[Contradiction]:
        if not (facts.branches and facts.scaled):
            message = "the network has no residual branch that ends with a norm"
            yield Contradiction(message, why="a norm with a scale has to be the last layer of a branch that is added")


def _noted(branch: Residual) -> Iterator[Line]:
    """Statements that note the branch of a ``module``."""
    yield Line(f"    if isinstance(module, {branch.block}):")
    yield Line(f"        branches.append(module.{branch.branch})")


def _excepted(branches: Sequence[Residual]) -> Iterator[Line]:
    """A name for the classes of layers that pass zeros on, if any are behind a norm."""
    first, *others = [*dict.fromkeys(name for branch in branches for name in branch.passed)] or [""]
    if others:
        yield Line("passed = ", Call("", {name: Code(name) for name in (first, *others)}))
    elif first:
        yield Line(f"passed = {first}")


def _last(branches: Sequence[Residual]) -> Iterator[Line]:
    """Statements that go on to the last of the layers in ``last``, those apart that pass zeros on."""
    bare = any(branch.bare for branch in branches)
    if any(branch.passed for branch in branches):
        yield Line("        kept = [m for m in last if not isinstance(m, passed)]")
        yield Line("        last = kept[-1] if kept else nn.Identity()" if bare else "        last = kept[-1]")
    else:
        yield Line(f"        last = last[-1]{' if len(last) else nn.Identity()' if bare else ''}")


class From(Init):
    """Layers from a trained shallower variant, row by row; all, or its first ``conv`` and last ``fc``."""

    forms: ClassVar[tuple[str, ...]] = ("from {variant}",)

    variant = text()
    conv = optional(count())
    fc = optional(count())

    def constants(self) -> dict[str, object]:
        return {"INIT_FROM": self.variant, "INIT_CONV": self.conv, "INIT_FC": self.fc}
