"""The training recipe as data: settings by name, each with its parts, as typed as layers are."""

from __future__ import annotations

from typing import TypeAlias

from archspec import recipe
from archspec.ir.node import Node
from archspec.recipe.part import Part
from archspec.support.frozen import NOTHING, keyword, lazy

Given: TypeAlias = bool | int | float | str | tuple[int | float | str, ...]
"""What an argument of a part may hold."""


class Use(Node):
    """One part of a setting: its name, and the arguments that were given."""

    part: str
    args: dict[str, Given] = keyword(default=NOTHING)


class Setting(Node):
    """One setting: as it was written, where the paper says so, and its parts in order."""

    text: str
    source: str = ""
    uses: tuple[Use, ...] = ()


class Recipe(Node):
    """How a network is trained, as its paper says."""

    settings: dict[str, Setting] = keyword(default=NOTHING)
    names: tuple[str, ...] = ()
    """The parameters on which it depends."""
    taken_over: bool = False
    """Whether it is wholly that of another network, so that it need not fit this one."""

    def parts(self, setting: str) -> tuple[Part, ...]:
        """The parts of a setting, none where the recipe is silent; raises Misfit where arguments do not fit."""
        found = self.settings.get(setting)
        if found is None:
            return ()
        known = self._parts
        if setting not in known:
            known[setting] = tuple(made(setting, use) for use in found.uses)
        return known[setting]

    @lazy
    def _parts(self) -> dict[str, tuple[Part, ...]]:
        """Those that were made."""
        return {}


def made(setting: str, use: Use) -> Part:
    """The object of a part; raises Misfit where its arguments do not fit."""
    kind = recipe.find(setting, use.part)
    assert kind is not None
    return kind(**use.args)
