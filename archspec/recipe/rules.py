"""What contradicts itself in a recipe, or what its network lacks: a late rate, a crop of too little."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.recipe.facts import Facts
from archspec.recipe.part import Contradiction, Parts


def contradictions(parts: Parts) -> Iterator[Contradiction]:
    """All that is wrong with a recipe whose parts are each right."""
    if "epochs" in parts and "iterations" in parts:
        message = "a recipe is as long as its `epochs` or its `iterations` say"
        yield Contradiction(message, help="leave one of them out", setting="iterations")
    for setting, found in parts.items():
        for place, part in enumerate(found):
            for wrong in part.wrong(parts, place):
                yield wrong.replaced(setting=setting, part=place)


def misfits(parts: Parts, facts: Facts) -> Iterator[Contradiction]:
    """What the parts of a recipe need and the emitted module lacks."""
    for setting, found in parts.items():
        for place, part in enumerate(found):
            for wrong in part.misfits(facts):
                yield wrong.replaced(setting=setting, part=place)
