"""Which networks a page shows: the variants of a family, and each under the parameters that its claims name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from archspec.api import variants
from archspec.budget import Exhausted
from archspec.compiled import Compiled
from archspec.diagnostics import ArchError
from archspec.ir.network import Value
from archspec.render.formats import value_text
from archspec.support.limits import MOST_ON_PAGE


class Shown(NamedTuple):
    """One network of a page, with the parameters that differ from those of the file."""

    compiled: Compiled
    settings: Mapping[str, Value]

    @property
    def label(self) -> str:
        """What a reader chooses it by: ``50``, ``50, on_1x1=no``; the name where there is nothing to choose."""
        network = self.compiled.network
        said = [f"{name}={value_text(value)}" for name, value in self.settings.items()]
        return ", ".join([*([network.variant] if network.variant else []), *said]) or network.name


def networks_of(spec: str, parameters: Mapping[str, Value], input: tuple[int, ...] | None) -> list[Compiled]:
    """The network that a spec names, or all variants of its family; raises ArchError where it is wrong."""
    return [compiled.checked() for compiled in variants(spec, parameters, input)]


def shown_of(networks: Sequence[Compiled]) -> list[Shown]:
    """The networks themselves, then each under other parameters, those first that come first in their claims."""
    found = [Shown(compiled, {}) for compiled in networks][:MOST_ON_PAGE]
    turns = zip_longest(*map(_others, networks))
    try:
        for shown in (each for turn in turns for each in turn if each is not None):
            if len(found) == MOST_ON_PAGE:
                break
            found.append(shown)
    except Exhausted:  # the page says what it has
        pass
    return found


def _others(compiled: Compiled) -> Iterator[Shown]:
    """A network under the parameters of its claims, and with each switch of its own the other way; those that hold."""
    own = compiled.network.parameters
    seen = [own]
    switches: list[Mapping[str, Value]] = [{name: not value} for name, value in own.items() if isinstance(value, bool)]
    for settings in [*(claim.parameters for claim in compiled.network.claims), *switches]:
        asked = {**own, **settings}
        if asked in seen:
            continue
        seen.append(asked)
        other = _holding(compiled, settings)
        if other is not None:
            new = {name: value for name, value in other.network.parameters.items() if value != own[name]}
            yield Shown(other, new)


def _holding(compiled: Compiled, settings: Mapping[str, Value]) -> Compiled | None:
    try:
        return compiled.setting(settings)
    except Exhausted:
        raise
    except ArchError:
        return None
