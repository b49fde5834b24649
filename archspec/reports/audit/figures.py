"""Every printed figure of many specs, once, with its standing; the figures of one paper together."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from archspec.analysis.checked import Checked
from archspec.api import named_by, variants
from archspec.budget import request, spend
from archspec.compiled import Compiled
from archspec.diagnostics import ArchError, Diagnostic, Span
from archspec.ir.network import QUOTED, Paper
from archspec.reports.audit.equations import wrong_equations
from archspec.reports.audit.figure import AGREES, Figure, counts_of, some_of
from archspec.reports.audit.instructions import Instruction, instructions_of
from archspec.reports.audit.prints import Prints
from archspec.reports.audit.reasons import Placed, explained
from archspec.reports.audit.slugs import slugs
from archspec.support.limits import AUDITED


class Printed(NamedTuple):
    """One paper, with the figures of the specs that are its tables."""

    title: str
    page: str
    """The name of its page, which no other paper of the audit has."""
    references: tuple[str, ...]
    specs: tuple[str, ...]
    networks: int
    figures: tuple[Figure, ...]
    instructions: tuple[Instruction, ...] = ()
    """The cells of layers that are printed wrong, which are not figures."""

    @property
    def counts(self) -> Mapping[str, int]:
        """How many printed figures stand how."""
        return counts_of(self.prints)

    @property
    def prints(self) -> list[Figure]:
        """The figures that somebody prints."""
        return [figure for figure in self.figures if figure.of_print]

    @property
    def errata(self) -> list[Figure]:
        """The figures that are wrong in print."""
        return self.standing("erratum")

    def standing(self, name: str) -> list[Figure]:
        """The figures that stand so."""
        return [figure for figure in self.prints if figure.standing == name]


class Audit(NamedTuple):
    """What an audit finds: papers by their titles, and what is wrong with the specs."""

    papers: tuple[Printed, ...]
    diagnostics: tuple[Diagnostic, ...]
    broken: tuple[str, ...]
    """Specs that are not valid."""
    bare: tuple[str, ...] = ()
    """Specs that have no figures."""

    @property
    def figures(self) -> list[Figure]:
        """All figures, also those that nobody prints."""
        return [figure for paper in self.papers for figure in paper.figures]

    @property
    def prints(self) -> list[Figure]:
        """The figures that somebody prints."""
        return [figure for paper in self.papers for figure in paper.prints]

    @property
    def instructions(self) -> list[Instruction]:
        """The cells of layers that are printed wrong."""
        return [each for paper in self.papers for each in paper.instructions]

    def apart(self, provenance: str) -> list[Figure]:
        """The figures of programs, or of the authors of specs."""
        return [figure for figure in self.figures if figure.check.taken_from == provenance]

    @property
    def networks(self) -> int:
        """The number of networks; a spec of its own for a variant is one more."""
        return sum(paper.networks for paper in self.papers)

    @property
    def holds(self) -> bool:
        """Whether all specs are valid and every figure holds."""
        return not self.broken and all(d.severity != "error" for d in self.diagnostics)


def audit(specs: Sequence[str]) -> Audit:
    """The audit of specs, which are files or variants of families."""
    found: dict[str, list[Compiled]] = {}
    figures: dict[str, list[Figure]] = {}
    equations: list[Diagnostic] = []
    wrong: dict[str, tuple[Diagnostic, ...]] = {}
    for spec in specs:
        try:
            with request():
                networks = variants(spec)
                printed = figures_of(spec, networks)
                equations += _wrong_equations(networks[0])
            found[spec], figures[spec] = networks, printed
        except ArchError as error:
            wrong[spec] = error.diagnostics
    said = dict.fromkeys(d for networks in found.values() for c in networks for d in c.diagnostics)
    said |= dict.fromkeys(d for diagnostics in wrong.values() for d in diagnostics)
    said |= dict.fromkeys(equations)
    bare = tuple(spec for spec, own in figures.items() if not own)
    return Audit(tuple(_papers(found, figures)), tuple(said), tuple(wrong), bare)


def _wrong_equations(compiled: Compiled) -> Iterator[Diagnostic]:
    """The equations in the comments of a spec that do not come out; JSON has no comments."""
    place = compiled.network.span
    return wrong_equations(place.source) if place else iter(())


def _papers(found: Mapping[str, list[Compiled]], figures: Mapping[str, list[Figure]]) -> Iterator[Printed]:
    prints = Prints(figures, {spec: paper_of(networks[0]) for spec, networks in found.items()})
    instructions = instructions_of(found)
    groups: dict[str, _Group] = {}
    for spec, all_of in figures.items():
        paper = paper_of(found[spec][0])
        new = [f._replace(copies=prints.copies(f, spec)) for f in all_of if prints.new(f, spec)]
        if not (new or instructions[spec]) and not any(_own(figure) for figure in all_of):
            continue  # nothing is printed about it
        groups.setdefault(paper.title, _Group()).own(spec, paper, len(found[spec]), instructions[spec])
        for figure in new:
            groups.setdefault(figure.paper.title, _Group()).add(figure)
    titles = sorted(groups, key=str.casefold)
    for title, page in zip(titles, slugs(titles), strict=True):
        yield groups[title].printed(title, page)


class _Group:
    """The specs of one paper, and what it prints: figures of its own networks, then of those of other papers."""

    def __init__(self) -> None:
        self._references: dict[str, None] = {}
        self._specs: dict[str, int] = {}
        self._figures: list[Figure] = []
        self._instructions: list[Instruction] = []

    def own(self, spec: str, paper: Paper, networks: int, instructions: Sequence[Instruction]) -> None:
        """A spec that is a table of the paper."""
        self._references.update(dict.fromkeys(paper.references))
        self._specs[spec] = networks
        self._instructions += instructions

    def add(self, figure: Figure) -> None:
        """A figure that the paper prints."""
        self._figures.append(figure)

    def printed(self, title: str, page: str) -> Printed:
        """All of it, as one paper."""
        figures = sorted(self._figures, key=lambda figure: figure.spec not in self._specs)
        specs = dict.fromkeys([*self._specs, *(figure.spec for figure in figures)])
        count = sum(self._specs.values())
        return Printed(title, page, (*self._references,), (*specs,), count, (*figures,), (*self._instructions,))


def _own(figure: Figure) -> bool:
    """Whether a figure is written in its spec itself, and not in one that this is like."""
    span = figure.check.span
    return span is not None and os.path.realpath(span.source.name) == os.path.realpath(named_by(figure.spec).file)


def paper_of(compiled: Compiled) -> Paper:
    """The paper whose table a spec is; a spec without one stands for itself."""
    network = compiled.network
    return network.own_papers[0] if network.own_papers else Paper(title=network.title or network.name)


def figures_of(spec: str, networks: Sequence[Compiled]) -> list[Figure]:
    """The figures of one spec; one that stands for several variants is one."""
    found: dict[tuple[Span | int, str], list[tuple[Compiled, Checked, int | None]]] = {}
    for compiled in networks:
        cells = zip(compiled.cells, (cell.row for cell in compiled.network.cells), strict=False)
        for check, row in (*cells, *((claim, None) for claim in compiled.claims)):
            spend(AUDITED, check.span)
            place = check.span or len(found)  # figures in JSON have no places, and each is one
            found.setdefault((place, check.quantity), []).append((compiled, check, row))
    return explained(spec, [_agreeing_least(spec, uses, len(networks)) for uses in found.values()])


def _agreeing_least(spec: str, uses: Sequence[tuple[Compiled, Checked, int | None]], all: int) -> Placed:
    """A figure by the network where it agrees least."""
    compiled, check, row = max(uses, key=lambda use: (not use[1].holds, _rank(use[1])))
    some = some_of([use[0].network.variant for use in uses], all)
    own = paper_of(compiled)
    other = compiled.network.quoting(check.source) if row is None else None
    quoted = row is None and (other is not None or QUOTED.match(check.source) is not None)
    origin = own.title if other else ""
    figure = Figure(check, spec, compiled.network.name, some, row is not None, other or own, quoted, origin)
    return Placed(figure, compiled, row)


def _rank(check: Checked) -> int:
    return AGREES.index(check.verdict) if check.verdict in AGREES else len(AGREES)
