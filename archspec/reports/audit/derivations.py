"""One finding of an audit in words: what is printed and what comes out, with the derivation and what was tried."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from textwrap import indent

from archspec.analysis.checked import Checked
from archspec.ir.network import UNEXPLAINED, Mark
from archspec.render.formats import code, escaped, paragraph
from archspec.reports.audit.comments import KEPT
from archspec.reports.audit.figure import Figure
from archspec.reports.audit.findings import Finding
from archspec.reports.audit.instructions import Instruction
from archspec.support.terminal import printable

STAR = "\\*"
"""A star that is not emphasis."""


def items(comment: str, group: Sequence[Finding]) -> list[str]:
    """Findings that the author gives one reason for, as Markdown: it stands below the first, to which others refer."""
    first, *others = group
    reason = [_quoted(comment)] * bool(comment)
    said = [f"The reason is that of [{_literal(_place(first))}](#{first.anchor})."] * bool(comment)
    return [_item(first, reason), *(_item(each, said) for each in others)]


def _quoted(comment: str) -> str:
    """A comment as a quotation: its paragraphs, and what keeps its lines as code."""
    parts = []
    for kept, lines in groupby(comment.split("\n"), lambda line: line.startswith(KEPT)):
        if kept:
            parts.append("\n".join(f">     {printable(line.strip())}" for line in lines))
        else:
            parts += [f"> {paragraph(line).replace('*', STAR)}" for line in lines]
    return "\n>\n".join(parts)


def headline(figure: Figure | Instruction) -> str:
    """``conv1 of googlenet: 2.7K params in print, 9,472 by arithmetic, so that the print is 71.5 % too low``."""
    if isinstance(figure, Instruction):
        said = figure.check
        should = "it should be" if said.told_twice else "the printed figures are those of"
        return f"`{said.source}` of {figure.names}: {said.printed} in print; {should} {said.works}"
    check = figure.check
    where = f"`{check.source}` of {figure.names}" if figure.of_row else f"{figure.names} ({check.source})"
    shape = f"{check.quantity} " if figure.of_row and figure.difference is None else ""
    what = "" if shape else f" ({check.what})" if check.figure else f" {check.quantity}"
    if figure.quotes:
        return f"{where}: {check.printed} ({check.quantity}) in print, {quotation(figure)}{_should(check)}"
    off = "" if figure.difference is None else _off(figure.difference, check.mark)
    rows = ", ".join(f"`{row}`" for row in check.at_fault)
    fault = f"; at fault {'are' if check.at_fault[1:] else 'is'} {rows}" if rows else ""
    return f"{where}: {shape}{check.printed}{what} in print, {figure.value} by arithmetic{off}{_should(check)}{fault}"


def quotation(figure: Figure) -> str:
    """``quoted from "Network In Network", which has 1/10^4``."""
    return f'quoted from "{figure.origin}", which has {figure.check.figure}'


def _should(check: Checked) -> str:
    return f"; it should be {check.correction}" if check.correction else ""


def percent(difference: float) -> str:
    """A difference in percent, whichever is larger."""
    return f"{abs(difference):.1f}" if abs(difference) >= 0.1 else f"{abs(difference):.2g}"


def _off(difference: float, mark: Mark | None) -> str:
    """How far a print is from the arithmetic; of one that nobody can explain it is not said which of them is wrong."""
    size = percent(difference)
    if mark == UNEXPLAINED:
        return f", {size} % apart"
    return f", so that the print is {size} % too {'high' if difference > 0 else 'low'}"


def derivation(finding: Finding) -> list[str]:
    """The derivation, what was tried, who copied the figure, and the command that shows it."""
    figure = finding.figure
    return [f"    {line}" for line in (*figure.proof, *_label(figure), *_tried(figure), *_shown(finding))]


def _label(figure: Figure | Instruction) -> list[str]:
    return [figure.label] if isinstance(figure, Figure) and figure.label else []


def _tried(figure: Figure | Instruction) -> list[str]:
    if isinstance(figure, Instruction) or figure.tried is None:
        return []
    if not figure.tried:
        what = "argument of its layers or rule" if figure.of_row else "rule"
        return [f"tried: one other {what} at a time; none gives it and keeps the other figures"]
    return [f"tried: {line}" for line in figure.tried]


def _shown(finding: Finding) -> list[str]:
    figure = finding.figure
    at = figure.check.span
    others = () if isinstance(figure, Instruction) else figure.copies
    copies = [f"printed again in {', '.join(others)}"] * bool(others)
    memory = ["typed from memory"] * (figure.check.taken_from == "memory")
    place = [f"{at.source.name}:{at.line}: `archspec audit {figure.spec} --finding {finding.anchor}`"] if at else []
    return [*copies, *memory, *place]


def _item(finding: Finding, reason: Sequence[str]) -> str:
    """The anchor first, so that a link shows all of it: the finding, the author's reason, and the derivation."""
    figure = finding.figure
    derived = [f"  - {_literal(line) if '`' in line else code(line)}" for line in figure.proof]
    more = [f"  - {_literal(line)}" for line in (*_label(figure), *_tried(figure), *_shown(finding))]
    kind = f" {finding.kind.capitalize()}, {finding.certainty}."
    head = f"- {_literal(headline(figure))}.{kind}"
    indented = [indent(each, "  ") for each in reason]
    parts = [f'<a id="{finding.anchor}"></a>', head, *indented, "\n".join([*derived, *more])]
    return "\n\n".join(parts)


def _place(finding: Finding) -> str:
    """The row or the source of a finding, and its network."""
    return f"{finding.figure.check.source} of {finding.figure.names}"


def _literal(text: str) -> str:
    return escaped(text).replace("*", STAR)
