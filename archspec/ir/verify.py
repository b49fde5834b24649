"""What a network promises beyond the types of its parts: its names exist, its texts are expressions, its blocks end.

Networks from the elaboration keep these promises by construction; one that comes in as JSON is checked. What is wrong
has a path, as JSON writes it: ``rows``, 3, ``steps``, 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any, NamedTuple

from archspec.arguments import Misfit
from archspec.counting.conventions import further_convention, is_rule
from archspec.counting.printed import UNITS, is_reported
from archspec.counting.quantities import CHECKS, CLAIMS, readable
from archspec.expressions import (
    Choice,
    Expression,
    Logic,
    Name,
    Negation,
    Size,
    Unfit,
    evaluate,
    within_bounds,
)
from archspec.ir.figure import Figure
from archspec.ir.network import WRONG, Arg, Network, Printed, Recipe
from archspec.ir.recipe import Use
from archspec.language.syntax import RESERVED
from archspec.recipe import SETTINGS, find, missing
from archspec.recipe.rules import contradictions
from archspec.support.limits import LARGEST

Path = tuple[str | int, ...]


class Mistake(NamedTuple):
    """What is wrong, and in which part of the JSON."""

    path: Path
    message: str


def of_network(network: Network) -> Iterator[Mistake]:
    """What is wrong with all but the steps of a network."""
    if len(network.input) not in (1, 3) or not all(1 <= side <= LARGEST for side in network.input):
        wrong = f"the input is {_short(list(network.input))}, and must be 1 or 3 whole numbers of at least 1"
        yield Mistake(("input",), wrong)
    yield from of_names(network.parameters, "the network", ("parameters",))
    for name, value in network.parameters.items():
        yield from of_size(value, ("parameters", name))
    fields = [("input_names", network.input_names), ("structural", network.structural)]
    names = network.recipe.names if network.recipe else ()
    for at, listed in [*(((field,), found) for field, found in fields), (("recipe", "names"), names)]:
        for i, name in enumerate(listed):
            if name not in network.parameters:
                yield Mistake((*at, i), f"`{name}` is not a parameter of the network")
    yield from _rules(network.counted, ("counted",))
    yield from _figures(network)
    if network.recipe is not None:
        yield from _recipe(network.recipe)


def of_names(names: Iterable[str], owner: str, at: Path) -> Iterator[Mistake]:
    """Names that no parameter can have."""
    for name in names:
        if not is_name(name) or name in RESERVED:
            yield Mistake((*at, name), f"`{name}` cannot be a parameter of {owner}")


def of_size(value: Any, at: Path) -> Iterator[Mistake]:
    """A number that is larger than any of a layer."""
    if not within_bounds(value):
        yield Mistake(at, f"{_short(value)} is too large: at most {LARGEST:,}")


def _figures(network: Network) -> Iterator[Mistake]:
    """Printed figures of rows or quantities that do not exist, and prints that are none."""
    for i, cell in enumerate(network.cells):
        if not 0 <= cell.row < len(network.rows):
            wrong = f"a cell is printed in row {_short(cell.row)}, and the rows are 0 to {len(network.rows) - 1}"
            yield Mistake(("cells", i, "row"), wrong)
        yield from _figure(cell, cell.quantity in CHECKS, ("cells", i))
    for i, misprint in enumerate(network.misprints):
        if not 0 <= misprint.row < len(network.rows):
            wrong = f"a misprint is in row {_short(misprint.row)}, and the rows are 0 to {len(network.rows) - 1}"
            yield Mistake(("misprints", i, "row"), wrong)
    for i, claim in enumerate(network.claims):
        figure = claim.figure
        known = claim.quantity in CLAIMS or is_reported(claim.quantity) if figure is None else figure.of(claim.quantity)
        yield from _figure(claim, known, ("claims", i), figure)
        yield from _rules(claim.counted, ("claims", i, "counted"))
        for name, value in claim.parameters.items():
            at = "claims", i, "parameters", name
            if name not in network.parameters:
                yield Mistake(at, f"`{name}` is not a parameter of the network")
            yield from of_size(value, at)
    for unit, worth in network.units.items():
        if not UNITS.get(unit) or not 1 <= worth <= LARGEST:
            yield Mistake(("units", unit), f"`{unit}` is not a unit of figures, or stands for no number of at least 1")


def _figure(figure: Printed, known: bool, at: Path, of: Figure | None = None) -> Iterator[Mistake]:
    if not known:
        yield Mistake((*at, "quantity"), f"there is no quantity `{figure.quantity}` here")
        return
    for field, text in (("printed", figure.printed), ("correction", figure.correction)):
        read = text is None or (of.reads(figure.quantity, text) if of else readable(figure.quantity, text))
        if not read:
            yield Mistake((*at, field), f"`{text}` is not a figure for `{figure.quantity}`")
    said = [field for field in ("correction", "at_fault") if getattr(figure, field)]
    if said[1:] or (said and figure.mark != WRONG):
        yield Mistake((*at, said[0]), "only a figure with the mark `!` has either a correction or rows at fault")


def _short(value: Any) -> str:
    """A value in a message: what is endless is cut."""
    try:
        text = repr(value)
    except ValueError:  # Python writes no numbers of more than 4,300 digits
        return "a number"
    return text if len(text) <= 60 else f"{text[:40]}..."


def is_name(text: str) -> bool:
    """Whether a text is a name as the language writes it."""
    return re.fullmatch(r"[^\W\d]\w*", text) is not None


def of_argument(arg: Arg, names: Set[str], values: Mapping[str, Any], at: Path) -> Iterator[Mistake]:
    """What is wrong with the text of an argument over names and the parameters of the network.

    A size has a text for each part: ``width x 3``.
    """
    yield from of_size(arg.value, (*at, "value"))
    if arg.expression is None:
        if arg.value is None:
            yield Mistake(at, "an argument has neither a value nor a text")
        return
    parts = arg.expression.sides if isinstance(arg.expression, Size) else (arg.expression,)
    sides = len(arg.value) if isinstance(arg.value, tuple) and not isinstance(arg.expression, Name | Choice) else 1
    if len(parts) != sides:
        yield Mistake((*at, "text"), f"`{arg.text}` is not an expression over numbers and parameters")
        return
    unknown = sorted(name for name in arg.names if name not in names and name not in values)
    for name in unknown:
        yield Mistake((*at, "text"), f"`{arg.text}` names `{name}`, which is not a parameter of the network")
    if not unknown and arg.value is not None:
        yield from _value(arg, arg.expression, names, values, at)


def _value(arg: Arg, expression: Expression, names: Set[str], values: Mapping[str, Any], at: Path) -> Iterator[Mistake]:
    """A value that is not what its expression comes to, whatever the names of the block stand for."""
    try:
        found = _known(expression, {name: values[name] for name in arg.names if name not in names})
    except Unfit:
        found = None
    except KeyError:
        wrong = f"`{arg.text}` has the value {_short(arg.value)}, and depends on where the block is used"
        yield Mistake((*at, "value"), wrong)
        return
    if found != arg.value:
        wrong = f"`{arg.text}` is not {_short(arg.value)} for the parameters of the network"
        yield Mistake((*at, "value"), wrong)


def _known(expression: Expression, values: Mapping[str, Any]) -> Any:
    """The value of an expression as far as these names decide it; raises KeyError where another name does."""
    if isinstance(expression, Choice):
        return _known(expression.yes if _known(expression.condition, values) else expression.no, values)
    if isinstance(expression, Negation):
        return not _known(expression.inner, values)
    if not isinstance(expression, Logic):
        return evaluate(expression, values)
    either, open_ = expression.operator == "or", 0
    for side in (expression.left, expression.right):
        try:
            if bool(_known(side, values)) == either:
                return either
        except KeyError:
            open_ += 1
    if open_:
        raise KeyError
    return not either


def _rules(rules: tuple[str, ...], at: Path) -> Iterator[Mistake]:
    for i, rule in enumerate(rules):
        if not is_rule(rule):
            yield Mistake((*at, i), f"there is no counting rule `{rule}`")
    if (further := further_convention(rules)) is not None:
        second, _ = further
        yield Mistake((*at, second), f"figures are counted by one convention, and `{rules[second]}` is a second one")


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
            mistakes = [*_part(name, use, (*at, "uses", i))]
            wrong = wrong or bool(mistakes)
            yield from mistakes
    if not wrong:
        lacking = missing([name for name in recipe.settings if recipe.settings[name].uses])
        if lacking:
            yield Mistake(("recipe",), f"the recipe has no {', '.join(f'`{name}`' for name in lacking)}")
        parts = {name: recipe.parts(name) for name in recipe.settings}
        yield from (Mistake(("recipe",), found.message) for found in contradictions(parts))


def _part(setting: str, use: Use, at: Path) -> Iterator[Mistake]:
    """One part of a setting: it exists, and takes its arguments."""
    kind = find(setting, use.part)
    if kind is None:
        yield Mistake((*at, "part"), f"`{setting}` has no part `{use.part}`")
        return
    unknown = sorted(use.args.keys() - kind.arguments.keys())
    large = [name for name, value in use.args.items() if not within_bounds(value)]
    if unknown or large:
        yield from (Mistake((*at, "args", name), f"`{use.part}` has no argument `{name}`") for name in unknown)
        for name in large:
            yield from of_size(use.args[name], (*at, "args", name))
        return
    try:
        kind(**use.args)
    except Misfit as misfit:
        yield Mistake((*at, "args"), f"`{use.part}` of `{setting}`: {misfit}")
