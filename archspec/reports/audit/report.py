"""An audit as text, Markdown and JSON. No arithmetic here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from archspec.diagnostics import place_of
from archspec.ir.network import UNEXPLAINED, Mark
from archspec.render.checks import check_cells, check_data, working_text
from archspec.render.formats import escaped, markdown
from archspec.reports.audit.figures import STANDINGS, Audit, Figure, Printed, counts_of
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
}
"""The heads of the columns of the summary."""
PAPERS = ("paper", "networks", *SAID.values())
FIGURES = ("printed in", "network", "quantity", "printed", "arithmetic", "verdict", "counted")
NUMERIC = (False, False, False, True, True, False, False)
COLOURS = {"erratum": "yellow", "unexplained": "yellow", "wrong": "red"}
MARKED = {"erratum": "Errata", "unexplained": "No rule found"}
"""The heads of the figures that are marked, in full."""


def as_text(audit: Audit, style: Style, limit: int | None = None) -> str:
    """The summary, the figures that are marked in full, and the figures of each paper."""
    numeric = (False, *[True] * (len(PAPERS) - 1))
    parts = [style(summary(audit), "bold"), "\n".join(columns(_papers(audit), numeric, limit))]
    for standing, head in MARKED.items():
        found = [(paper, paper.standing(standing)) for paper in audit.papers if paper.standing(standing)]
        parts += [style(head, "bold")] * bool(found)
        parts += [_marked_text(paper, figures, style) for paper, figures in found]
    parts += [_figures_text(paper, style, limit) for paper in audit.papers]
    return "\n\n".join([*parts, *(f"{printable(spec)}: not a valid spec" for spec in audit.broken)])


def _marked_text(paper: Printed, figures: Sequence[Figure], style: Style) -> str:
    lines = [style(printable(paper.title), "bold")]
    for comment, group in _by_comment(figures).items():
        lines += [f"  {printable(line)}" for figure in group for line in (_headline(figure), *_proof(figure))]
        lines += [style(f"  # {printable(comment)}", "dim")] * bool(comment)
    return "\n".join(lines)


def as_markdown(audit: Audit) -> str:
    """The same as Markdown."""
    numeric = (False, *[True] * (len(PAPERS) - 1))
    parts = [summary(audit), markdown(_papers(audit), numeric)]
    parts += [f"`{printable(spec)}` is not a valid spec." for spec in audit.broken]
    for standing, head in MARKED.items():
        found = [(paper, paper.standing(standing)) for paper in audit.papers if paper.standing(standing)]
        parts += [f"## {head}"] * bool(found)
        for paper, figures in found:
            parts.append(f"### {escaped(paper.title)}")
            for comment, group in _by_comment(figures).items():
                parts += [f"> {_literal(comment)}"] * bool(comment)
                parts.append("\n".join(_item(figure) for figure in group))
    parts.append("## Figures")
    for paper in audit.papers:
        head = ", ".join(paper.references)
        specs = ", ".join(f"`{printable(spec)}`" for spec in paper.specs)
        parts += [f"### {escaped(paper.title)}", f"{escaped(head)}{': ' if head else ''}{specs}. {_standings(paper)}"]
        rows = [_worked_cells(figure) for figure in _checked(paper)]
        parts += [markdown([FIGURES, *rows], NUMERIC)] * bool(rows)
    return "\n\n".join(parts)


def as_data(audit: Audit) -> dict[str, Any]:
    """An audit by the schema in ``docs/audit.schema.json``."""
    return {
        "holds": audit.holds,
        "networks": audit.networks,
        "counts": dict(counts_of(audit.figures)),
        "papers": [_paper_data(paper) for paper in audit.papers],
        "invalid": list(audit.broken),
        "diagnostics": [diagnostic.to_dict() for diagnostic in audit.diagnostics],
    }


def summary(audit: Audit) -> str:
    """So many figures of so many networks of so many papers, and how they stand."""
    counts = counts_of(audit.figures)
    checked = sum(counts.values()) - counts["reported"]
    head = f"{checked:,} printed figures of {_many(audit.networks, 'network')} of {_many(len(audit.papers), 'paper')}"
    agree = ", ".join(f"{counts[name]:,} {SAID[name]}" for name in STANDINGS[:4])
    return (
        f"{head}: {agree}; {counts['erratum']:,} are wrong in print, {counts['unexplained']:,} come out by no counting "
        f"rule, {counts['wrong']:,} disagree. "
        f"{counts['reported']:,} more are reported from experiments, which no arithmetic checks."
    )


def _by_comment(figures: Sequence[Figure]) -> dict[str, list[Figure]]:
    """Figures that the author gives one reason for stand together."""
    found: dict[str, list[Figure]] = {}
    for figure in figures:
        found.setdefault(figure.comment, []).append(figure)
    return found


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def _papers(audit: Audit) -> list[Sequence[str]]:
    rows = [(paper.title, str(paper.networks), *_numbers(paper.counts)) for paper in audit.papers]
    total = ("total", str(audit.networks), *_numbers(counts_of(audit.figures)))
    return [PAPERS, *(tuple(map(printable, row)) for row in rows), total]


def _numbers(counts: Mapping[str, int]) -> Iterable[str]:
    return (f"{counts[name]:,}" if counts[name] else "" for name in STANDINGS)


def _standings(paper: Printed) -> str:
    said = [f"{count:,} {SAID[name]}" for name, count in paper.counts.items() if count]
    return ", ".join(said) + "." if said else "Nothing is printed."


def _figures_text(paper: Printed, style: Style, limit: int | None) -> str:
    title = style(", ".join(map(printable, (paper.title, *paper.references))), "bold")
    figures = _checked(paper)
    lines = columns([FIGURES, *map(_cells, figures)], NUMERIC, limit)
    painted = [style(lines[0], "dim")]
    for line, figure in zip(lines[1:], figures, strict=True):
        colour = COLOURS.get(figure.standing)
        painted.append(style(line, colour) if colour else line)
        painted += [style(work, "dim") for work in working_text(figure.check, limit)]
    head = ", ".join(map(printable, paper.specs)) + ": " + _standings(paper)
    return "\n".join([title, head, *(painted if figures else [])])


def _checked(paper: Printed) -> list[Figure]:
    return [figure for figure in paper.figures if figure.standing != "reported"]


def _cells(figure: Figure) -> list[str]:
    source, quantity, printed, value, verdict, counted = check_cells(figure.check)
    return [source, printable(figure.names), quantity, printed, value, verdict, counted]


def _worked_cells(figure: Figure) -> list[str]:
    """The same with the arithmetic of a figure in the place of its result."""
    cells, at = _cells(figure), FIGURES.index("arithmetic")
    cells[at] = printable(figure.check.working) or cells[at]
    return cells


def _headline(figure: Figure) -> str:
    """``conv1 of googlenet: 2.7K params in print, 9,472 by arithmetic, so that the print is 71.5 % too low``."""
    check = figure.check
    where = f"`{check.source}` of {figure.names}" if figure.of_row else f"{figure.names} ({check.source})"
    value = f"{check.value:,}" if isinstance(check.value, int) else check.value
    shape = f"{check.quantity} " if figure.of_row and figure.difference is None else ""
    what = "" if shape else f" ({check.what})" if check.figure else f" {check.quantity}"
    off = "" if figure.difference is None else _off(figure.difference, check.mark)
    should = f"; it should be {check.correction}" if check.correction else ""
    fault = f"; at fault is {', '.join(f'`{row}`' for row in check.at_fault)}" if check.at_fault else ""
    return f"{where}: {shape}{check.printed}{what} in print, {value} by arithmetic{off}{should}{fault}"


def _off(difference: float, mark: Mark | None) -> str:
    """How far a print is from the arithmetic; of one that nobody can explain it is not said which of them is wrong."""
    size = f"{abs(difference):.1f}" if abs(difference) >= 0.1 else f"{abs(difference):.2g}"
    if mark == UNEXPLAINED:
        return f", {size} % apart"
    return f", so that the print is {size} % too {'high' if difference > 0 else 'low'}"


def _proof(figure: Figure) -> list[str]:
    at = figure.check.span
    where = [f"    {at.source.name}:{at.line}"] if at else []
    return [*(f"    {line}" for line in figure.proof), *where]


def _item(figure: Figure) -> str:
    at = figure.check.span
    where = f" `{printable(at.source.name)}:{at.line}`" if at else ""
    proof = [f"\n  - {_literal(line) if '`' in line else f'`{printable(line)}`'}" for line in figure.proof]
    return f"- {_literal(_headline(figure))}.{where}{''.join(proof)}"


def _literal(text: str) -> str:
    return escaped(text).replace("*", "\\*")


def _paper_data(paper: Printed) -> dict[str, Any]:
    return {
        "title": paper.title,
        "references": list(paper.references),
        "specs": list(paper.specs),
        "networks": paper.networks,
        "counts": dict(paper.counts),
        "figures": [_figure_data(figure) for figure in paper.figures],
    }


def _figure_data(figure: Figure) -> dict[str, Any]:
    return {
        **check_data(figure.check),
        "standing": figure.standing,
        "spec": figure.spec,
        "network": figure.network,
        "variants": list(figure.variants),
        "of": "row" if figure.of_row else "network",
        "place": figure.check.span and place_of(figure.check.span),
        "difference": figure.difference,
        "proof": list(figure.proof),
        "comment": figure.comment,
    }
