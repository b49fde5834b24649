"""Printed figures with their marks: ``24M``, ``24M !``, ``24M ! 15.2M``, ``24M ! see conv2``, ``24M ?``."""

from __future__ import annotations

import re
from typing import NamedTuple

from archspec.budget import spend
from archspec.counting.quantities import readable
from archspec.diagnostics import Report, Span
from archspec.elaborate import messages as say
from archspec.elaborate.figure_messages import wrong_print
from archspec.elaborate.headers import with_unit
from archspec.ir.figure import Figure
from archspec.ir.network import UNEXPLAINED, WRONG, Mark
from archspec.language import syntax as s
from archspec.support.limits import CELL

MARKED = re.compile(rf"(?P<printed>[^{WRONG}{UNEXPLAINED}]*)(?P<mark>[{WRONG}{UNEXPLAINED}])(?P<rest>.*)", re.DOTALL)
SEE = r"(?s:see\s+(?P<rows>.+))"


class Print(NamedTuple):
    """A figure as it is printed, and what its mark says of it."""

    printed: str
    mark: Mark | None = None
    correction: str | None = None
    at_fault: tuple[str, ...] = ()


def unmarked(text: str) -> str:
    """A printed figure without its mark and what stands behind that."""
    match = MARKED.fullmatch(text)
    return match["printed"].rstrip() if match else text


def printed_of(cell: s.Cell, quantity: str, unit: str, figure: Figure | None, report: Report) -> Print | None:
    """The print of a cell, whose unit is that of its column; None where it is none, which is reported.

    ``figure`` says what of the quantity is printed, where it is not plainly that.
    """
    match = MARKED.fullmatch(cell.text)
    if match is None:
        text = with_unit(cell.text, unit)
        return Print(text) if _readable(cell.span, quantity, text, figure, report) else None
    printed, rest = with_unit(match["printed"].rstrip(), unit), match["rest"].strip()
    if not _readable(cell.span, quantity, printed, figure, report):
        return None
    mark: Mark = WRONG if match["mark"] == WRONG else UNEXPLAINED
    if not rest:
        return Print(printed, mark)
    at = cell.span.within(len(cell.text) - len(rest), len(cell.text))
    see = re.fullmatch(SEE, rest)
    corrected = with_unit(rest, unit)
    if mark == UNEXPLAINED or not (see or _reads(quantity, corrected, figure)):
        report.add(say.words_after_mark(at, mark, rest, quantity if figure is None else figure.text or quantity))
        return None
    if see is None:
        return Print(printed, mark, corrected)
    rows = tuple(name.strip() for name in see["rows"].split(","))
    spend(CELL * len(rows), at)
    return Print(printed, mark, at_fault=rows)


def _readable(span: Span, quantity: str, text: str, figure: Figure | None, report: Report) -> bool:
    fits = _reads(quantity, text, figure)
    if not fits:
        wrong = say.wrong_figure(span, text, quantity) if figure is None else wrong_print(span, text, figure, quantity)
        report.add(wrong)
    return fits


def _reads(quantity: str, text: str, figure: Figure | None) -> bool:
    return readable(quantity, text) if figure is None else figure.reads(quantity, text)
