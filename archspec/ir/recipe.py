"""The training recipe as data: settings by name, each with its parts, as typed as layers are."""

from __future__ import annotations

from typing import TypeAlias

from archspec import recipe
from archspec.ir.node import Node
from archspec.recipe.part import Part
from archspec.support.frozen import NOTHING, keyword

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
        return tuple(made(setting, use) for use in found.uses) if found else ()


def made(setting: str, use: Use) -> Part:
    """The object of a part; raises Misfit where its arguments do not fit."""
    kind = recipe.find(setting, use.part)
    assert kind is not None
    return kind(**use.args)
