"""Every printed figure of many specs, once, with its standing; the figures of one paper together."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from archspec.analysis.checked import Checked
from archspec.analysis.claim_totals import rules_of
from archspec.api import named_by, variants
from archspec.compiled import Compiled
from archspec.counting.conventions import Counting
from archspec.counting.printed import value_of
from archspec.counting.quantities import SHAPES
from archspec.diagnostics import ArchError, Diagnostic, Span
from archspec.ir.network import UNEXPLAINED, WRONG, Mark, Paper
from archspec.reports.audit.comments import comment_beside
from archspec.reports.audit.proofs import proof_of_cell, proof_of_claim

AGREES = ("exact", "rounds", "cut", "coarse")
"""How a figure may agree, best first."""
MARKED: Mapping[Mark | None, str] = {WRONG: "erratum", UNEXPLAINED: "unexplained"}
"""How a figure stands that is marked and disagrees."""
STANDINGS = (*AGREES, *MARKED.values(), "wrong", "reported")


class Figure(NamedTuple):
    """One printed figure: a cell of a row or a claim, with all networks that it is printed for."""

    check: Checked
    spec: str
    network: str
    variants: tuple[str, ...]
    """The variants of the family that it holds for; none where it holds for every one."""
    of_row: bool
    proof: tuple[str, ...] = ()
    comment: str = ""

    @property
    def standing(self) -> str:
        """How it agrees; ``erratum`` or ``unexplained`` (disagrees and is marked), ``wrong`` or ``reported``."""
        if self.check.verdict == "reported":
            return "reported"
        if not self.check.holds:
            return "wrong"
        return MARKED.get(self.check.mark, self.check.verdict)

    @property
    def difference(self) -> float | None:
        """How much the print is larger than the arithmetic, in percent; None where it is no number."""
        check = self.check
        if not isinstance(check.value, int) or check.verdict == "reported" or not check.value:
            return None
        return 100 * (value_of(check.printed, check.units) - check.value) / check.value

    @property
    def names(self) -> str:
        """``vgg``, ``vgg_A, vgg_B``."""
        return ", ".join(f"{self.network}_{variant}" for variant in self.variants) or self.network


class Printed(NamedTuple):
    """One paper, with the figures of the specs that are its tables."""

    title: str
    references: tuple[str, ...]
    specs: tuple[str, ...]
    networks: int
    figures: tuple[Figure, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many figures stand how."""
        return counts_of(self.figures)

    @property
    def errata(self) -> list[Figure]:
        """The figures that are wrong in print."""
        return self.standing("erratum")

    def standing(self, name: str) -> list[Figure]:
        """The figures that stand so."""
        return [figure for figure in self.figures if figure.standing == name]


class Audit(NamedTuple):
    """What an audit finds: papers by their titles, and what is wrong with the specs."""

    papers: tuple[Printed, ...]
    diagnostics: tuple[Diagnostic, ...]
    broken: tuple[str, ...]
    """Specs that are not valid."""

    @property
    def figures(self) -> list[Figure]:
        """All figures."""
        return [figure for paper in self.papers for figure in paper.figures]

    @property
    def networks(self) -> int:
        """The number of networks; a spec of its own for a variant is one more."""
        return sum(paper.networks for paper in self.papers)

    @property
    def holds(self) -> bool:
        """Whether all specs are valid and every figure holds."""
        return not self.broken and all(d.severity != "error" for d in self.diagnostics)


def counts_of(figures: Iterable[Figure]) -> Mapping[str, int]:
    """How many figures stand how."""
    found = Counter(figure.standing for figure in figures)
    return {standing: found[standing] for standing in STANDINGS}


def audit(specs: Sequence[str]) -> Audit:
    """The audit of specs, which are files or variants of families."""
    found: dict[str, list[Compiled]] = {}
    wrong: dict[str, tuple[Diagnostic, ...]] = {}
    for spec in specs:
        try:
            found[spec] = variants(spec)
        except ArchError as error:
            wrong[spec] = error.diagnostics
    said = dict.fromkeys(d for networks in found.values() for c in networks for d in c.diagnostics)
    said |= dict.fromkeys(d for diagnostics in wrong.values() for d in diagnostics)
    return Audit(tuple(_papers(found)), tuple(said), tuple(wrong))


def _papers(found: Mapping[str, list[Compiled]]) -> Iterator[Printed]:
    seen = _Seen(found)
    groups: dict[str, dict[str, list[Figure]]] = {}
    references: dict[str, dict[str, None]] = {}
    for spec, networks in found.items():
        paper, all_of = paper_of(networks[0]), figures_of(spec, networks)
        new = [figure for figure in all_of if seen.new(figure)]
        if not new and not any(_own(figure) for figure in all_of):
            continue  # nothing is printed about it
        references.setdefault(paper.title, {}).update(dict.fromkeys(paper.references))
        groups.setdefault(paper.title, {})[spec] = new
    for title in sorted(groups, key=str.casefold):
        figures = tuple(figure for part in groups[title].values() for figure in part)
        count = sum(len(found[spec]) for spec in groups[title])
        yield Printed(title, tuple(references[title]), tuple(groups[title]), count, figures)


def _own(figure: Figure) -> bool:
    """Whether a figure is written in its spec itself, and not in one that this is like."""
    span = figure.check.span
    return span is not None and os.path.realpath(span.source.name) == os.path.realpath(named_by(figure.spec).file)


def paper_of(compiled: Compiled) -> Paper:
    """The paper whose table a spec is; a spec without one stands for itself."""
    network = compiled.network
    return network.papers[0] if network.papers else Paper(title=network.title or network.name)


def figures_of(spec: str, networks: Sequence[Compiled]) -> list[Figure]:
    """The figures of one spec; one that stands for several variants is one."""
    found: dict[tuple[Span | None, str], list[tuple[Compiled, Checked, int | None]]] = {}
    for compiled in networks:
        cells = zip(compiled.cells, (cell.row for cell in compiled.network.cells), strict=False)
        for check, row in (*cells, *((claim, None) for claim in compiled.claims)):
            found.setdefault((check.span, check.quantity), []).append((compiled, check, row))
    return [_figure(spec, uses, len(networks)) for uses in found.values()]


def _figure(spec: str, uses: Sequence[tuple[Compiled, Checked, int | None]], all: int) -> Figure:
    """A figure by the network where it agrees least."""
    compiled, check, row = max(uses, key=lambda use: (not use[1].holds, _rank(use[1])))
    names = [use[0].network.variant for use in uses]
    some = tuple(name for name in names if name) if len(uses) < all or all == 1 else ()
    figure = Figure(check, spec, compiled.network.name, some, row is not None)
    if figure.standing not in (*MARKED.values(), "wrong") or check.span is None:
        return figure
    comment = comment_beside(check.span, check.printed)
    return figure._replace(proof=tuple(_proof(spec, compiled, check, row)), comment=comment)


def _rank(check: Checked) -> int:
    return AGREES.index(check.verdict) if check.verdict in AGREES else len(AGREES)


def _proof(spec: str, compiled: Compiled, check: Checked, row: int | None) -> list[str]:
    if check.value is None:
        return []
    if check.working:
        lines = [check.working]
    elif row is not None:
        lines = proof_of_cell(check, compiled.inferred.rows[row], compiled)
    else:
        file, variant = named_by(spec).file, compiled.network.variant
        claim = next(claim for claim in compiled.network.claims if claim.span == check.span)
        counting = Counting(rules_of(compiled.network, claim))
        lines = proof_of_claim(check, f"{file}:{variant}" if variant else file, compiled, counting)
    settings = [f"{name}={value}" for name, value in check.parameters.items()]
    counts = check.quantity not in SHAPES and check.counted
    return [*lines, *["counted as " + ", ".join([check.counted, *settings])] * bool(counts)]


class _Seen:
    """Tells the figures that another file has as well: one network in two files, or the rows of another by `like`."""

    def __init__(self, specs: Iterable[str]) -> None:
        self._files = {os.path.realpath(named_by(spec).file) for spec in specs}
        self._places: dict[tuple[str, int, int, str], str] = {}
        self._claims: dict[tuple[object, ...], str] = {}

    def new(self, figure: Figure) -> bool:
        """Whether this is the file to count it for: where it is written, and the first that claims it."""
        check, spec = figure.check, figure.spec
        if check.span is None:  # of a network in JSON, which no other file shares
            return True
        at = check.span
        file = os.path.realpath(at.source.name)
        if file != os.path.realpath(named_by(spec).file) and file in self._files and figure.standing != "wrong":
            return False
        first = self._places.setdefault((file, at.line, at.start, check.quantity), spec)
        if first == spec and not figure.of_row and not figure.variants[1:]:
            settings = tuple(check.parameters.items())
            claim = figure.names, check.source, check.what, check.printed, check.counted, settings
            first = self._claims.setdefault(claim, spec)
        return first == spec
