"""The page of errata: the worst findings, one line each, and how each paper counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from archspec.counting.printed import LOOSE
from archspec.counting.quantities import SUMS
from archspec.importing import LIBRARIES
from archspec.ir.network import QUOTED, table_of
from archspec.render.formats import Ready, escaped, markdown
from archspec.reports.audit.derivations import quotation
from archspec.reports.audit.figure import AGREES, UNCHECKED, Figure, counts_of
from archspec.reports.audit.figures import Audit, Printed
from archspec.reports.audit.findings import CERTAINTIES, CLASSES, Finding, findings
from archspec.reports.audit.instructions import Instruction
from archspec.support.terminal import Style, columns, printable
from archspec.support.words import number_of

MOST_FINDINGS = 25
HEADER = ("paper and place", "printed", "by arithmetic", "should be", "class", "certainty")
TEXT = (False,) * len(HEADER)
COUNTS = (
    "The rules by which the figures of a paper agree, each with the tables and sections that have them; `rows` are the "
    "columns of its table of layers. `paper` is the usual rule: one for each multiplication with its addition in "
    "convolutions and fully connected layers, and all trained parameters. [counting.md](counting.md) defines the "
    "others."
)
FOLDER = "audit"
"""Where the pages of the papers stand, beside that of the errata."""


def as_screen(audit: Audit, style: Style, limit: int | None = None) -> str:
    """The summary and the worst findings, on one screen."""
    found = findings(audit.papers)
    # The place stands first, as what a narrow terminal leaves of a paper's title says enough.
    rows = [(f"{_place(each)}: {_short(each.paper)}", *_said(each)) for each in found[:MOST_FINDINGS]]
    parts = [style(summary(audit), "bold")]
    head = ("place and paper", *HEADER[1:])
    parts += ["\n".join(columns([head, *(tuple(map(printable, row)) for row in rows)], TEXT, limit))] * bool(rows)
    parts += [f"{len(found) - len(rows)} more: `archspec audit SPEC` says all of one paper"] * (len(found) > len(rows))
    return "\n\n".join([*parts, *(f"{printable(spec)}: not a valid spec" for spec in audit.broken)])


def as_page(audit: Audit) -> str:
    """The same as Markdown, with links to the derivations, what the words mean, and how each paper counts."""
    if not audit.papers:
        return summary(audit)
    found = findings(audit.papers)
    rows = [(_link(each), *_said(each)) for each in found[:MOST_FINDINGS]]
    parts = [summary(audit), "## Findings", _legend(found), markdown([HEADER, *rows], TEXT)]
    parts += [_rest(found[MOST_FINDINGS:])] * (len(found) > MOST_FINDINGS)
    counting = [(_paper_link(paper), Ready(rules)) for paper in audit.papers if (rules := counts_by(paper))]
    parts += ["## How each paper counts", COUNTS, markdown([("paper", "counts by"), *counting], (False, False))]
    return "\n\n".join(parts)


def summary(audit: Audit) -> str:
    """So many printed figures of so many networks of so many papers, and how they stand."""
    if audit.bare and not audit.papers:
        return _nothing(audit.bare)
    counts = counts_of(audit.prints)
    hidden = counts.get(UNCHECKED, 0)
    checked = sum(counts.values()) - counts["reported"] - hidden
    networks, papers = number_of(audit.networks, "network"), number_of(len(audit.papers), "paper")
    head = f"{number_of(checked, 'printed figure')} of {networks} of {papers}"
    loose = sum(counts[name] for name in LOOSE)
    agree = sum(counts[name] for name in AGREES) - loose
    agreeing = f"{agree:,} agree, {loose:,} more loosely, cut or coarse" if loose else f"{agree:,} agree"
    lines = [
        f"{head}: {agreeing}; {counts['erratum']:,} wrong in print, {counts['unexplained']:,} that no counting rule "
        f"gives, {counts['wrong']:,} disagreeing. "
        f"{counts['reported']:,} more are results of experiments, which no arithmetic checks."
    ]
    lines += [f"{hidden:,} are not checked, as layers are not known."] * bool(hidden)
    cells = len(audit.instructions)
    lines += [f"{number_of(cells, 'cell')} of layers {'is' if cells == 1 else 'are'} printed wrong."] * bool(cells)
    programs, added = len(audit.apart("program")), len(audit.apart("author"))
    apart = [f"{number_of(programs, 'count')} of programs"] * bool(programs)
    apart += [f"{number_of(added, 'check')} that their authors added"] * bool(added)
    lines += [f"Apart from these, the specs check {' and '.join(apart)}."] * bool(apart)
    return " ".join(lines)


def _nothing(specs: Sequence[str]) -> str:
    """What to do where nothing is printed."""
    named = f"`{printable(specs[0])}` has" if len(specs) == 1 else f"{len(specs):,} specs have"
    told = "write those of its source into its table, in columns such as `output` and `params`, or below `claims`"
    library = next((spec for spec in specs if spec.partition(":")[0] in LIBRARIES), None)
    if library is not None:
        told = f"`archspec diff SPEC {printable(library)}` compares it with the spec of a paper"
    return f"{named} no printed figures, so there is nothing to audit: {told}."


def counts_by(paper: Printed) -> str:
    """The counting rules by which the figures of a paper agree, each with its tables; arithmetic is counted by none."""
    sums = {quantity.name for quantity in SUMS}
    tables: dict[str, dict[str, dict[str, None]]] = {}
    for figure in paper.prints:
        check = figure.check
        elsewhere = figure.quoted and not figure.paper.quoted_as  # by a paper that the spec does not name
        if figure.standing in AGREES and check.quantity in sums and check.counted and not elsewhere:
            of_rows = figure.of_row or check.source.startswith("row ")
            table = "rows" if of_rows else table_of(own_source(figure))
            tables.setdefault(check.counted, {}).setdefault(check.quantity, {})[table] = None
    return "; ".join(f"`{printable(rule)}`: {escaped(_listed(found))}" for rule, found in tables.items())


def _listed(tables: Mapping[str, Mapping[str, None]]) -> str:
    """The tables of each quantity: ``params of Table 1, mult-adds of Tables 1 and 2``."""
    return ", ".join(f"{quantity} of {' and '.join(found)}" for quantity, found in tables.items())


def page_of(page: str) -> str:
    """The file of a paper by the name of its page, beside the page of errata."""
    return f"{FOLDER}/{page}.md"


def _said(finding: Finding) -> Sequence[str]:
    figure = finding.figure
    if isinstance(figure, Instruction):
        certain = figure.check.told_twice
        works = ("", figure.check.works) if certain else (figure.check.works, "")
        return figure.check.printed, *works, finding.kind, finding.certainty
    check = figure.check
    what = "" if figure.of_row and figure.difference is None else f" {check.quantity}"
    fault = f"{figure.value}: see {', '.join(check.at_fault)}" if check.at_fault else figure.value
    made = quotation(figure) if figure.quotes else fault
    return f"{check.printed}{what}", made, check.correction or "", finding.kind, finding.certainty


def _place(finding: Finding) -> str:
    figure = finding.figure
    if isinstance(figure, Instruction) or figure.of_row:
        return f"{figure.check.source} of {figure.names}"
    if figure.quoted:
        return f"{own_source(figure)}, on {figure.names}"
    return f"{figure.check.source}, of {figure.names}" if figure.variants else figure.check.source


def own_source(figure: Figure) -> str:
    """Where a paper prints a figure, without the name by which the spec of another calls it: ``Table 8``."""
    quoted = QUOTED.match(figure.check.source)
    names = [name for name in figure.paper.quoted_as if figure.check.source.startswith(f"{name}, ")]
    start = quoted.end() if quoted else len(f"{names[0]}, ") if names else 0
    return figure.check.source[start:]


def _link(finding: Finding) -> Ready:
    text = escaped(f"{_short(finding.paper)}: {_place(finding)}")
    return Ready(f"[{text}]({page_of(finding.page)}#{finding.anchor})")


def _short(title: str) -> str:
    """A title without its second part: ``Xception``."""
    return title.partition(":")[0]


def _paper_link(paper: Printed) -> Ready:
    return Ready(f"[{escaped(paper.title)}]({page_of(paper.page)})")


def _legend(found: Sequence[Finding]) -> str:
    kinds, certainties = ({each.kind for each in found}, {each.certainty for each in found})
    said = [*_meanings(CLASSES, kinds), *_meanings(CERTAINTIES, certainties)]
    return "\n".join(said)


def _meanings(words: Mapping[str, str], used: set[str]) -> Iterator[str]:
    yield from (f"- {word}: {meaning}." for word, meaning in words.items() if word in used)


def _rest(found: Sequence[Finding]) -> str:
    papers = Counter((each.paper, each.page) for each in found)
    links = ", ".join(f"[{escaped(_short(title))}]({page_of(page)}) ({n})" for (title, page), n in papers.items())
    return f"{number_of(len(found), 'finding')} more, in the pages of their papers: {links}."
