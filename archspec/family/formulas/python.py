"""Formulas as a Python file: a function for each quantity, exact on fractions, that needs nothing but Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archspec.family.formulas.formula import Formulas
from archspec.family.formulas.simpler import divides
from archspec.family.formulas.writing import PYTHON, Style, condition_text, written
from archspec.targets.torch.names import Names, doc

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
    names = Names(frozenset((*quantities, *HELPERS, "Fraction", "ceil", "floor")))
    known = {name: names.identifier(name) for name in (*formulas.names, *formulas.choices)}
    style = PYTHON.replaced(name=lambda name: known.get(name, name))
    body = "\n\n".join(_function(formulas, name, style, known) for name in quantities)
    helpers = [text for name, text in HELPERS.items() if f"{name}(" in body]
    uses = [name for name in ("ceil", "floor") if f"{name}(" in body + "".join(helpers)]
    imports = ["from fractions import Fraction", *([f"from math import {', '.join(uses)}"] if uses else [])]
    return "\n".join([f'"""{doc(_title(formulas))}."""', "", *imports, "", "", "\n\n".join([*helpers, body])])


def _title(formulas: Formulas) -> str:
    fixed = "".join(f"; {name} = {value}" for name, value in formulas.fixed.items())
    return f"Counts of {formulas.network.label} over {', '.join((*formulas.names, *formulas.choices))}{fixed}"


def _function(formulas: Formulas, quantity: str, style: Style, known: Mapping[str, str]) -> str:
    names = ", ".join(known[name] for name in formulas.names)
    exact = ", ".join(f"Fraction(str({known[name]}))" for name in formulas.names)
    lines = [f"def {quantity}({', '.join(known.values())}):"]
    lines += [f"    {names} = {exact}"] if names else []
    for case in formulas.shown([quantity]):
        asked = sorted((*case.decided, *case.demanded), key=divides)  # first what keeps others from dividing by 0
        conditions = [condition_text(each, style) for each in asked]
        lines.append(f"    if {' and '.join(conditions) or 'True'}:")
        lines.append(f"        return int({written(case.polynomial(quantity), style)})")
    lines.append('    raise ValueError("the formula does not hold for these values")')
    return "\n".join(lines) + "\n"
