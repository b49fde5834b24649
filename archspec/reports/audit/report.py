"""An audit as text, Markdown and JSON. No arithmetic here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archspec.diagnostics import place_of
from archspec.render.checks import check_cells, check_data, misprint_data, working_text
from archspec.render.formats import code, escaped, markdown, paragraph
from archspec.reports.audit.derivations import derivation, headline, items
from archspec.reports.audit.figure import UNCHECKED, Figure, counts_of
from archspec.reports.audit.figures import Audit, Printed
from archspec.reports.audit.findings import Finding, findings_of
from archspec.reports.audit.instructions import Instruction
from archspec.reports.audit.page import as_page, as_screen, counts_by, summary
from archspec.support.terminal import Style, columns, printable

SAID = {
    "exact": "exact",
    "rounds": "rounded",
    "cut": "cut",
    "coarse": "coarse",
    "erratum": "wrong in print",
    "unexplained": "no rule found",
    "wrong": "disagree",
    "reported": "reported",
    UNCHECKED: "not checked",
}
"""The heads of the columns of the summary."""
FIGURES = ("printed in", "network", "quantity", "printed", "arithmetic", "verdict", "counted")
NUMERIC = (False, False, False, True, True, False, False)
COLOURS = {"erratum": "yellow", "unexplained": "yellow", "wrong": "red"}
PARTED = "\n\n"
VERSION = 2
"""Of the JSON: another one where programs would misread it."""
MARKED = {"erratum": "Errata", "unexplained": "No rule found"}
"""The heads of the figures that are marked, in full."""


def as_text(audit: Audit, style: Style, limit: int | None = None) -> str:
    """One paper with all its figures; of several the errata, on one screen."""
    if not _of_one_paper(audit):
        return as_screen(audit, style, limit)
    parts = [style(summary(audit), "bold")]
    for standing, head in MARKED.items():
        found = [each for paper in audit.papers for each in findings_of(paper) if each.figure.standing == standing]
        parts += [style(head, "bold")] * bool(found)
        parts += [marked_text(found, style)] * bool(found)
    parts += [_figures_text(paper, style, limit) for paper in audit.papers]
    return "\n\n".join([*parts, *(f"{printable(spec)}: not a valid spec" for spec in audit.broken)])


def as_markdown(audit: Audit) -> str:
    """The same as Markdown."""
    invalid = [f"{code(spec)} is not a valid spec." for spec in audit.broken]
    if not _of_one_paper(audit):
        return "\n\n".join([as_page(audit), *invalid])
    several = len(audit.papers) > 1
    pages = [f"{f'# {escaped(paper.title)}{PARTED}' * several}{paper_page(paper)}" for paper in audit.papers]
    return "\n\n".join([summary(audit), *pages, *invalid])


def _of_one_paper(audit: Audit) -> bool:
    """Whether all specs are tables of one paper; others may quote their figures."""
    return sum(bool(paper.networks) for paper in audit.papers) == 1


def paper_page(paper: Printed) -> str:
    """One paper: what is wrong in print and what no rule gives, each with its derivation, and all its figures."""
    head = ", ".join(paper.references)
    specs = ", ".join(map(code, paper.specs))
    parts = [f"{paragraph(head)}{': ' if head else ''}{specs}. {_standings(paper)}"]
    for standing, title in MARKED.items():
        found = [each for each in findings_of(paper) if each.figure.standing == standing]
        parts += [f"## {title}"] * bool(found)
        for comment, group in _by_comment(found).items():
            parts += items(comment, group)
    for title, figures in (("Figures", paper.prints), ("Not printed", _apart(paper))):
        rows = [_worked_cells(figure) for figure in figures if figure.standing != "reported"]
        parts += [f"## {title}", markdown([FIGURES, *rows], NUMERIC)] if rows else []
    return "\n\n".join(parts)


def as_data(audit: Audit) -> dict[str, Any]:
    """An audit by the schema in ``docs/audit.schema.json``."""
    return {
        "version": VERSION,
        "holds": audit.holds,
        "networks": audit.networks,
        "counts": dict(counts_of(audit.prints)),
        "papers": [_paper_data(paper) for paper in audit.papers],
        "invalid": list(audit.broken),
        "diagnostics": [diagnostic.to_dict() for diagnostic in audit.diagnostics],
    }


def marked_text(found: Sequence[Finding], style: Style) -> str:
    """Findings with their derivations, those of one reason above it."""
    lines: list[str] = []
    for comment, group in _by_comment(found).items():
        for finding in group:
            lines += [f"  {printable(line)}" for line in (headline(finding.figure), *derivation(finding))]
        lines += [style(f"  # {printable(line)}", "dim") for line in comment.split("\n") if line]
    return "\n".join(lines)


def _by_comment(found: Sequence[Finding]) -> dict[str, list[Finding]]:
    """Findings that the author gives one reason for stand together."""
    groups: dict[str, list[Finding]] = {}
    for finding in found:
        groups.setdefault(finding.figure.comment, []).append(finding)
    return groups


def _apart(paper: Printed) -> list[Figure]:
    """The counts of programs, and what authors of specs added."""
    return [figure for figure in paper.figures if not figure.of_print]


def _standings(paper: Printed) -> str:
    said = [f"{count:,} {SAID[name]}" for name, count in paper.counts.items() if count]
    cells = len(paper.instructions)
    said += [f"{cells:,} {'cell' if cells == 1 else 'cells'} of layers printed wrong"] * bool(cells)
    return ", ".join(said) + "." if said else "Nothing is printed."


def _figures_text(paper: Printed, style: Style, limit: int | None) -> str:
    title = style(", ".join(map(printable, (paper.title, *paper.references))), "bold")
    figures = [figure for figure in paper.figures if figure.standing != "reported"]
    lines = columns([FIGURES, *map(cells_of, figures)], NUMERIC, limit)
    painted = [style(lines[0], "dim")]
    for line, figure in zip(lines[1:], figures, strict=True):
        colour = COLOURS.get(figure.standing)
        painted.append(style(line, colour) if colour else line)
        painted += [style(work, "dim") for work in working_text(figure.check, limit)]
    head = ", ".join(map(printable, paper.specs)) + ": " + _standings(paper)
    return "\n".join([title, head, *(painted if figures else [])])


def cells_of(figure: Figure) -> list[str]:
    """One figure as the cells of a row: see ``FIGURES``."""
    source, quantity, printed, value, verdict, counted = check_cells(figure.check)
    return [source, printable(figure.names), quantity, printed, value, verdict, counted]


def _worked_cells(figure: Figure) -> list[str]:
    """The same with the arithmetic of a figure in the place of its result."""
    cells, at = cells_of(figure), FIGURES.index("arithmetic")
    cells[at] = printable(figure.check.working) or cells[at]
    return cells


def _paper_data(paper: Printed) -> dict[str, Any]:
    found = {id(each.figure): each for each in findings_of(paper)}
    return {
        "title": paper.title,
        "references": list(paper.references),
        "specs": list(paper.specs),
        "networks": paper.networks,
        "counts": dict(paper.counts),
        "counts_by": counts_by(paper),
        "figures": [_figure_data(figure, found.get(id(figure))) for figure in paper.figures],
        "misprints": [_misprint_data(each, found.get(id(each))) for each in paper.instructions],
    }


def _misprint_data(wrong: Instruction, finding: Finding | None) -> dict[str, Any]:
    return {
        **misprint_data(wrong.check),
        "taken_from": wrong.check.taken_from,
        "spec": wrong.spec,
        "network": wrong.network,
        "variants": list(wrong.variants),
        "place": wrong.check.span and place_of(wrong.check.span),
        "class": finding and finding.kind,
        "certainty": finding and finding.certainty,
        "anchor": finding and finding.anchor,
        "comment": wrong.comment,
    }


def _figure_data(figure: Figure, finding: Finding | None) -> dict[str, Any]:
    return {
        **check_data(figure.check),
        "standing": figure.standing,
        "spec": figure.spec,
        "network": figure.network,
        "variants": list(figure.variants),
        "of": "row" if figure.of_row else "network",
        "place": figure.check.span and place_of(figure.check.span),
        "difference": figure.difference,
        "class": finding and finding.kind,
        "certainty": finding and finding.certainty,
        "anchor": finding and finding.anchor,
        "proof": list(figure.proof),
        "tried": list(figure.tried or ()),
        "label": figure.label or None,
        "copies": list(figure.copies),
        "comment": figure.comment,
    }
