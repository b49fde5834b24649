"""Which arguments of a network reach which names inside its blocks, and so may change what conditions there come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from archspec.expressions import Expression
from archspec.expressions.symbols import Symbol
from archspec.targets.torch.items import Item, Made, every_item

Reach: TypeAlias = Mapping[str, frozenset[str]]
"""The arguments of the network that each name of the code depends on."""
NOTHING: frozenset[str] = frozenset()


def reach_of(items: Iterable[Item], arguments: Iterable[str]) -> dict[str, dict[str, frozenset[str]]]:
    """By the keys of blocks, what the names of their classes depend on, over all uses."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    _follow(items, {name: frozenset({name}) for name in arguments}, found)
    return {key: names for key, names in found.items() if names}


def reaching(expression: Expression, reach: Reach) -> frozenset[str]:
    """The arguments of the network that an expression depends on."""
    return NOTHING.union(*(reach.get(name, NOTHING) for name in expression.names))


def _follow(items: Iterable[Item], outer: Reach, found: dict[str, dict[str, frozenset[str]]]) -> None:
    for made in (item for item in every_item(items) if isinstance(item, Made)):
        given = {
            made.of.identifier(name): reaching(value.code, outer)
            for name, value in made.values.items()
            if isinstance(value, Symbol)
        }
        for block in {key.block for key in made.of.uses}:
            known = found.setdefault(block, {})
            joined = {name: known.get(name, NOTHING) | names for name, names in given.items() if names}
            if any(known.get(name) != names for name, names in joined.items()):
                known.update(joined)
                inner = known | {name: reaching(code, known) for name, code in made.of.locals.items()}
                _follow(made.of.items, inner, found)
