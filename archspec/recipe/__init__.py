"""What a recipe may say: its settings, and the parts of each, by how a spec writes them.

A file of this folder holds the parts of the settings that belong together; every subclass of ``Part`` in it is one.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from archspec.recipe.part import Part
from archspec.support.frozen import Frozen


class Setting(Frozen):
    """A row of a `train` table: its name, whether a recipe needs it, and whether it has several parts, in order."""

    name: str
    silent: str
    """What holds where the recipe is silent; empty where it must not be."""
    several: bool = False
    prose: bool = False
    """Whether its parts are texts, which `;` separates, and no words of the language."""


SETTINGS = {
    setting.name: setting
    for setting in (
        Setting("data", ""),
        Setting("optimizer", ""),
        Setting("lr", "", several=True),
        Setting("batch", ""),
        Setting("epochs", ""),
        Setting("iterations", ""),
        Setting("init", "`he`", several=True),
        Setting("label smoothing", "none"),
        Setting("clip", "none: gradients as they are"),
        Setting("average", "none: the last weights are tested"),
        Setting("augment", "none: resized to the network's input", several=True),
        Setting("normalize", "mean and std of the data"),
        Setting("test", "one central crop", several=True),
        Setting("ensemble", "one model"),
        Setting("paper error", "the first that the spec claims, if it claims one"),
        Setting("left out", "nothing that the spec names", several=True, prose=True),
    )
}
"""All settings, in the order in which a recipe is read out."""
LENGTHS = ("epochs", "iterations")
"""Of these a recipe has one."""


def missing(parts: Collection[str]) -> list[str]:
    """The settings that a recipe needs beside those that it has parts of."""
    found = [name for name, setting in SETTINGS.items() if not (setting.silent or name in parts)]
    return [name for name in found if name not in LENGTHS] if {*LENGTHS} & {*parts} else found


def find(setting: str, name: str) -> type[Part] | None:
    """The part of a setting by its name in the IR, or None."""
    return _by_setting().get(setting, {}).get(name)


def parts_of(setting: str) -> tuple[type[Part], ...]:
    """The parts that a setting may have, in the order of their files."""
    return (*_by_setting().get(setting, {}).values(),)


@cache
def _by_setting() -> dict[str, dict[str, type[Part]]]:
    """The parts by their names, by their settings."""
    found: dict[str, dict[str, type[Part]]] = {}
    for module in (each for each in iter_modules(__path__) if not each.name.startswith("_")):
        for part in _inside(f"{__name__}.{module.name}"):
            found.setdefault(part.setting, {})[part.spelled()] = part
    return found


def _inside(module: str) -> Iterator[type[Part]]:
    for value in vars(import_module(module)).values():
        if inspect.isclass(value) and issubclass(value, Part) and value.__module__ == module and value.forms:
            yield value
