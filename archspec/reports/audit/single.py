"""One finding of an audit alone, by the name of its anchor."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.naming import closest
from archspec.render.formats import escaped
from archspec.reports.audit.derivations import items
from archspec.reports.audit.figures import Audit, Printed
from archspec.reports.audit.findings import findings, findings_of
from archspec.reports.audit.report import marked_text
from archspec.support.terminal import Style, printable


def narrowed(audit: Audit, name: str) -> Audit:
    """An audit with the findings of one name alone, and their papers; without any where there is no such finding."""
    return audit._replace(papers=tuple(_papers(audit, name)))


def unknown(audit: Audit, name: str) -> str:
    """That there is no finding of a name, and which one may be meant."""
    names = [finding.anchor for finding in findings(audit.papers)]
    near = closest(name, names)
    meant = f"; is `{near}` meant?" if near else "; `archspec audit SPEC` cites the names of its findings"
    return f"no finding is called `{name}`{meant if names else ': there is none'}"


def finding_text(audit: Audit, style: Style) -> str:
    """The findings of an audit, each with its paper."""
    parts = []
    for finding in findings(audit.papers):
        head = f"{printable(finding.paper)}: {finding.kind}, {finding.certainty}"
        parts += [style(head, "bold") + "\n" + marked_text([finding], style)]
    return "\n\n".join(parts)


def finding_markdown(audit: Audit) -> str:
    """The same as Markdown."""
    parts = []
    for finding in findings(audit.papers):
        parts += [f"## {escaped(finding.paper)}", *items(finding.figure.comment, [finding])]
    return "\n\n".join(parts)


def _papers(audit: Audit, name: str) -> Iterator[Printed]:
    for paper in audit.papers:
        found = [finding.figure for finding in findings_of(paper) if finding.anchor == name]
        if found:
            figures = tuple(each for each in paper.figures if any(each is one for one in found))
            cells = tuple(each for each in paper.instructions if any(each is one for one in found))
            yield paper._replace(figures=figures, instructions=cells)
