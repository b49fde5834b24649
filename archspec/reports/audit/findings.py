"""What is wrong in print, one finding a figure: its class, how certain it is, and where its derivation stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from archspec.counting.quantities import SHAPES
from archspec.reports.audit.figure import Figure, shape_off
from archspec.reports.audit.figures import Printed
from archspec.reports.audit.instructions import Instruction
from archspec.reports.audit.slugs import slugs

MISPRINT, ITSELF, QUOTATION = "misprint", "table against itself", "wrong quotation"
LABEL, SLIP, UNKNOWN = "label taken for a count", "lecture slip", "rule unknown"
CLASSES: Mapping[str, str] = {
    MISPRINT: "two digits changed places, or one digit is wrong",
    ITSELF: "a figure or a layer contradicts the layers of its own table, or other figures of its paper",
    QUOTATION: "a paper or a lecture prints it of the network of another paper, which gives another figure",
    LABEL: "the number in the name of a network, or that of the rows of a table, is printed as that of its layers",
    SLIP: "a lecture prints it of its own example",
    UNKNOWN: "no counting rule was found that gives it: the paper need not be wrong",
}
"""The classes of findings, with what they mean."""
CERTAIN, LIKELY, REMEMBERED, OPEN = "certain", "likely", "from memory", "open"
CERTAINTIES: Mapping[str, str] = {
    CERTAIN: "the page says what it should be, or which row is at fault, and the arithmetic agrees",
    LIKELY: "it contradicts the layers; the paper does not tell which of the two is wrong, or what it should be",
    REMEMBERED: "the figure was typed from memory",
    OPEN: "it is not known what was counted",
}
"""How certain a finding is, the most certain first."""


class Finding(NamedTuple):
    """A figure that is marked and disagrees, or a cell of layers that is printed wrong."""

    paper: str
    """The title of its paper."""
    page: str
    """The name of the page of its paper."""
    figure: Figure | Instruction
    kind: str
    """One of ``CLASSES``."""
    certainty: str
    anchor: str
    """Where its derivation stands on the page of its paper."""

    @property
    def off(self) -> float:
        """How far the print is from the arithmetic, as a part of it; of shapes by their numbers of elements."""
        return self.figure.off if isinstance(self.figure, Instruction) else abs(_off(self.figure))


def findings(papers: Iterable[Printed]) -> list[Finding]:
    """All findings, the worst first: the most certain, then those that are furthest off."""
    found = [finding for paper in papers for finding in findings_of(paper)]
    order = [*CERTAINTIES]
    return sorted(found, key=lambda each: (order.index(each.certainty), -each.off))


def findings_of(paper: Printed) -> Iterator[Finding]:
    """The findings of one paper, in the order of its figures."""
    every: list[Figure | Instruction] = [*paper.figures, *paper.instructions]
    found = [each for each in every if each.standing in ("erratum", "unexplained") and each.of_print]
    for figure, anchor in zip(found, slugs(map(_called, found)), strict=True):
        yield Finding(paper.title, paper.page, figure, kind_of(figure), _certainty(figure), anchor)


def _called(figure: Figure | Instruction) -> str:
    column = figure.check.column if isinstance(figure, Instruction) else figure.check.quantity
    return f"{figure.names} {figure.check.source} {column} {figure.check.printed}"


def kind_of(figure: Figure | Instruction) -> str:
    """The class of a finding: layers contradict the figures beside them, as those contradict layers."""
    if isinstance(figure, Instruction):
        return SLIP if figure.lecture else ITSELF
    if figure.label:
        return LABEL
    if figure.standing == "unexplained":
        return UNKNOWN
    if figure.check.at_fault:
        return SLIP if figure.paper.lecture else ITSELF
    if figure.quoted and (figure.check.correction or not figure.paper.lecture):
        return QUOTATION
    if figure.paper.lecture:
        return SLIP
    return MISPRINT if _few_digits(figure) else ITSELF


def _certainty(figure: Figure | Instruction) -> str:
    if figure.check.taken_from == "memory":
        return REMEMBERED
    if isinstance(figure, Instruction):
        return CERTAIN if figure.check.told_twice else LIKELY
    if figure.standing == "unexplained":
        return LIKELY if figure.label else OPEN
    return CERTAIN if figure.check.correction or figure.check.at_fault else LIKELY


def _few_digits(figure: Figure) -> bool:
    """Whether a print and what it should be are as long, and one digit is another or two changed places."""
    printed, meant = (re.sub(r"\D", "", text or "") for text in (figure.check.printed, figure.check.correction))
    if len(printed) < 3 or len(printed) != len(meant):
        return False
    wrong = [(a, b) for a, b in zip(printed, meant, strict=True) if a != b]
    return len(wrong) == 1 or (len(wrong) == 2 and wrong[0] == wrong[1][::-1])


def _off(figure: Figure) -> float:
    check = figure.check
    if figure.difference is not None:
        return figure.difference / 100
    if check.quantity in SHAPES and isinstance(check.value, str):
        return shape_off(check.printed, check.value)
    return 0.0
