"""A formula as a program asks for it: its text, its value at a setting, and how it grows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archspec.budget import apart
from archspec.counting.conventions import Counting
from archspec.diagnostics import ArchError, Diagnostic
from archspec.elaborate.options import plain_values
from archspec.family.formulas import python, report
from archspec.family.formulas.formula import QUANTITIES, Formulas
from archspec.family.formulas.messages import no_form, no_quantity
from archspec.family.member import Member
from archspec.render.formats import json_text
from archspec.support.limits import MOST_TRACED
from archspec.support.takes import FLAG, TEXT, takes

SHOWN = QUANTITIES[:3]
FORMS = ("text", "latex", "python", "json")


class Formula:
    """Quantities of a network over some of its parameters, exact for every setting that holds."""

    def __init__(self, formulas: Formulas, quantities: Sequence[str]) -> None:
        self._formulas = formulas
        self.quantities = tuple(quantities)
        """What the formula is of, ``params`` and the like."""

    @property
    def names(self) -> tuple[str, ...]:
        """What it is over."""
        return self._formulas.names

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What has no closed form, so that the formula holds for one value of it."""
        return self._formulas.diagnostics

    def __call__(self, **values: Any) -> Any:
        """The count at a setting, a whole number, or a dictionary where the formula is of several quantities.

        What is not set has the value that it has in the network. Raises ArchError where the network does not hold.
        """
        with apart(MOST_TRACED):
            found = self._formulas.at(plain_values(values))
        return found[self.quantities[0]] if len(self.quantities) == 1 else {q: found[q] for q in self.quantities}

    @takes(form=TEXT, rows=FLAG, growth=FLAG)
    def text(self, form: str = "text", *, rows: bool = False, growth: bool = False) -> str:
        """As ``text``, ``latex``, ``python`` or ``json``; raises ArchError for another form."""
        if form not in FORMS:
            raise ArchError([no_form(form, FORMS)])
        with apart(MOST_TRACED):
            return self._text(form, rows, growth)

    def _text(self, form: str, rows: bool, growth: bool) -> str:
        if form == "latex":
            return report.as_latex(self._formulas, self.quantities)
        if form == "python":
            return python.as_python(self._formulas, self.quantities)
        if form == "json":
            return json_text(report.as_data(self._formulas, self.quantities, rows)) + "\n"
        return report.as_text(self._formulas, self.quantities, rows, growth)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<formula of {', '.join(self.quantities)} over {', '.join(self.names)}>"


def formula_of(member: Member, quantities: Sequence[str], over: Sequence[str] | None, counting: Counting) -> Formula:
    """The formula of a member that holds; raises ArchError where there is none."""
    wrong = [no_quantity(name, QUANTITIES) for name in quantities if name not in QUANTITIES]
    if wrong:
        raise ArchError(wrong)
    return Formula(Formulas(member, over, counting), quantities or SHOWN)
