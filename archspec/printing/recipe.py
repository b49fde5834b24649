"""The recipe as a table: each setting in the words that stood there, or in those of its parts."""

from __future__ import annotations

import re
from collections.abc import Mapping

from archspec import recipe as known
from archspec.diagnostics import Report, text_span
from archspec.elaborate.recipe import Row, setting_of
from archspec.elaborate.scope import Scope, Wrong
from archspec.expressions import Name
from archspec.ir.network import Arg, Network
from archspec.ir.node import Value
from archspec.ir.recipe import Given, Setting, Use
from archspec.language import syntax as s
from archspec.printing.tables import by_columns
from archspec.printing.texts import Unwritable, cell, quoted
from archspec.recipe.part import Hole, Part

WORD = re.compile(r"[^\W\d]\w*(?:-\w+)*")


def recipe_of(network: Network) -> list[str]:
    """The lines of the recipe; none where there is no recipe."""
    if network.recipe is None:
        return []
    settings = network.recipe.settings
    scope = _scope(network.parameters)
    columns = {
        "setting": [*settings],
        "value": [_value(name, setting, scope) for name, setting in settings.items()],
        "source": [cell(setting.source, "the source") for setting in settings.values()],
    }
    return ["train", *by_columns(columns, ("setting", "value"))]


def _scope(parameters: Mapping[str, Value]) -> Scope:
    scope = Scope()
    for name, value in parameters.items():
        scope.args[name] = Arg(value=value, expression=Name(name))
    return scope


def _value(name: str, setting: Setting, scope: Scope) -> str:
    """The words of a setting where they say its parts, and else words that do."""
    if _reads(name, setting.text, setting.uses, scope):
        return setting.text
    if known.SETTINGS[name].prose:
        text = "; ".join(str(next(iter(use.args.values()))) for use in setting.uses) or "nothing"
    else:
        text = "; ".join(_spelled(name, use, scope) for use in setting.uses)
    if not _reads(name, text, setting.uses, scope):
        raise Unwritable(f"the setting `{name}` of the recipe", "no words say its parts")
    return text


def _reads(name: str, text: str, uses: tuple[Use, ...], scope: Scope) -> bool:
    """Whether a text, which may stand in a cell, says these parts and no others."""
    if not text or "|" in text or text.count('"') % 2 or not text.isprintable() or text != text.strip():
        return False
    report = Report()
    words = s.Cell(text_span("recipe", text), text)
    try:
        found = setting_of(name, Row(words, words, ""), scope.apart(), report)
    except Wrong:
        return False
    return not report.failed and found.uses == uses


def _spelled(setting: str, use: Use, scope: Scope) -> str:
    """A part in the first form that says it."""
    kind = known.find(setting, use.part)
    assert kind is not None
    for form in kind.patterns():
        holes = {item.argument for item in form if isinstance(item, Hole)}
        if holes <= use.args.keys():
            words = [_said(use.args[item.argument], item.many) if isinstance(item, Hole) else item for item in form]
            rest = [_option(kind, name, value) for name, value in use.args.items() if name not in holes]
            text = ", ".join([*([" ".join(words)] if words else []), *rest])
            if _reads(setting, text, (use,), scope):
                return text
    raise Unwritable(f"`{use.part}` in the setting `{setting}` of the recipe", "no words say it with its arguments")


def _option(kind: type[Part], name: str, value: Given) -> str:
    if value is True and kind.arguments[name].is_switch:
        return name.replace("_", " ")
    return f"{name}={_said(value)}"


def _said(value: Given, many: bool = False) -> str:
    """A value: ``0.1``, ``nesterov``, the ends of a range, or ``many`` in a row."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        numbers = all(isinstance(each, int | float) and each >= 0 for each in value)
        between = ", " if many else ".." if numbers and len(value) == 2 else " "
        return between.join(map(_said, value))
    if isinstance(value, str):
        return value if WORD.fullmatch(value) else quoted(value, "the word")
    return repr(value)
