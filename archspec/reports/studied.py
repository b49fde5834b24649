"""Studies as a program asks for them, ``archspec.diff`` and ``archspec.audit``; a notebook shows them as tables."""

from __future__ import annotations

import os
from collections.abc import Iterator

from archspec.api import load
from archspec.budget import asked
from archspec.compiled import Compiled
from archspec.render import html_parts as html
from archspec.render.formats import json_text
from archspec.reports.audit import figures as audits
from archspec.reports.audit import report as audit_report
from archspec.reports.audit.page import summary
from archspec.reports.audit.specs import specs_of
from archspec.reports.diff import report as diff_report
from archspec.reports.diff.compare import Difference, compare
from archspec.support.takes import PATH, Kind, takes
from archspec.support.terminal import Style

SPEC = Kind("a network", (Compiled,)) | PATH


class Diff:
    """How two networks differ: settings, rows, blocks and totals are ``found``; it prints as the command does."""

    def __init__(self, found: Difference) -> None:
        self.found = found

    def to_json(self) -> str:
        """It as JSON, by the schema in ``docs/diff.schema.json``."""
        return json_text(diff_report.as_data(self.found))

    def to_markdown(self) -> str:
        """It as Markdown."""
        return diff_report.as_markdown(self.found)

    def __str__(self) -> str:
        return diff_report.as_text(self.found, Style())

    def __repr__(self) -> str:
        return f"<diff: {self.found.a} -> {self.found.b}>"

    def _repr_html_(self) -> str:
        return diff_report.as_html(self.found)


class Audit:
    """The printed figures of specs, paper by paper, which are ``found``; it prints as the command does."""

    def __init__(self, found: audits.Audit) -> None:
        self.found = found

    @property
    def holds(self) -> bool:
        """Whether all specs are valid and every figure holds."""
        return self.found.holds

    def to_json(self) -> str:
        """It as JSON, by the schema in ``docs/audit.schema.json``."""
        return json_text(audit_report.as_data(self.found))

    def to_markdown(self) -> str:
        """It as Markdown."""
        return audit_report.as_markdown(self.found)

    def __str__(self) -> str:
        return audit_report.as_text(self.found, Style())

    def __repr__(self) -> str:
        return f"<audit: {summary(self.found)}>"

    def _repr_html_(self) -> str:
        return "\n".join([f"<p><b>{html.said(summary(self.found))}</b></p>", *_tables(self.found)])


@takes(a=SPEC, b=SPEC)
@asked
def diff(a: Compiled | str | os.PathLike[str], b: Compiled | str | os.PathLike[str], /) -> Diff:
    """How the second network differs from the first; each is compiled, or a spec, ``"specs/vgg.arch:D(classes=10)"``.

    Raises ArchError where a spec or its claims are wrong.
    """
    (first, one), (second, other) = map(_named, (a, b))
    return Diff(compare(first.checked(), second.checked(), (one, other)))


@takes(specs=PATH)
def audit(*specs: str | os.PathLike[str]) -> Audit:
    """The printed figures of specs against the arithmetic; of folders and of ``specs/`` all that is below them.

    Raises ArchError where a folder holds no spec; a spec that is wrong is named in what is found.
    """
    return Audit(audits.audit(specs_of([os.fsdecode(spec) for spec in specs])))


def _named(network: Compiled | str | os.PathLike[str]) -> tuple[Compiled, str]:
    """A network with what it goes by."""
    if isinstance(network, Compiled):
        return network, network.name
    return load(network), os.fsdecode(network)


def _tables(found: audits.Audit) -> Iterator[str]:
    """The figures of each paper whose table was audited, and the specs that could not be."""
    for paper in found.papers:
        figures = [figure for figure in paper.figures if figure.standing != "reported"]
        rows = [(audit_report.cells_of(each), audit_report.COLOURS.get(each.standing, "")) for each in figures]
        caption = f"<b>{html.said(paper.title)}</b> {html.said(', '.join(paper.references))}"
        if rows:
            yield html.table(caption, audit_report.FIGURES, rows, audit_report.NUMERIC)
    yield from (f"<p>{html.said(spec)}: not a valid spec</p>" for spec in found.broken)
