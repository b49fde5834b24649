"""A network as one that stands alone in a text: without what decided, elsewhere, which network it is.

A variant of a family is a network of its own. A parameter that decides more than numbers of layers has the value that
it has, and is none any more: the IR holds what it decides for that value alone. Figures are those that the IR says
enough of to check them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from archspec.analysis.recipe_fit import misfits
from archspec.analysis.shapes import infer
from archspec.counting.printed import is_reported
from archspec.diagnostics import Report
from archspec.ir.figure import Beside
from archspec.ir.network import Claim, Misprint, Network, Recipe
from archspec.ir.node import Value
from archspec.ir.walking import args_of, every_step, steps_of
from archspec.printing.pruned import pruned
from archspec.printing.settled import Settling
from archspec.printing.sources import Sources
from archspec.recipe import SETTINGS


def alone(network: Network) -> Network:
    """The network as a text can hold it; that of what such a text says is the same again."""
    settled = {name: network.parameters[name] for name in (*network.structural, *network.input_names)}
    network = pruned(Settling(settled, network.parameters).whole(network))
    kept = _mentioned(network)
    parameters = {name: value for name, value in network.parameters.items() if name in kept and name not in settled}
    gone = {name: value for name, value in network.parameters.items() if name not in parameters}
    cells = () if network.overridden else network.cells
    claims = () if network.overridden else tuple(_claims(network, gone))
    sources = Sources(network, cells, claims)
    return network.replaced(
        name=_name(network.label),
        variant=None,
        title=None if network.title is None and _is_name(network.label) else network.display_name,
        parameters=parameters,
        overridden=False,
        changed=(),
        input_names=(),
        structural=(),
        papers=tuple(sources.papers()),
        taken_from=tuple(sources.taken_from()),
        cells=cells,
        misprints=() if network.overridden else _misprints(network),
        claims=claims,
        recipe=_recipe(network),
    )


def left_out(network: Network) -> list[str]:
    """What a text does not hold of a network, in words."""
    made = alone(network)
    claims, misprints = (
        len(a) - len(b) for a, b in ((network.claims, made.claims), (network.misprints, made.misprints))
    )
    found = [_counted(claims, "claim"), _counted(misprints, "misprint")]
    found += [_counted(len(network.cells) - len(made.cells), "printed cell")]
    before, after = (
        0 if r is None else sum(len(s.uses) for s in r.settings.values()) for r in (network.recipe, made.recipe)
    )
    return [
        *filter(
            None, [*found, _counted(before - after, "part") and _counted(before - after, "part") + " of the recipe"]
        )
    ]


def _counted(number: int, what: str) -> str:
    return "" if number == 0 else f"{number} {what}{'' if number == 1 else 's'}"


def _name(label: str) -> str:
    """A label as the line `network` may have it; a title says what it was."""
    name = re.sub(r"\W", "_", label)
    return name if _is_name(name) else f"net_{name}"


def _is_name(text: str) -> bool:
    return re.fullmatch(r"[^\W\d]\w*", text) is not None


def _mentioned(network: Network) -> frozenset[str]:
    """The names that layers, defaults and the recipe hold."""
    printed = every_step(step for misprint in network.misprints for step in misprint.steps)
    names = [arg.names for step in (*steps_of(network), *printed) for arg in args_of(step).values()]
    defaults = [arg.names for block in network.blocks.values() for arg in block.parameters.values() if arg is not None]
    return frozenset(network.recipe.names if network.recipe else ()).union(*names, *defaults)


def _claims(network: Network, gone: Mapping[str, Value]) -> list[Claim]:
    """The claims that are about this network, or about it under parameters that it still has."""
    found = []
    for claim in network.claims:
        figure: Any = claim.figure
        if isinstance(figure, Beside) and figure.file is None:
            if figure.variant not in (None, network.variant) or not _hold(figure.parameters, gone):
                continue
            figure = figure.replaced(variant=None, parameters=_without(figure.parameters, gone))
        of_experiment = is_reported(claim.quantity) and claim.figure is None
        if of_experiment or _hold(claim.parameters, gone):
            found.append(claim.replaced(parameters=_without(claim.parameters, gone), figure=figure))
    return found


def _hold(set_to: Mapping[str, Value], gone: Mapping[str, Value]) -> bool:
    """Whether parameters that are none any more have the values that are asked for."""
    return all(gone.get(name, value) == value for name, value in set_to.items())


def _without(set_to: Mapping[str, Value], gone: Collection[str]) -> dict[str, Value]:
    return {name: value for name, value in set_to.items() if name not in gone}


def _misprints(network: Network) -> tuple[Misprint, ...]:
    """The cells that fail as they are printed by themselves, where a row has one, and one that is another here.

    Resolutions that refuse one stand in no text.
    """
    of_rows = Counter(each.row for each in network.misprints)
    return tuple(
        each.replaced(column="op", parts=())
        for each in network.misprints
        if each.refused is None and of_rows[each.row] == 1 and each.steps != network.rows[each.row].steps
    )


def _recipe(network: Network) -> Recipe | None:
    """The recipe, unless it is wholly that of another network and does not fit this one.

    The weights of another variant, with which one starts, are those of another file here.
    """
    recipe = network.recipe
    if recipe is None:
        return None
    settings = {}
    for name in SETTINGS:
        if name in recipe.settings:
            parts = zip(recipe.settings[name].uses, recipe.parts(name), strict=True)
            uses = tuple(use for use, part in parts if getattr(part, "variant", None) is None)
            if uses or not recipe.settings[name].uses:
                settings[name] = recipe.settings[name].replaced(uses=uses)
    made = recipe.replaced(settings=settings, taken_over=False)
    free = recipe.taken_over or network.overridden  # then nobody has asked whether it fits
    return None if free and _is_unfit(network.replaced(recipe=made)) else made


def _is_unfit(network: Network) -> bool:
    inferred = infer(network, Report())
    return inferred is None or any(True for _ in misfits(network, inferred))
