"""Which arguments of a network reach which names inside its blocks, and so may change what conditions there come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from archspec.analysis.inferred import Key
from archspec.expressions import Expression
from archspec.expressions.symbols import Symbol

Reach: TypeAlias = Mapping[str, frozenset[str]]
"""The arguments of the network that each name of a class depends on."""
Given: TypeAlias = Mapping[str, frozenset[str]]
"""The names of the code that each parameter of a block, and `in`, depends on at one use."""
NOTHING: frozenset[str] = frozenset()


def reaching(expression: Expression, reach: Reach) -> frozenset[str]:
    """The arguments of the network that an expression depends on."""
    return NOTHING.union(*(reach.get(name, NOTHING) for name in expression.names))


def note_use(uses: dict[Key, dict[str, frozenset[str]]], key: Key, values: Mapping[str, Any]) -> None:
    """Keep what a use of a block depends on, together with other uses that are equal in numbers."""
    known = uses.setdefault(key, {})
    for name, value in values.items():
        if isinstance(value, Symbol):
            known[name] = known.get(name, NOTHING) | value.names


def reach_of(
    uses: Mapping[Key | None, Mapping[Key, Given]], called: Mapping[Key, Mapping[str, str]], arguments: Iterable[str]
) -> dict[Key, Reach]:
    """What the names of each use of a block depend on, from the rows of the network, whose key is None, inwards.

    ``uses`` holds every use that was walked, also those that are written as one, and ``called`` what the parameters of
    a block are called in its class.
    """
    found: dict[Key, dict[str, frozenset[str]]] = {}
    left: list[tuple[Key | None, Reach]] = [(None, {name: frozenset({name}) for name in arguments})]
    while left:
        user, known = left.pop()
        for key, given in uses.get(user, {}).items():
            reach = found.setdefault(key, {})
            more = {
                called[key][name]: NOTHING.union(*(known.get(each, NOTHING) for each in names))
                for name, names in given.items()
                if name in called[key]
            }
            joined = {name: reach.get(name, NOTHING) | names for name, names in more.items() if names}
            if any(reach.get(name) != names for name, names in joined.items()):
                reach.update(joined)
                left.append((key, dict(reach)))
    return {key: reach for key, reach in found.items() if reach}
