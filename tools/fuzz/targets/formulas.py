"""Formulas of networks in every form, against the count at random settings."""

from __future__ import annotations

import json
from inspect import signature
from typing import Any, NamedTuple

from formula_tree import strange
from members_counted import counted

from archspec import ArchError, loads
from archspec.family.formulas.facade import FORMS
from archspec.family.formulas.formula import QUANTITIES
from fuzz.choices import Choices
from fuzz.judge import demand, demand_plain
from fuzz.targets.sweeps import PARAMETER, SIDES
from fuzz.texts import HOSTILE, spec

NEEDS: tuple[str, ...] = ()
VALUES = [1, 2, 3, 4, 5, 8, 0, -1, 0.5, 1.5, 0.25, 10**6, 10**13, 2.0]


class Asked(NamedTuple):
    """A spec, what its formulas are of and over, and values to try."""

    text: str
    of: tuple[str, ...]
    over: tuple[str, ...] | None
    settings: tuple[dict[str, float], ...]


def given(pen: Choices) -> Asked:
    """A spec, some of its parameters, and values of them."""
    places = Choices(bytes(pen.number(0, 255) for _ in range(60)))
    text = spec(pen)
    names = [*PARAMETER.findall(text.partition("\n")[0]), places.one_of(SIDES)]
    over = tuple(dict.fromkeys(_one(places, names) for _ in range(places.number(1, 3)))) if places.chance(70) else None
    of = tuple(dict.fromkeys(_one(places, [*QUANTITIES]) for _ in range(places.number(1, 3))))
    settings = tuple({name: places.one_of(VALUES) for name in over or names if places.chance(70)} for _ in range(3))
    return Asked(text, of, over, settings)


def _one(pen: Choices, names: list[str]) -> str:
    return pen.one_of(names) if pen.chance(95) else pen.one_of(HOSTILE)


def ask(given: Asked) -> None:
    """Print them in each form, and count by them and by the network itself."""
    net = loads(given.text).checked()
    formula = net.formula(*given.of, over=None if given.over is None else [*given.over])
    texts: dict[str, str] = {}
    for form in FORMS:
        try:
            texts[form] = formula.text(form, rows=True, growth=True)
        except ArchError as error:
            demand(str(error), "a refusal without a word")
            continue
        demand_plain(texts[form], f"a formula as {form}")
    if "json" in texts:
        json.loads(texts["json"])
    demand("\\input{evil}" not in _uncommented(texts.get("latex", "")), "a command of the spec's in TeX")
    space: dict[str, Any] = {}
    if "python" in texts:
        demand(not strange(texts["python"]), f"code in a formula: {strange(texts['python'])}")
        exec(compile(texts["python"], "<formula>", "exec", dont_inherit=True), space)
    for values in given.settings:
        known = {name: value for name, value in values.items() if name in formula.names}
        totals = counted(net, known)
        expected = None if isinstance(totals, str) else {name: totals[name] for name in formula.quantities}
        demand(_by_formula(formula, known) == expected, f"a formula counts otherwise: {known} {expected}")
        if space and {*known} == {*signature(space[formula.quantities[0]]).parameters}:
            _by_python(space, known, expected)


def _uncommented(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("%"))


def _by_formula(formula: Any, values: dict[str, float]) -> dict[str, Any] | None:
    try:
        found = formula(**values)
    except ArchError:
        return None
    return found if isinstance(found, dict) else {formula.quantities[0]: found}


def _by_python(space: dict[str, Any], values: dict[str, float], expected: dict[str, Any] | None) -> None:
    """The function of a formula gives the count, or says that none of its pieces holds there."""
    for name, count in (expected or {}).items():
        try:
            found = space[name](**values)
        except ValueError:
            continue
        demand(found == count, f"the Python of a formula counts otherwise: {values} {found} and not {count}")
