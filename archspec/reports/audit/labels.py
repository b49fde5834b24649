"""What is not a number of layers and was printed as one: a number of a network's name, or the rows of its table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archspec.analysis.checked import Checked
from archspec.budget import spend
from archspec.counting.printed import FIGURE, value_of
from archspec.ir.figure import Formula
from archspec.ir.network import Apply, Network, Repeat, Step
from archspec.ir.walking import every_step, inside
from archspec.op import Weighted
from archspec.support.limits import STEP

LAYERS = ("weight layers", "layers")
"""What counts of layers are called."""


def label_of(network: Network, check: Checked) -> str:
    """What a wrong number of layers is instead; nothing where that is not known."""
    if check.quantity not in LAYERS or not FIGURE.fullmatch(check.printed):
        return ""
    printed = value_of(check.printed, check.units)
    values = {**network.parameters, **check.parameters}
    named = next((name for name in sorted(_deciding(network, check)) if values.get(name) == printed), None)
    if named is not None:
        return f"{check.printed} is `{named}`, a number in the names of this paper's networks"
    kinds = [step.kind_of_layer for step in _listed(step for row in network.rows for step in row.steps or ())]
    spend(STEP * len(kinds))
    weighted = [kind for kind in kinds if issubclass(kind, Weighted)]
    if printed == len(weighted):
        return f"the table lists {check.printed} layers with weights, where a repetition is listed once"
    if printed == sum("kernel" in kind.arguments for kind in weighted):
        return f"the table lists {check.printed} convolutions, where a repetition is listed once"
    return ""


def _deciding(network: Network, check: Checked) -> set[str]:
    """The parameters that decide how many layers there are: of repetitions, and of the arithmetic of the figure."""
    steps = every_step(step for row in network.rows for step in row.steps or ())
    repeats = [step.times.expression for step in steps if isinstance(step, Repeat)]
    figures = [claim.figure for claim in network.claims if claim.span == check.span]
    formulas = [figure.arithmetic for figure in figures if isinstance(figure, Formula)]
    return {name for each in (*repeats, *formulas) if each is not None for name in each.names}


def _listed(steps: Iterable[Step]) -> Iterator[Apply]:
    """The layers in steps as a table lists them: what is repeated once. Blocks are not entered."""
    for step in steps:
        if isinstance(step, Apply):
            yield step
        yield from _listed(step.steps if isinstance(step, Repeat) else inside(step))
