"""Printed figures as a page shows them: each with its arithmetic, its verdict and the reason of its mark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from archspec.budget import spend
from archspec.compiled import Compiled
from archspec.render.checks import check_cells
from archspec.reports.audit.derivations import percent
from archspec.reports.audit.figure import AGREES, Figure
from archspec.reports.audit.figures import figures_of
from archspec.support.limits import LISTED
from archspec.support.terminal import printable

WORDS: Mapping[str, str] = {
    "unchecked": "not checked, as layers are not known",
    "exact": "exact",
    "rounds": "rounds",
    "cut": "cut",
    "coarse": "coarse",
    "erratum": "wrong in print",
    "unexplained": "no rule found",
    "wrong": "disagrees",
    "reported": "not checked",
}
"""How each standing is called."""
TONES = {
    "erratum": "odd",
    "unexplained": "odd",
    "wrong": "bad",
    "reported": "soft",
    "unchecked": "soft",
    **dict.fromkeys(AGREES, "good"),
}
APART = {"program": "counted by a program", "author": "added by the author of the spec"}
"""Where a figure comes from that nobody prints."""
TYPED = {"text copy": "a copy of the text", "memory": "memory", "lecture": "a lecture", "paper": "the paper"}
"""What other figures were typed from."""


class Prints(NamedTuple):
    """The figures of a spec in the order in which a reader asks for them."""

    claims: Sequence[Print]
    """Those that do not agree, then all others of whole networks."""
    cells: Sequence[Print]
    """The cells of the table of layers that agree."""
    reported: Sequence[Print]
    """Results of experiments, which no arithmetic checks."""

    @property
    def checked(self) -> Sequence[Print]:
        """Those that arithmetic checks."""
        return [*self.claims, *self.cells]

    @property
    def standing(self) -> str:
        """``66 of 66``: how many of them hold, or are marked and do not agree."""
        checked = self.checked
        holding = sum(each.tone != "bad" for each in checked)
        return f"{holding:,} of {len(checked):,}" if checked else "none"


class Print(NamedTuple):
    """One printed figure in words."""

    source: str
    networks: str
    """The variants that it is printed for; nothing where it is for all."""
    quantity: str
    printed: str
    should: str
    """What it should be, where the spec says so."""
    value: str
    counted: str
    standing: str
    tone: str
    apart: str
    """Where it comes from, if nobody prints it."""
    typed: str
    """What it was typed from, where the spec says so."""
    more: Sequence[str]
    """The arithmetic, what else was tried, and other lines below it."""
    reason: Sequence[str]
    """What the author says of it, in paragraphs."""
    row: int | None = None
    """The row of the table that it stands in, where that is the same row of all networks."""


def prints_of(spec: str, networks: Sequence[Compiled]) -> Prints:
    """All figures of a spec."""
    found = figures_of(spec, networks)
    alike = len({tuple(row.layer for row in compiled.network.rows) for compiled in networks}) == 1
    rows = {cell.span: cell.row for compiled in networks for cell in compiled.network.cells} if alike else {}
    made = [(each, print_of(each, rows.get(each.check.span) if each.of_row else None)) for each in found]
    agreeing = [(each, said) for each, said in made if each.standing in AGREES]
    return Prints(
        [*(said for each, said in made if said.tone in ("odd", "bad")),
         *(said for each, said in agreeing if not each.of_row)],
        [said for each, said in agreeing if each.of_row],
        [said for each, said in made if each.standing == "reported"],
    )  # fmt: skip


def print_of(figure: Figure, row: int | None = None) -> Print:
    """One figure."""
    spend(LISTED)
    check = figure.check
    source, quantity, _, value, _, counted = check_cells(check)
    return Print(
        source,
        printable(", ".join(figure.variants)),
        quantity,
        printable(check.printed),
        printable(check.correction or ""),
        value,
        counted if check.verdict != "reported" else "",
        WORDS[figure.standing],
        TONES[figure.standing],
        APART.get(check.taken_from or "", ""),
        TYPED.get(check.taken_from or "", ""),
        [*map(printable, _more(figure))],
        [printable(line.strip()) for line in figure.comment.split("\n") if line.strip()],
        row,
    )


def _more(figure: Figure) -> Iterator[str]:
    """The lines below a figure."""
    check = figure.check
    yield from figure.proof or ([check.working] if check.working else [])
    if figure.label:
        yield figure.label
    if check.at_fault:
        yield f"at fault: {', '.join(check.at_fault)}"
    for line in figure.tried or ():
        yield f"would give it: {line}"
    if figure.tried == () and figure.standing != "reported":
        yield "no other rule or argument that was tried gives it"
    if figure.difference and figure.standing not in AGREES:
        where = "above" if figure.difference > 0 else "below"
        yield f"the print is {percent(figure.difference)} % {where} the arithmetic"
