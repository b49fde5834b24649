"""The pages of many specs with what leads to them: an index, a gallery, and the errata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from archspec.compiled import Compiled
from archspec.page.code import python
from archspec.page.document import document
from archspec.page.figure import figure_of
from archspec.page.network import Page, page_of
from archspec.page.printed import Print, print_of
from archspec.render.units import in_units
from archspec.reports.audit.figure import Figure
from archspec.reports.audit.figures import Audit
from archspec.reports.audit.findings import Finding, findings
from archspec.reports.audit.instructions import Instruction
from archspec.reports.audit.page import summary
from archspec.reports.audit.slugs import slugs
from archspec.support.terminal import printable

FOLDER = "networks"
PLACES = {"index": "index.html", "gallery": "gallery.html", "errata": "errata.html"}


class Entry(NamedTuple):
    """A network of the index."""

    name: str
    title: str
    paper: str
    address: str
    params: int
    mult_adds: int
    standing: str
    checked: int


class Card(NamedTuple):
    """A spec of the gallery, by its first network."""

    title: str
    paper: str
    address: str
    counts: str
    figure: str | None
    code: Sequence[str]
    """The lines of the network's class as HTML."""
    lines: int
    """Of the whole file."""


class Erratum(NamedTuple):
    """A figure that is wrong in print, or that no rule gives."""

    paper: str
    name: str
    address: str
    said: Print
    kind: str
    certainty: str


class Site:
    """A site that grows by specs; what leads to their pages is made once all are there."""

    def __init__(self, specs: Sequence[str]) -> None:
        stems = slugs(Path(spec).with_suffix("").name for spec in specs)
        self.addresses = {spec: f"{FOLDER}/{stem}.html" for spec, stem in zip(specs, stems, strict=True)}
        """Where each page stands, seen from the index. No name of a spec is part of it but its letters and digits."""
        self.done = 0
        """How many of them are written."""
        self._entries: list[Entry] = []
        self._cards: list[Card] = []
        self._invalid: list[tuple[str, str]] = []

    def add(self, spec: str) -> str:
        """The page of a spec; raises ArchError where it is wrong."""
        page = page_of(spec, home={name: f"../{place}" for name, place in PLACES.items()})
        address = self.addresses[spec]
        self._cards.append(_card(page, address))
        self._entries += [_entry(page, each, f"{address}#{i}") for i, each in enumerate(page.networks)]
        return page.text

    def refuse(self, spec: str, reason: str) -> None:
        """Note a spec that is not valid."""
        self._invalid.append((printable(spec), printable(reason)))

    def pages(self, audit: Audit) -> Mapping[str, str]:
        """The pages that lead to the others, by their addresses."""
        errata = [_erratum(each, self.addresses) for each in findings(audit.papers)]
        return {
            PLACES["index"]: document(
                "index", "Networks", home=PLACES, here="index", entries=self._entries, invalid=self._invalid
            ),
            PLACES["gallery"]: document("gallery", "Gallery", home=PLACES, here="gallery", cards=self._cards),
            PLACES["errata"]: document(
                "errata", "Errata", home=PLACES, here="errata", errata=errata, summary=printable(summary(audit))
            ),
        }


def _paper(compiled: Compiled) -> str:
    papers = compiled.network.own_papers
    return printable(papers[0].title) if papers else ""


def _entry(page: Page, compiled: Compiled, address: str) -> Entry:
    checks = [check for check in (*compiled.cells, *compiled.claims) if check.verdict != "reported"]
    holding = sum(check.holds for check in checks)
    return Entry(
        printable(compiled.name),
        printable(compiled.network.display_name),
        _paper(compiled),
        address,
        compiled.params,
        compiled.mult_adds,
        f"{holding:,} of {len(checks):,}" if checks else "",
        len(checks),
    )


def _card(page: Page, address: str) -> Card:
    first, emitted = page.networks[0], page.networks[0].emitted
    lines = python(emitted.source)
    counts = f"{in_units(first.params)} params, {in_units(first.mult_adds)} mult-adds"
    own = [lines[i] for i in emitted.network]
    others = len(page.networks) - 1
    title = printable(first.network.display_name) + (f" and {others} more" if others else "")
    return Card(title, _paper(first), address, counts, figure_of(first, Path(address).stem), own, len(lines))


def _erratum(finding: Finding, addresses: Mapping[str, str]) -> Erratum:
    figure = finding.figure
    said = print_of(figure) if isinstance(figure, Figure) else _misprinted(figure)
    return Erratum(
        printable(finding.paper),
        printable(figure.names),
        addresses.get(figure.spec, ""),
        said,
        finding.kind,
        finding.certainty,
    )


def _misprinted(wrong: Instruction) -> Print:
    """A cell of layers that is printed wrong, in the words of figures."""
    check = wrong.check
    place, works = map(printable, (check.source, check.works))
    reason = [printable(line.strip()) for line in wrong.comment.split("\n") if line.strip()]
    more = [*map(printable, wrong.proof)]
    what = printable(check.column), printable(check.printed), works
    return Print(place, printable(wrong.names), *what, "", "", "wrong in print", "odd", "", "", more, reason)
