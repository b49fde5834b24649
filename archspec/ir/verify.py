"""What a network promises beyond the types of its parts: its names exist, its texts are expressions, its blocks end.

Networks from the elaboration keep these promises by construction; one that comes in as JSON is checked. What is wrong
has a path, as JSON writes it: ``rows``, 3, ``steps``, 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from typing import Any, NamedTuple

from archspec.arguments import Misfit
from archspec.counting.conventions import is_rule
from archspec.expressions import FUNCTIONS, WORDS, Choice, Expression, Name, Size, Unfit, evaluate
from archspec.ir.network import Arg, Network, Recipe
from archspec.ir.node import IN
from archspec.recipe import SETTINGS, find, missing
from archspec.recipe.rules import contradictions

Path = tuple[str | int, ...]


class Mistake(NamedTuple):
    """What is wrong, and in which part of the JSON."""

    path: Path
    message: str


def of_network(network: Network) -> Iterator[Mistake]:
    """What is wrong with all but the steps of a network."""
    if len(network.input) not in (1, 3) or min(network.input) < 1:
        wrong = f"the input is {list(network.input)}, and must be 1 or 3 whole numbers of at least 1"
        yield Mistake(("input",), wrong)
    yield from of_names(network.parameters, "the network", ("parameters",))
    for field, names in (("input_names", network.input_names), ("structural", network.structural)):
        for i, name in enumerate(names):
            if name not in network.parameters:
                yield Mistake((field, i), f"`{name}` is no parameter of the network")
    for i, cell in enumerate(network.cells):
        if not 0 <= cell.row < len(network.rows):
            wrong = f"a cell is printed in row {cell.row}, and the rows are 0 to {len(network.rows) - 1}"
            yield Mistake(("cells", i, "row"), wrong)
    yield from _rules(network.counted, ("counted",))
    for i, claim in enumerate(network.claims):
        yield from _rules(claim.counted, ("claims", i, "counted"))
    if network.recipe is not None:
        yield from _recipe(network.recipe)


def of_names(names: Mapping[str, object], owner: str, at: Path) -> Iterator[Mistake]:
    """Names that no parameter can have."""
    for name in names:
        if not is_name(name) or name in WORDS or name in FUNCTIONS or name == IN:
            yield Mistake((*at, name), f"`{name}` cannot be a parameter of {owner}")


def is_name(text: str) -> bool:
    """Whether a text is a name as the language writes it."""
    return re.fullmatch(r"[^\W\d]\w*", text) is not None


def of_argument(arg: Arg, names: Set[str], values: Mapping[str, Any], at: Path) -> Iterator[Mistake]:
    """What is wrong with the text of an argument over names and the parameters of the network.

    A size has a text for each part: ``width x 3``.
    """
    if arg.expression is None:
        if arg.value is None:
            yield Mistake(at, "an argument has neither a value nor a text")
        return
    parts = arg.expression.sides if isinstance(arg.expression, Size) else (arg.expression,)
    sides = len(arg.value) if isinstance(arg.value, tuple) and not isinstance(arg.expression, Name | Choice) else 1
    if len(parts) != sides:
        yield Mistake((*at, "text"), f"`{arg.text}` is not an expression over numbers and parameters")
        return
    unknown = sorted(arg.names - names - values.keys())
    for name in unknown:
        yield Mistake((*at, "text"), f"`{arg.text}` names `{name}`, which is no parameter of the network")
    if not unknown and arg.value is not None and not arg.names & names:
        yield from _value(arg, arg.expression, values, at)


def _value(arg: Arg, expression: Expression, values: Mapping[str, Any], at: Path) -> Iterator[Mistake]:
    """A value that is not what its expression comes to."""
    try:
        found = evaluate(expression, values)
    except Unfit:
        found = None
    if found != arg.value:
        wrong = f"`{arg.text}` is not {arg.value!r} for the parameters of the network"
        yield Mistake((*at, "value"), wrong)


def _rules(rules: tuple[str, ...], at: Path) -> Iterator[Mistake]:
    for i, rule in enumerate(rules):
        if not is_rule(rule):
            yield Mistake((*at, i), f"there is no counting rule `{rule}`")


def _recipe(recipe: Recipe) -> Iterator[Mistake]:
    """Settings and parts that do not exist, arguments that do not fit, contradictions."""
    wrong = False
    for name, setting in recipe.settings.items():
        at = "recipe", "settings", name
        if name not in SETTINGS:
            wrong = True
            yield Mistake(at, f"there is no setting `{name}`")
            continue
        if len(setting.uses) > 1 and not SETTINGS[name].several:
            yield Mistake((*at, "uses"), f"`{name}` is one thing, and is given {len(setting.uses)}")
        for i, use in enumerate(setting.uses):
            kind = find(name, use.part)
            try:
                if kind is not None:
                    kind(**use.args)
                    continue
                yield Mistake((*at, "uses", i, "part"), f"`{name}` has no part `{use.part}`")
            except Misfit as misfit:
                yield Mistake((*at, "uses", i, "args"), f"`{use.part}` of `{name}`: {misfit}")
            wrong = True
    if not wrong:
        lacking = missing([name for name in recipe.settings if recipe.settings[name].uses])
        if lacking:
            yield Mistake(("recipe",), f"the recipe has no {', '.join(f'`{name}`' for name in lacking)}")
        parts = {name: recipe.parts(name) for name in recipe.settings}
        yield from (Mistake(("recipe",), found.message) for found in contradictions(parts))
