"""What is wrong in print, one finding a figure: its class, how certain it is, and where its derivation stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from archspec.counting.quantities import SHAPES
from archspec.reports.audit.figure import Figure, shape_off
from archspec.reports.audit.figures import Printed
from archspec.reports.audit.instructions import Instruction

MISPRINT, ITSELF, QUOTATION = "misprint", "table against itself", "wrong quotation"
SLIP, UNKNOWN = "lecture slip", "rule unknown"
CLASSES: Mapping[str, str] = {
    MISPRINT: "digits changed places, or one of them is another",
    ITSELF: "a figure or a layer contradicts the layers of its own table, or other figures of it",
    QUOTATION: "a figure of another paper, which that paper does not give",
    SLIP: "a lecture prints it, and no paper",
    UNKNOWN: "no counting rule was found that gives it: the paper need not be wrong",
}
"""The classes of findings, with what they mean."""
CERTAIN, LIKELY, REMEMBERED, OPEN = "certain", "likely", "from memory", "open"
CERTAINTIES: Mapping[str, str] = {
    CERTAIN: "what it should be, or which figure is at fault, is said and comes out",
    LIKELY: "it contradicts the layers; which of the two is wrong, or what it should be, the print does not tell",
    REMEMBERED: "the figure was typed from memory",
    OPEN: "it is not known what was counted",
}
"""How certain a finding is, the most certain first."""


class Finding(NamedTuple):
    """A figure that is marked and disagrees, or a cell of layers that is printed wrong."""

    paper: str
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
    seen: Counter[str] = Counter()
    subjects: list[Figure | Instruction] = [*paper.figures, *paper.instructions]
    for figure in subjects:
        if figure.standing not in ("erratum", "unexplained") or not figure.of_print:
            continue
        column = figure.check.column if isinstance(figure, Instruction) else figure.check.quantity
        name = slug(f"{figure.names} {figure.check.source} {column} {figure.check.printed}")
        seen[name] += 1
        anchor = f"{name}-{seen[name]}" if seen[name] > 1 else name
        kind = kind_of(figure)
        yield Finding(paper.title, figure, kind, _certainty(figure, kind), anchor)


def kind_of(figure: Figure | Instruction) -> str:
    """The class of a finding: layers contradict the figures beside them, as those contradict layers."""
    if isinstance(figure, Instruction):
        return SLIP if figure.check.taken_from == "lecture" else ITSELF
    if figure.standing == "unexplained":
        return UNKNOWN
    if figure.check.taken_from == "lecture":
        return SLIP
    if figure.quoted and not figure.check.at_fault:
        return QUOTATION
    return MISPRINT if _few_digits(figure) and not figure.check.at_fault else ITSELF


def _certainty(figure: Figure | Instruction, kind: str) -> str:
    if figure.check.taken_from == "memory":
        return REMEMBERED
    if kind == UNKNOWN:
        return OPEN
    if isinstance(figure, Instruction):
        return CERTAIN if figure.check.impossible else LIKELY
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


def slug(text: str) -> str:
    """A text as a name of a file or an anchor."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
