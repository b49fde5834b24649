"""What formulas say, read again by other code: conditions and formulas as text, and as Python, at one setting."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor
from typing import Any

from archspec.family.formulas.facade import Formula

WORDS = re.compile(r"(.*) is whole")
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")


def round_to(value: Fraction, multiple: Fraction) -> Fraction:
    nearest = max(floor(value / multiple + Fraction(1, 2)), 1) * multiple
    return nearest + multiple if nearest < Fraction(9, 10) * value else nearest


KNOWN: Mapping[str, Any] = {
    "F": Fraction,
    "ceil": ceil,
    "floor": floor,
    "min": min,
    "max": max,
    "round_to": round_to,
    "whole": lambda number: Fraction(number).denominator == 1,
}


def evaluated(text: str, values: Mapping[str, Any]) -> Any:
    """A formula or a condition in the notation of a terminal, for values of its names, in fractions."""
    text = WORDS.sub(r"whole(\1)", text)
    text = re.sub(r"(?<![<>!=])=(?!=)", "==", text).replace("^", "**").replace("{", "(").replace("}", ",)")
    text = NUMBER.sub(lambda found: found[0] if text[found.start() - 2 :][:2] == "**" else f'F("{found[0]}")', text)
    exact = {name: x if isinstance(x, bool | str) else Fraction(str(x)) for name, x in values.items()}
    return eval(text, {"__builtins__": {}}, {**KNOWN, **exact, "yes": True, "no": False})


class Statements:
    """A formula in all forms that say what it holds for."""

    def __init__(self, formula: Formula) -> None:
        self.formula = formula
        self.cases = json.loads(formula.text("json"))["cases"]
        self._python: dict[str, Any] = {}
        exec(formula.text("python"), self._python)

    def by_text(self, values: Mapping[str, Any]) -> list[dict[str, int]]:
        """What each case says whose conditions a setting meets."""
        found = []
        for case in self.cases:
            if _meets([*case["where"], *case["demands"]], values):
                short = {name: evaluated(text, values) for name, text in case["with"].items()}
                texts = {name: forms["text"] for name, forms in case["formulas"].items()}
                found.append({name: evaluated(text, {**values, **short}) for name, text in texts.items()})
        return found

    def by_python(self, values: Mapping[str, Any]) -> dict[str, int] | None:
        """What the Python says; None where it says that it does not hold."""
        try:
            return {name: self._python[name](**values) for name in self.formula.quantities}
        except ValueError as error:
            if "does not hold" in str(error):
                return None
            raise


def _meets(conditions: list[str], values: Mapping[str, Any]) -> bool:
    """Whether a setting meets all conditions: where one has no value, another one has to say that it does not."""
    found: list[bool | None] = []
    for each in conditions:
        try:
            found.append(bool(evaluated(each, values)))
        except ZeroDivisionError:
            found.append(None)
    assert False in found or None not in found, (conditions, values)
    return all(found)
