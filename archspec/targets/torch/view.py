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
from archspec.support.sources import beside
from archspec.targets.torch.assemble import Assembly
from archspec.targets.torch.facts import facts_of
from archspec.targets.torch.first_weights import reset_parameters
from archspec.targets.torch.items import Item, Ruled, calls_in, rules_in
from archspec.targets.torch.layout import WIDTH, Bracket, docstring, lines, literal
from archspec.targets.torch.names import USED, Names, doc, string
from archspec.targets.torch.network_class import NetworkView, network_view
from archspec.targets.torch.parameters import function_name
from archspec.targets.torch.parts import Counted, Whole, whole_of
from archspec.targets.torch.residuals import residuals
from archspec.targets.torch.rules import ClassView, Rule, signature_of

WORD = re.compile(r"\w+")
REPORT = "report"
"""The function by which a file of several networks says what they are."""


class View(NamedTuple):
    """What the template places; every text is Python already."""

    heading: str
    summary: list[str]
    imports: list[str]
    """What the types of arguments need beside torch."""
    modules: list[str]
    blocks: list[ClassView]
    networks: list[NetworkView]
    residuals: list[tuple[str, str]]
    """The classes whose branches are added, and the attribute of the branch that a norm ends: the residual one."""
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
    view = _view([counted], whole_of([counted], [function_name(network)]))
    summary = f"For one {network.input_shape} image: {_figures(counted)} (convention: {_convention(network)})."
    made = view._replace(heading=_heading(network.display_name, network.own_papers), summary=_wrapped(summary))
    if view.network.given:
        return made
    return made._replace(example=", ".join(map(str, _batch(network.input_shape))), report=_report(view.network))


def family_view(counted: Sequence[Counted]) -> View:
    """The view of a file of several networks of one family, which share the classes of their blocks."""
    first = counted[0].network
    names = Names(USED | {REPORT})
    whole = whole_of(counted, [names.identifier(each.network.label, "network") for each in counted], {REPORT})
    view = _view(counted, whole)
    papers = dict.fromkeys(paper for each in counted for paper in each.network.own_papers)
    return view._replace(
        heading=_heading(first.title or first.name, papers),
        summary=_family_summary(counted, whole),
        reports=[
            line
            for each, shown in zip(counted, view.networks, strict=True)
            if not shown.given
            for line in _reported(each.network.input_shape, shown)
        ],
    )


def _view(counted: Sequence[Counted], whole: Whole) -> View:
    titles = [whole.names.class_name(each.network.display_name) for each in counted]
    rules = _rules(whole.items, whole.names)
    assembly = Assembly(rules)
    networks = [
        network_view(each.network, parts, title, whole.names, assembly)
        for each, parts, title in zip(counted, whole.networks, titles, strict=True)
    ]
    blocks = [rule.view() for rule in rules.values()] + [assembly.view(of) for of in whole.classes.made]
    found = (
        (of.name, name) for of in whole.classes.made for name in residuals(of, counted[of.program].network, assembly)
    )
    residual = [*found]
    classes = [*blocks, *(head for shown in networks for head in shown.heads)]
    return View(
        heading="",
        summary=[],
        imports=[*dict.fromkeys(given.imports for shown in networks for given in shown.given)],
        modules=_modules(whole, [*classes, *networks]),
        blocks=classes,
        networks=[_with_weights(each, shown, residual) for each, shown in zip(counted, networks, strict=True)],
        residuals=residual,
        report=[],
    )


def _with_weights(counted: Counted, shown: NetworkView, residual: Sequence[tuple[str, str]]) -> NetworkView:
    """The class with what draws its first weights, where any are drawn."""
    if not shown.draws:
        return shown
    facts = facts_of(counted.network, counted.inferred, shown, residual)._replace(model="self")
    return shown._replace(reset=reset_parameters(counted.network, facts))


def _modules(whole: Whole, made: Sequence[ClassView | NetworkView]) -> list[str]:
    """Classes that torch lacks, and the function of the language that Python lacks, where they are used."""
    text = "\n".join(text for of in made for text in of.constructor)
    used = frozenset(WORD.findall(text))
    rounded = "round_to(" in text
    helpers = ["near"] * (rounded or "near(" in text) + ["round_to"] * rounded
    sources = {call.target: call.module for call in calls_in(whole.items) if call.module and call.target in used}
    return [*map(beside(__name__).definition, helpers), *sources.values()]


def _rules(items: Sequence[Item], names: Names) -> dict[tuple[str, ...], Rule]:
    """A class for each rule that is used more than once, by what its uses have in common."""
    uses: dict[tuple[str, ...], list[Ruled]] = {}
    for ruled in rules_in(items):
        uses.setdefault(signature_of(ruled.use), []).append(ruled)
    return {signature: _rule(found, names) for signature, found in uses.items() if len(found) > 1}


def _rule(uses: Sequence[Ruled], names: Names) -> Rule:
    """One class for layers with their rules, under the plainest name: a depthwise convolution shares it with others."""
    plainest = min(uses, key=lambda ruled: len(ruled.label))
    rules = " or ".join(f"`{rule}`" for rule in sorted({ruled.rule for ruled in uses}))
    text = docstring(f"{rules} with its `every` rule: {plainest.said}.", 4)
    return Rule(names.class_name(plainest.label, "Block"), text, [ruled.use for ruled in uses])


def _heading(title: str, papers: Iterable[Paper]) -> str:
    where = "; ".join(map(str, papers))
    text = title + (f": {where}" if where else "")
    # Wrapped first: a line must not end inside an escaped character.
    return "\n".join(doc(line) for line in wrap(text if text.endswith(".") else f"{text}.", WIDTH - 3))


def _wrapped(summary: str) -> list[str]:
    more = "One mult-add is one multiply-accumulate of a convolution or a fully connected layer."
    return wrap(f"{summary} {more} Emitted by archspec from the network's table.", WIDTH)


def _family_summary(counted: Sequence[Counted], whole: Whole) -> list[str]:
    """A line for each network, under what holds for all."""
    shapes = dict.fromkeys(str(each.network.input_shape) for each in counted)
    conventions = ", ".join(dict.fromkeys(_convention(each.network) for each in counted))
    found = _wrapped(f"For one {' or '.join(shapes)} image (convention: {conventions}) each network has what follows.")
    for each, parts in zip(counted, whole.networks, strict=True):
        of = f" for {each.network.input_shape}" if len(shapes) > 1 else ""
        said = f"- `{parts.function}`{of}: {_figures(each)}"
        found += [*[""] * (each is counted[0]), *wrap(said, WIDTH, subsequent_indent="  ")]
    return found


def _convention(network: Network) -> str:
    return Counting(network.counted).name


def _figures(counted: Counted) -> str:
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


def _reported(shape: Shape, shown: NetworkView) -> list[str]:
    items = [string(shown.function), f"{shown.function}()", literal(tuple(_batch(shape)))]
    return lines("", Bracket(f"{REPORT}(", items, ")"), "", 4)


def _batch(shape: Shape) -> list[int]:
    height_width = [] if shape.height is None or shape.width is None else [shape.height, shape.width]
    return [1, shape.channels, *height_width]
