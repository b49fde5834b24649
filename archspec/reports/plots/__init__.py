"""Plots of networks for a paper: a kind each, a file each, whose name is the kind's.

A kind's docstring says what it shows; ``of`` collects that as plain data, and ``draw`` makes a figure of it. A kind is
imported when it is asked for, and matplotlib when it draws. What begins with an underscore is what they share.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from archspec.render.formats import value_text

if TYPE_CHECKING:
    from archspec.compiled import Compiled
    from archspec.reports.plots._canvas import Canvas

FIRST = "tradeoff"
"""The kind that is drawn where none is named."""
MOST = 60
"""Networks in one plot, and rows of a network; nobody can read more."""


class Asked(NamedTuple):
    """What a plot may be asked for beside its networks; each kind takes what it knows."""

    quantity: str | None = None
    """What is reported, ``top-1 error``."""
    sources: tuple[str, ...] = ()
    """What the sources of printed figures begin with; none where a kind picks them."""
    against: str = "mult-adds"
    """The cost that an error is shown against."""


class Spec(NamedTuple):
    """The networks of one spec, which are one series."""

    title: str
    networks: Sequence[Compiled]


class Kind(Protocol):
    """What a file of this folder holds."""

    def of(self, specs: Sequence[Spec], asked: Asked) -> Any:
        """What is drawn, as plain data; raises ArchError where there is nothing to draw."""

    def notes(self, data: Any) -> Sequence[str]:
        """What of the networks is not shown, a line each."""

    def draw(self, canvas: Canvas, data: Any) -> None:
        """Draw it."""


@cache
def kinds() -> tuple[str, ...]:
    """The names of all kinds."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(name for name in names if not name.startswith("_")))


def kind(name: str) -> Kind:
    """The kind of a name."""
    return cast(Kind, import_module(f"{__name__}.{name}"))


def specs_of(groups: Sequence[Sequence[Compiled]]) -> list[Spec]:
    """Networks of specs as series: each goes by its title."""
    return [Spec(group[0].network.title or group[0].network.name, group) for group in groups]


def label_of(compiled: Compiled, name: str | None = None) -> str:
    """What one network is called beside others of its series: its variant, or its title; and what is set."""
    network = compiled.network
    name = name or network.variant or network.title or network.name
    set_to = ", ".join(f"{each}={value_text(network.parameters[each])}" for each in network.changed)
    return f"{name}, {set_to}" if set_to else name
