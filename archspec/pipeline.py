"""The passes in order: text to a compiled network. Nothing here reads files, prints or exits."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from archspec import syntax as s
from archspec.bridge import without_loss
from archspec.budget import STOPPED, Exhausted, asked, exhausted
from archspec.check import Checked, check_cells, check_claims, check_loss
from archspec.conventions import CONVENTIONS, Counting
from archspec.cost import RowCost, Totals, rows_of, totals_of
from archspec.counters import COUNTERS
from archspec.diagnostics import ArchError, Diagnostic, Report, Source, Span, has_error
from archspec.elaborate import Request, elaborate, variants_of
from archspec.elaborate.messages import unknown_rule
from archspec.elaborate.recipe import disagreements, placed
from archspec.elaborate.recipe_messages import no_recipe, shadows
from archspec.elaborate.scope import Scope, Wrong
from archspec.fit import misfits
from archspec.flows import Inferred
from archspec.including import resolve
from archspec.ir import Network, Value
from archspec.measure import Measured, affordable
from archspec.parse import parse, parse_cell
from archspec.shapes import infer

if TYPE_CHECKING:
    from torch import Tensor, nn

    from archspec.weights import Weights


class Compiled:
    """A network that holds: its rows, totals, claims, its code and its torch module."""

    def __init__(
        self,
        network: Network,
        inferred: Inferred,
        rows: list[RowCost],
        totals: Totals,
        cells: list[Checked],
        claims: list[Checked],
        report: Report,
    ) -> None:
        self.network = network
        self.inferred = inferred
        self.rows = rows
        self.totals = totals
        self.cells = cells
        self.claims = claims
        self.diagnostics = tuple(report)
        self.counting = Counting(network.counted)
        """The rule by which the rows and totals are counted."""

    @property
    def name(self) -> str:
        """The name of the network, with its variant: ``vgg_D``."""
        return self.network.label

    @property
    def params(self) -> int:
        """Trainable parameters."""
        return self.totals.params

    @property
    def mult_adds(self) -> int:
        """Multiply-accumulates for one image."""
        return self.totals.mult_adds

    @property
    def activations(self) -> int:
        """Stored outputs, in elements, for one image."""
        return self.totals.activations

    @property
    def heads(self) -> dict[str, list[RowCost]]:
        """The rows of the heads for training alone, by their names; no total holds them unless its rule says so."""
        return {name: rows_of(rows, self.counting, first=False) for name, rows in self.inferred.heads.items()}

    @property
    def convention(self) -> str:
        """The rule by which the figures are counted."""
        return self.counting.name

    @asked
    def under(self, convention: str) -> Compiled:
        """The same network, counted by another convention; raises ArchError where there is none of that name.

        Printed figures keep the rules that they were printed by. A counter that runs the network sees it as it is
        emitted, without a soft-max that belongs to the loss.
        """
        if convention not in CONVENTIONS:
            at = Span(Source("--convention", convention), 1, 0, max(len(convention), 1))
            raise ArchError([unknown_rule(at, convention, CONVENTIONS)])
        made = copy(self)
        made.counting = Counting([convention])
        inferred = self.inferred
        if convention in COUNTERS and inferred.rows:
            last = inferred.rows[-1]
            inferred = inferred._replace(rows=[*inferred.rows[:-1], replace(last, uses=without_loss(last.uses))])
        made.rows = rows_of(inferred.rows, made.counting)
        made.totals = totals_of(self.network, inferred, made.counting)
        return made

    @property
    def holds(self) -> bool:
        """Whether every printed cell and every claim agrees with the arithmetic, or is marked and does not."""
        return not has_error(self.diagnostics)

    @asked
    def to_json(self) -> str:
        """The counts as JSON, by the schema in ``docs/counts.schema.json``."""
        from archspec.table import as_json

        return as_json(self)

    @cached_property
    def _source(self) -> str:
        from archspec.targets.torch import emit

        return emit(self.network, self.inferred, self.totals)

    @asked
    def source(self) -> str:
        """The emitted PyTorch code: one standalone file."""
        return self._source

    @asked
    def training(self) -> str:
        """The training program: one file that stands beside that of ``source()`` and imports it.

        Raises ArchError where the spec has no recipe, or one that does not fit the network.
        """
        from archspec.targets.torch import function_name
        from archspec.targets.train import TAKEN, emit, lacking

        recipe = self.network.recipe
        if recipe is None:
            raise ArchError([no_recipe(self.network.place, self.name)])
        if (shadowed := function_name(self.network)) in TAKEN:
            raise ArchError([shadows(self.network.place, shadowed)])
        Report([*disagreements(recipe), *misfits(self.network, self.inferred)]).raise_if_failed()
        network = self.network, self.inferred, self.totals
        Report(placed(recipe, wrong) for wrong in lacking(*network)).raise_if_failed()
        return emit(*network)

    @asked
    def build(self) -> nn.Module:
        """The torch module, from exactly the code of ``source()``; imports torch."""
        from archspec.bulk import check_bulk
        from archspec.loader import build
        from archspec.targets.torch import function_name

        check_bulk(self.network, self.inferred)
        return build(self.source(), function_name(self.network))

    @asked
    def weights_from(
        self, source: Mapping[str, Tensor] | str | os.PathLike[str], /, *, partial: bool = False
    ) -> Weights:
        """The weights of another implementation, a file or a state dict, as a state dict of the module: ``.state``.

        Raises ArchError where they cannot be read, or where something cannot be placed unless ``partial``.
        """
        from archspec.bulk import check_bulk
        from archspec.loader import skeleton
        from archspec.targets.torch import function_name
        from archspec.weights import Target, complete, place

        check_bulk(self.network, self.inferred)
        shapes, given = skeleton(self.source(), function_name(self.network))
        target = Target(
            self.name, shapes, given, self.heads, self.network.parameters, lambda: self.build().state_dict()
        )
        found = place(target, source)
        return found if partial else complete(found)

    def __repr__(self) -> str:
        return f"<{self.name}: {self.params:,} params, {self.mult_adds:,} mult-adds ({self.convention})>"

    def _repr_html_(self) -> str:
        from archspec.table import as_html

        return as_html(self)


@asked
def compile_text(source: Source, request: Request | None = None) -> Compiled:
    """Compile a spec; raises ArchError with all that is wrong with it.

    Figures that disagree with the arithmetic are no reason to raise: they stand in ``diagnostics``.
    """
    report = Report()
    wanted = request or Request()
    with adding(report):
        statements = resolve(parse(source, report), source, wanted.reader, report)
        return compile_statements(statements, wanted, source, report)


@contextmanager
def adding(report: Report) -> Iterator[None]:
    """Where the budget of the request runs out, it ends with what was found so far."""
    try:
        yield
    except Exhausted as spent:
        raise Exhausted([*spent.diagnostics, *report]) from None


def compile_statements(statements: list[s.Statement], request: Request, source: Source, report: Report) -> Compiled:
    """The passes after parsing: elaborate, infer, count, check."""
    network = elaborate(statements, request, source, report)
    if network is None:
        raise ArchError(report)
    inferred = infer(network, report)
    counting = Counting(network.counted)
    rows = rows_of(inferred.rows, counting)
    broken = report.failed
    cells = [] if network.overridden else check_cells(network, inferred.rows, rows, report)
    if network.recipe and not (network.overridden or network.recipe.taken_over):
        for diagnostic in misfits(network, inferred):
            report.add(diagnostic)
    if broken:
        raise ArchError(report)
    totals = totals_of(network, inferred, counting)
    check_loss(inferred.rows, report)
    claimed = replace(network, claims=tuple(affordable(network, report)))
    claims = check_claims(claimed, Measured(statements, request.variant, source, network, inferred), report)
    return Compiled(network, inferred, rows, totals, cells, claims, report)


@asked
def compile_variants(source: Source, request: Request) -> list[Compiled]:
    """The network that is asked for, or every variant of a family where none is.

    Raises ArchError with the diagnostics of all variants together, each once.
    """
    parsed = Report()
    with adding(parsed):
        statements = resolve(parse(source, parsed), source, request.reader, parsed)
    names: list[str | None] = [*variants_of(statements)]
    wanted = [request.variant] if request.variant is not None else names or [None]
    reports = [Report(parsed) for _ in wanted]
    results: list[tuple[Compiled | None, tuple[Diagnostic, ...]]] = []
    for name, report in zip(wanted, reports, strict=True):
        results.append(_attempt(statements, request._replace(variant=name), source, report))
        if exhausted():
            break  # nothing is left for the others
    everywhere = set.intersection(*({*said} for _, said in results))
    wrong: list[Diagnostic] = []
    found: list[Compiled] = []
    inside: set[tuple[str, Span | None]] = set()
    for name, (compiled, said) in zip(wanted, results, strict=False):
        fresh = [d for d in said if (d.code, d.span) not in inside]
        inside |= {(d.code, d.span) for d in said if d.in_block}  # one mistake, whichever variants bring it up
        noted = tuple(d if d in everywhere else d.noted(f"in variant `{name}`") for d in fresh)
        if compiled is None:
            wrong += noted
        else:
            compiled.diagnostics = noted
            found.append(compiled)
    if exhausted():
        raise Exhausted(sorted(wrong, key=lambda d: d.code != STOPPED))
    Report(wrong).raise_if_failed()
    if request.variant is None and names:
        suspected = set.intersection(*(report.suspected for report in reports))
        found[0].diagnostics = tuple(Report((*found[0].diagnostics, *suspected)))
    return found


def _attempt(
    statements: list[s.Statement], request: Request, source: Source, report: Report
) -> tuple[Compiled | None, tuple[Diagnostic, ...]]:
    try:
        with adding(report):
            compiled = compile_statements(statements, request, source, report)
    except ArchError as error:
        return None, error.diagnostics
    return compiled, compiled.diagnostics


def setting(text: str, origin: str = "-p") -> tuple[str, Value]:
    """A parameter as a command gives it, ``name=value``; raises ArchError where it is none."""
    report = Report()
    at = Span(Source(origin, text), 1, 0, max(len(text), 1))
    name, _, value = text.partition("=")
    cell = s.Cell(at.within(len(name) + 1, len(text)), value)
    parsed = parse_cell(cell, "value", report)
    found: Any = None
    try:
        found = Scope().value(parsed).value if parsed is not None else None
    except Wrong as wrong:
        report.add(wrong.diagnostic)
    report.raise_if_failed()
    return name, found


def size(text: str) -> tuple[int, ...]:
    """An input of the command line, ``299x299x3``; raises ArchError where it is none."""
    from archspec.elaborate import input_size

    report = Report()
    at = Span(Source("--input", text), 1, 0, len(text))
    parsed = parse_cell(s.Cell(at, text), "size", report)
    found = input_size(parsed, Scope(), report) if parsed is not None else None
    report.raise_if_failed()
    assert found is not None
    return found
