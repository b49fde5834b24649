"""First weights: ``normal 0.01, bias=0``, ``he fan-out``, ``xavier``, ``zero last norm``, ``from A, conv=4, fc=3``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, NamedTuple

from archspec.arguments import count, number, optional, word
from archspec.op import Call, Fans
from archspec.recipe.facts import Facts, Residual
from archspec.recipe.part import Code, Contradiction, Line, Part, Parts, plain, positive, several, text

LONGEST = 70
"""Characters of the classes that a branch asks for, where they stand on one line."""
RESET = ("module.reset_parameters()",)


class Branch(NamedTuple):
    """What is done to the modules of some classes."""

    classes: Sequence[str]
    body: Sequence[str]


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
    def draw(self, facts: Facts) -> Iterator[Branch]:
        """The branches that draw the weights of a ``module``."""

    def statements(self, facts: Facts) -> tuple[Line, ...]:
        drawn = [Branch(classes, (*body, *_biases(self.bias))) for classes, body in self.draw(facts)]
        body = (
            *_told_apart([Branch(facts.resets_too, RESET)]),
            *_told_apart([*drawn, Branch(facts.resets, RESET)]),
        )
        return (Line(f"for module in {facts.model}.modules():"), *body) if body else ()

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        if any(isinstance(part, Weights) for part in parts["init"][:place]):
            yield Contradiction("the weights are drawn in two ways", help="leave one of them out")


class Normal(Weights):
    """From a normal distribution around 0."""

    forms: ClassVar[tuple[str, ...]] = ("normal {deviation}",)

    deviation = positive()

    def draw(self, facts: Facts) -> Iterator[Branch]:
        yield Branch(tuple(facts.drawn), (f"nn.init.normal_(module.weight, std={plain(self.deviation)})",))


class Xavier(Weights):
    """Variance 2 / (fan-in + fan-out): Glorot and Bengio 2010."""

    forms: ClassVar[tuple[str, ...]] = ("xavier {distribution}", "xavier")

    distribution = word("uniform", "normal")

    def draw(self, facts: Facts) -> Iterator[Branch]:
        classes = _of(facts, Fans.RIGHT, Fans.SWAPPED)
        yield _by_torch(f"nn.init.xavier_{self.distribution}_(", ")", classes, facts.grouped)
        normal = self.distribution == "normal"
        drawn = "normal_(module.weight)" if normal else "uniform_(module.weight, -1, 1)"
        yield _by_own("fan_in, fan_out", drawn, f"{2 if normal else 6} / (fan_in + fan_out)", facts)


class He(Weights):
    """Normal with variance 2 / fan: He et al. 2015, arXiv:1502.01852."""

    forms: ClassVar[tuple[str, ...]] = ("he {fan}", "he")

    fan = word("fan-in", "fan-out")

    def draw(self, facts: Facts) -> Iterator[Branch]:
        inwards = self.fan == self.arguments["fan"].default
        yield self._by_torch(facts, Fans.RIGHT, inwards)
        yield self._by_torch(facts, Fans.SWAPPED, not inwards)
        yield _by_own("fan, _" if inwards else "_, fan", "normal_(module.weight)", "2 / fan", facts)

    def _by_torch(self, facts: Facts, fans: Fans, inwards: bool) -> Branch:
        """By what torch takes for the fan-in of a weight, or for its fan-out."""
        options = ', nonlinearity="relu")' if inwards else ', mode="fan_out", nonlinearity="relu")'
        found = _by_torch("nn.init.kaiming_normal_(", options, _of(facts, fans), () if inwards else facts.grouped)
        swapped = [f"# What torch takes for the {'fan-in' if inwards else 'fan-out'} of this weight is its {self.fan}."]
        return found._replace(body=(*swapped * (fans is Fans.SWAPPED), *found.body))


def _of(facts: Facts, *fans: Fans) -> tuple[str, ...]:
    """The classes of whose weights torch takes these for the fans."""
    return tuple(name for name, its in facts.drawn.items() if its in fans)


def _by_torch(before: str, after: str, classes: Sequence[str], grouped: Sequence[str]) -> Branch:
    """A call for the weights, or for those of each group: torch counts the first axis of all groups as one fan."""
    several = [name for name in classes if name in grouped]
    if not several:
        return Branch(classes, (f"{before}module.weight{after}",))
    others = [name for name in classes if name not in several]
    if not others:
        told, chunks = [], "chunk(module.groups):  # each group"
    else:
        test = f"module.groups if isinstance(module, {several[0]}) else 1"
        if len(several) > 1:
            test = f"1 if isinstance(module, {' | '.join(others)}) else module.groups"
        told, chunks = [f"groups = {test}"], "chunk(groups):  # a group's fans"
    return Branch(classes, (*told, f"for weight in module.weight.detach().{chunks}", f"    {before}weight{after}"))


def _by_own(fans: str, drawn: str, variance: str, facts: Facts) -> Branch:
    """For modules that give the fans of each element of their weight themselves."""
    scaled = f"module.weight.detach().mul_(({variance}).sqrt())"
    return Branch(_of(facts, Fans.OWN), (f"{fans} = module.fans()", f"nn.init.{drawn}", scaled))


def _told_apart(branches: Iterable[Branch]) -> Iterator[Line]:
    """Branches for a ``module``, of which one is taken."""
    for place, (classes, body) in enumerate([branch for branch in branches if branch.classes]):
        yield from _branch("elif" if place else "if", classes, body)


def _branch(word: str, classes: Sequence[str], body: Sequence[str]) -> Iterator[Line]:
    """One branch; a condition that is all of its body is asked with it, where that is short."""
    names = " | ".join(classes)
    both = f"    {word} isinstance(module, {names}) and {body[0].removeprefix('if ')}"
    if len(body) == 2 and body[0].startswith("if ") and len(both) <= LONGEST + 10:
        yield Line(both)
        yield Line(f"    {body[1]}")
        return
    if len(names) <= LONGEST:
        yield Line(f"    {word} ", Call("isinstance", {"module": Code("module"), "classes": Code(names)}), ":")
    else:
        lines = [f"    {word} isinstance(", "        module,", *(f"        | {name}" for name in classes)]
        lines[2], lines[-1] = lines[2].replace("| ", ""), f"{lines[-1]},"
        yield from map(Line, (*lines, "    ):"))
    yield from (Line(f"        {text}") for text in body)


def _biases(value: float) -> tuple[str, ...]:
    """The statements that set all biases of a ``module``."""
    return "if module.bias is not None:", f"    {_constant('module.bias', value)}"


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
        if not facts.drawn:
            return ()
        return (
            Line("names = ", names),
            Line(f"for module in [m for n in names for m in {facts.model}.get_submodule(n).modules()]:"),
            *_told_apart([Branch(tuple(facts.drawn), _biases(self.bias))]),
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
