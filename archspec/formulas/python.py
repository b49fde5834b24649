"""Formulas as a Python file: a function for each quantity, exact on fractions, that needs nothing but Python."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.formulas.formula import Case, Formulas
from archspec.formulas.writing import PYTHON, condition_text, written

HELPERS = {
    "is_whole": '''def is_whole(number):
    """Whether a number is whole."""
    return Fraction(number).denominator == 1
''',
    "round_to": '''def round_to(number, multiple):
    """The nearest multiple, halves up, at least one and no more than a tenth below."""
    nearest = max(floor(number / multiple + Fraction(1, 2)), 1) * multiple
    return nearest + multiple if nearest < Fraction(9, 10) * number else nearest
''',
}


def as_python(formulas: Formulas, quantities: Sequence[str]) -> str:
    """The text of a module with a function for each quantity."""
    body = "\n\n".join(_function(formulas, name) for name in quantities)
    helpers = [text for name, text in HELPERS.items() if f"{name}(" in body]
    uses = [name for name in ("ceil", "floor") if f"{name}(" in body + "".join(helpers)]
    fixed = ", ".join(f"{name} = {value}" for name, value in formulas.fixed.items())
    title = f'"""Counts of {formulas.network.label} over {", ".join(formulas.names)}{"; " + fixed if fixed else ""}."""'
    imports = ["from fractions import Fraction", *([f"from math import {', '.join(uses)}"] if uses else [])]
    return "\n".join([title, "", *imports, "", "", "\n\n".join([*helpers, body])])


def _function(formulas: Formulas, quantity: str) -> str:
    names = ", ".join(formulas.names)
    exact = ", ".join(f"Fraction(str({name}))" for name in formulas.names)
    lines = [f"def {quantity}({names}):", f"    {names} = {exact}"]
    for case in formulas.cases:
        lines.append(f"    if {_condition(case)}:")
        lines.append(f"        return int({written(case.polynomial(quantity), PYTHON)})")
    lines.append('    raise ValueError("the formula does not hold for these values")')
    return "\n".join(lines) + "\n"


def _condition(case: Case) -> str:
    said = [condition_text(each, PYTHON) for each in (*case.decided, *case.demanded)]
    return " and ".join(said) or "True"
