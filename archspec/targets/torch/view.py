"""Every decision about the emitted file: what stands in it, and what it says of itself. Templates place the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import NamedTuple

from archspec.analysis.cost import Totals
from archspec.analysis.inferred import Inferred
from archspec.counting.conventions import Counting
from archspec.ir.network import Network, Paper
from archspec.op import Shape
from archspec.recipe.facts import Residual
from archspec.support.sources import beside
from archspec.targets.torch.assemble import Assembly
from archspec.targets.torch.docstrings import of_rule
from archspec.targets.torch.facts import facts_of
from archspec.targets.torch.first_weights import reset_parameters
from archspec.targets.torch.items import Item, Ruled, calls_in, rules_in
from archspec.targets.torch.layout import WIDTH
from archspec.targets.torch.names import Names, doc
from archspec.targets.torch.network_class import NetworkView, network_view
from archspec.targets.torch.parameters import arguments_of, function_name
from archspec.targets.torch.parts import Counted, Whole, whole_of
from archspec.targets.torch.residuals import residuals
from archspec.targets.torch.rules import ClassView, Rule, signature_of
from archspec.targets.torch.signatures import Member
from archspec.targets.torch.titles import titles_of

WORD = re.compile(r"\w+")
CALLED = re.compile(r"(?<![\w.])[\w.]+(?=\()")


class View(NamedTuple):
    """What the template places; every text is Python already."""

    heading: str
    summary: list[str]
    imports: list[str]
    """What constructors and the types of their arguments need beside torch."""
    modules: list[str]
    blocks: list[ClassView]
    networks: list[NetworkView]
    residuals: list[Residual]
    """The residual branches of its classes that a norm may end."""
    report: list[str]
    """What running a file of one network prints; none where only the caller can make it."""
    example: str = ""
    """The shape of an input to try."""
    reports: Sequence[str] = ()
    """The same of each network in a file of several."""

    @property
    def network(self) -> NetworkView:
        """The network of a file of one."""
        (found,) = self.networks
        return found


def view_of(network: Network, inferred: Inferred, totals: Totals) -> View:
    """The view of a file of one network."""
    counted = Counted(network, inferred, totals)
    view = view_of_whole([counted], [[0]], whole_of([counted], [function_name(network)], [arguments_of(network)]))
    summary = f"For one {network.input_shape} image: {figures(counted)} (convention: {convention(network)})."
    made = view._replace(heading=heading(network.display_name, network.own_papers), summary=wrapped(summary))
    if view.network.given:
        return made
    return made._replace(example=", ".join(map(str, batch(network.input_shape))), report=_report(view.network))


def view_of_whole(counted: Sequence[Counted], groups: Sequence[Sequence[int]], whole: Whole) -> View:
    """The classes of a file, one for each group of networks that differ in its arguments alone."""
    shown = whole.only([group[0] for group in groups])
    titles = [whole.names.class_name(title) for title in titles_of(counted, groups, whole)]
    rules = _rules(shown.items, whole.names)
    assembly = Assembly(rules)
    members = [[Member(counted[i].network, whole.networks[i]) for i in group] for group in groups]
    networks = [network_view(group, title, whole.names, assembly) for group, title in zip(members, titles, strict=True)]
    blocks = [rule.view() for rule in rules.values()] + [assembly.view(of) for of in whole.classes.made]
    residual = [found for of in whole.classes.made for found in residuals(of, counted[of.program].network, assembly)]
    classes = [*blocks, *(head for network in networks for head in network.heads)]
    code = "\n".join(_constructors([*classes, *networks]))
    return View(
        heading="",
        summary=[],
        imports=_imports(code, networks),
        modules=_modules(shown, code),
        blocks=classes,
        networks=[
            _with_weights(counted[group[0]], network, residual) for group, network in zip(groups, networks, strict=True)
        ],
        residuals=residual,
        report=[],
    )


def _with_weights(counted: Counted, shown: NetworkView, residual: Sequence[Residual]) -> NetworkView:
    """The class with what draws its first weights, where any are drawn."""
    return shown._replace(reset=weights_of(counted, shown, residual)) if shown.stateful else shown


def weights_of(counted: Counted, shown: NetworkView, residual: Sequence[Residual]) -> list[str]:
    """What draws the first weights of a network of a class."""
    facts = facts_of(counted.network, counted.inferred, shown, residual)._replace(model="self")
    return reset_parameters(counted.network, facts)


def _constructors(made: Sequence[ClassView | NetworkView]) -> list[str]:
    return [text for of in made for text in of.constructor]


def _imports(code: str, networks: Sequence[NetworkView]) -> list[str]:
    """What constructors, and the types of their arguments, need beside torch."""
    rounds = not _called(code).isdisjoint(("math.floor", "math.ceil"))
    given = dict.fromkeys(each.imports for network in networks for each in network.given)
    return [*["import math"] * rounds, *given]


def _modules(whole: Whole, code: str) -> list[str]:
    """Classes that torch lacks, and the function of the language that Python lacks, where constructors use them."""
    used, called = frozenset(WORD.findall(code)), _called(code)
    helpers = ["near"] * bool(called & {"near", "round_to"}) + ["round_to"] * ("round_to" in called)
    sources = {call.target: call.module for call in calls_in(whole.items) if call.module and call.target in used}
    return [*map(beside(__name__).definition, helpers), *sources.values()]


def _called(code: str) -> frozenset[str]:
    """The functions and classes that are called."""
    return frozenset(CALLED.findall(code))


def _rules(items: Sequence[Item], names: Names) -> dict[tuple[str, ...], Rule]:
    """A class for each rule that is used more than once, by what its uses have in common."""
    uses: dict[tuple[str, ...], list[Ruled]] = {}
    for ruled in rules_in(items):
        uses.setdefault(signature_of(ruled.use), []).append(ruled)
    return {signature: _rule(found, names) for signature, found in uses.items() if len(found) > 1}


def _rule(uses: Sequence[Ruled], names: Names) -> Rule:
    """One class for layers with their rules, under the plainest name: a depthwise convolution shares it with others."""
    plainest = min(uses, key=lambda ruled: len(ruled.label))
    text = of_rule(sorted({ruled.rule for ruled in uses}), plainest.use)
    return Rule(names.class_name(plainest.label, "Block"), text, [ruled.use for ruled in uses])


def heading(title: str, papers: Iterable[Paper]) -> str:
    """The first lines of a file: its title, and where its table was printed."""
    where = "; ".join(map(str, papers))
    text = title + (f": {where}" if where else "")
    # Wrapped first: a line must not end inside an escaped character.
    return "\n".join(doc(line) for line in wrap(text if text.endswith(".") else f"{text}.", WIDTH - 3))


def wrapped(summary: str) -> list[str]:
    """What a file says of its figures, with what they count."""
    more = "One mult-add is one multiply-accumulate of a convolution or a fully connected layer."
    return wrap(f"{summary} {more} Emitted by archspec from the network's table.", WIDTH)


def convention(network: Network) -> str:
    """By which convention a network is counted."""
    return Counting(network.counted).name


def figures(counted: Counted) -> str:
    """The totals of a network in words."""
    totals = counted.totals
    return f"{totals.params:,} parameters, {totals.mult_adds:,} mult-adds, {totals.activations:,} activations"


def _report(shown: NetworkView) -> list[str]:
    """What running the file prints, within the width."""
    said = f"{shown.function}: {{parameters:,}} parameters,", " output {tuple(output.shape)}"
    text = f'f"{"".join(said)}"'
    whole = f"print({text})"
    if len(whole) + 4 <= WIDTH:
        return [whole]
    parts = [text] if len(text) + 8 <= WIDTH else [f'f"{part}"' for part in said]
    return ["print(", *(f"    {part}" for part in parts), ")"]


def batch(shape: Shape) -> list[int]:
    """The size of a batch of one input, in torch's order."""
    height_width = [] if shape.height is None or shape.width is None else [shape.height, shape.width]
    return [1, shape.channels, *height_width]
