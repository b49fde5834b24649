"""What contradicts itself in a recipe, and what does not fit its network: a late rate, a crop of too little."""

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
                yield wrong._replace(setting=setting, part=place)


def misfits(parts: Parts, facts: Facts) -> Iterator[Contradiction]:
    """All that does not fit the network in a recipe that does not contradict itself, or that torch cannot do."""
    for setting, found in parts.items():
        for place, part in enumerate(found):
            for wrong in part.misfits(facts, parts, place):
                yield wrong._replace(setting=setting, part=place)
