"""``reset_parameters`` of an emitted network: its first weights by the recipe, or by He et al. where that has none."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.ir.network import Network
from archspec.recipe.facts import Facts
from archspec.recipe.inits import He, Init, Weights
from archspec.recipe.part import Line
from archspec.targets.torch.layout import docstring
from archspec.targets.torch.statements import statement

HE = "Initialise as in He et al. 2015, arXiv:1502.01852."
RESET = "Initialise again what has parameters or statistics."


def reset_parameters(network: Network, facts: Facts) -> list[str]:
    """The body of the method, its docstring first."""
    recipe = network.recipe
    inits = [part for part in (recipe.parts("init") if recipe else ()) if isinstance(part, Init)]
    said = recipe.settings["init"] if recipe and any(part.statements(facts) for part in inits) else None
    text = (
        f"Initialise by `{said.text}`" + (f" ({said.source})" if said.source else "") + "."
        if said
        else HE
        if facts.drawn
        else RESET
    )
    body = [text for line in _lines(inits, facts) for text in statement(line, 8)]
    return [*docstring(text, 8), *body]


def _lines(inits: list[Init], facts: Facts) -> Iterator[Line]:
    weights = next((part for part in inits if isinstance(part, Weights)), He())
    yield from weights.statements(facts)
    for part in inits:
        if part is not weights:
            yield from part.statements(facts)
