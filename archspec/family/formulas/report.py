"""Formulas of a network as a reader gets them: as text, LaTeX, Python and data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from archspec.counting.quantities import QUANTITIES as COUNTED
from archspec.expressions.tree import Comparison, Expression, Function
from archspec.family.formulas.facts import is_whole
from archspec.family.formulas.formula import Case, Formulas
from archspec.family.formulas.growth import derivative, elasticity, leading, smooth
from archspec.family.formulas.normal import Exact, polynomial_of
from archspec.family.formulas.writing import LATEX, PYTHON, TEXT, Style, condition_text, written
from archspec.ir.network import Value
from archspec.op import Shape
from archspec.support.words import spelled

HEADERS = {quantity.field: quantity.name for quantity in COUNTED} | {"kept": "kept"}
"""What tables call the quantities."""


def as_text(formulas: Formulas, quantities: Sequence[str], rows: bool = False, growth: bool = False) -> str:
    """What a terminal shows."""
    lines = [_title(formulas)]
    for case in formulas.shown(quantities):
        lines += ["", _where(case)]
        pairs = [(HEADERS[name], _bound(case) + _formula(case, case.polynomial(name), TEXT)) for name in quantities]
        lines += _aligned(pairs)
        if rows:
            lines += ["", *_rows(case, quantities)]
        if growth:
            lines += ["", *_growth(formulas, case, quantities)]
    return "\n".join(lines) + "\n"


def as_latex(formulas: Formulas, quantities: Sequence[str]) -> str:
    """An ``align*`` of each piece, for a paper: it needs amsmath."""
    lines = [f"% {_title(formulas)}"]
    for case in formulas.shown(quantities):
        lines += [f"% {_where(case)}", r"\begin{align*}"]
        pairs = [(f"\\text{{{HEADERS[name]}}}", _formula(case, case.polynomial(name), LATEX)) for name in quantities]
        pairs += [(LATEX.name(name), written(value, LATEX)) for name, value in case.named.items()]
        lines += [f"  {left} &= {right} \\\\" for left, right in pairs]
        lines[-1] = lines[-1].removesuffix(r" \\")
        lines.append(r"\end{align*}")
    return "\n".join(lines) + "\n"


def as_data(formulas: Formulas, quantities: Sequence[str], rows: bool = False) -> dict[str, Any]:
    """The same as data, for JSON."""
    return {
        "network": formulas.network.label,
        "over": dict(formulas.setting),
        "choices": {name: [_plain(value) for value in values] for name, values in formulas.choices.items()},
        "fixed": {name: _plain(value) for name, value in formulas.fixed.items()},
        "counted": formulas.counting.name,
        "cases": [_case_data(formulas, case, quantities, rows) for case in formulas.shown(quantities)],
        "diagnostics": [diagnostic.to_dict() for diagnostic in formulas.diagnostics],
    }


def _case_data(formulas: Formulas, case: Case, quantities: Sequence[str], rows: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "where": [condition_text(each, TEXT) for each in case.decided],
        "demands": [condition_text(each, TEXT) for each in case.demanded],
        "with": {name: written(value, TEXT) for name, value in case.named.items()},
        "bound": not case.piece.known,
        "formulas": {name: _styles(case, case.polynomial(name)) for name in quantities},
        "growth": {name: _growth_data(formulas, case.polynomial(name)) for name in quantities},
    }
    if rows:
        found["rows"] = [
            {"layer": row.layer, "op": row.op, "output": _shape(case, row.output)}
            | {name: _styles(case, case.of(row.amounts[name])) for name in quantities if name in row.amounts}
            for row in case.piece.rows
        ]
    return found


def _styles(case: Case, polynomial: Exact) -> dict[str, str]:
    made = {"text": _formula(case, polynomial, TEXT), "latex": _formula(case, polynomial, LATEX)}
    return made | {"python": written(polynomial, PYTHON)}


def _growth_data(formulas: Formulas, polynomial: Exact) -> dict[str, Any]:
    grown = smooth(polynomial)
    slopes = {name: derivative(grown, name) for name in formulas.names}
    return {
        "leading": written(leading(grown), TEXT),
        "derivatives": {name: written(slope, TEXT) for name, slope in slopes.items() if slope is not None},
        "percent": {name: elasticity(grown, name, formulas.setting) for name in formulas.names},
    }


def _title(formulas: Formulas) -> str:
    fixed = ", ".join(f"{name} = {spelled(value)}" for name, value in formulas.fixed.items())
    over = _listed([*formulas.names, *formulas.choices])
    named = f"{formulas.network.display_name} over {over}{f', with {fixed}' if fixed else ''}"
    return f"{named}; counted: {formulas.counting.name}"


def _where(case: Case) -> str:
    """What a piece holds for, as the line above its formulas."""
    wholes = [each for each in case.demanded if is_whole(each)]
    bounds = [each for each in case.demanded if not is_whole(each)]
    of_wholes = [_whole(each.parts[0], bounds) for each in wholes]
    inner = {each.parts[0] for each in wholes}
    others = [x for x in bounds if not (isinstance(x, Comparison) and x.operator in (">=", "<=") and x.left in inner)]
    parts = [f"where {_listed([condition_text(x, TEXT) for x in case.decided])}"] if case.decided else []
    parts += [f"for whole {_listed(of_wholes)}"] if of_wholes else []
    few = [x for x in others if isinstance(x, Function)]
    plain = [condition_text(x, TEXT) for x in others if x not in few]
    parts += [f"for {_listed(plain)}"] if plain else []
    parts += [f"for {_listed(_by_values(few))}"] if few else []
    names = [f"{name} = {written(value, TEXT)}" for name, value in case.named.items()]
    parts += [f"with {_listed(names)}"] if names else []
    text = ", ".join(parts) or "for all values"
    return f"{text[0].upper()}{text[1:]}:"


def _whole(number: Expression, bounds: Sequence[Expression]) -> str:
    """A number that is to be whole, with its bounds: ``d >= 1``, ``d from 1 to 7``."""
    text = written(polynomial_of(number), TEXT)
    least, most = (
        next((x.right for x in bounds if isinstance(x, Comparison) and (x.operator, x.left) == (op, number)), None)
        for op in (">=", "<=")
    )
    if least is not None and most is not None:
        return f"{text} from {_number(least)} to {_number(most)}"
    end = least if most is None else most
    return text if end is None else f"{text} {'<=' if least is None else '>='} {_number(end)}"


def _by_values(few: Sequence[Function]) -> list[str]:
    """Parameters that are one of the same values together: ``a and b in {3, 5}``."""
    names: dict[str, list[str]] = {}
    for each in few:
        name, _, values = condition_text(each, TEXT).partition(" in ")
        names.setdefault(values, []).append(name)
    return [f"{_listed(those)} in {values}" for values, those in names.items()]


def _number(value: Expression) -> str:
    return written(polynomial_of(value), TEXT)


def _formula(case: Case, polynomial: Exact, style: Style) -> str:
    return written(case.short(polynomial), style)


def _bound(case: Case) -> str:
    return "" if case.piece.known else ">= "


def _rows(case: Case, quantities: Sequence[str]) -> Iterator[str]:
    names = [name for name in quantities if any(name in row.amounts for row in case.piece.rows)]
    table = [["layer", "output", *(HEADERS[name] for name in names)]]
    for row in case.piece.rows:
        amounts = (_formula(case, case.of(row.amounts[name]), TEXT) for name in names)
        table.append([row.layer, _shape(case, row.output), *amounts])
    widths = [max(len(line[i]) for line in table) for i in range(len(table[0]))]
    for line in table:
        yield "  " + "  ".join(text.ljust(n) for text, n in zip(line, widths, strict=True)).rstrip()


def _shape(case: Case, shape: Shape) -> str:
    sides = [shape.height, shape.width, shape.channels] if shape.is_map else [shape.channels]
    return " x ".join(_formula(case, case.of(side), TEXT) for side in sides)


def _growth(formulas: Formulas, case: Case, quantities: Sequence[str]) -> Iterator[str]:
    for name in quantities:
        grown = smooth(case.polynomial(name))
        product = Exact((1, powers) for _, powers in leading(grown).terms)
        yield f"  {HEADERS[name]} grows as {written(product, TEXT)}: {written(leading(grown), TEXT)}"
        for over in formulas.names:
            slope, percent = derivative(grown, over), elasticity(grown, over, formulas.setting)
            if slope is not None and slope.terms:
                said = (
                    f"; at {over} = {spelled(formulas.setting[over])}, 1% more of it is {percent:.2f}% more"
                    if percent
                    else ""
                )
                yield f"    d/d{over} = {written(slope, TEXT)}{said}"


def _aligned(pairs: Sequence[tuple[str, str]]) -> list[str]:
    wide = max(len(left) for left, _ in pairs)
    return [f"  {left.ljust(wide)} = {right}" for left, right in pairs]


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _plain(value: Value) -> Any:
    """A value as JSON has it: a number as it is, others as a spec writes them."""
    return spelled(value) if isinstance(value, bool | tuple) else value
