"""Syntax to IR: names, parameters, `every` rules, variants, repeats; one file for each part of the language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, TypeVar

from archspec import syntax as s
from archspec.budget import spend
from archspec.diagnostics import Report, Source, Span
from archspec.elaborate import messages as say
from archspec.elaborate.block_messages import unused_block
from archspec.elaborate.blocks import Blocks
from archspec.elaborate.claims import checked_rules, claims_of
from archspec.elaborate.definitions import define, heads_of, lets_of, units_of
from archspec.elaborate.layers import Layers
from archspec.elaborate.parameters import parameters_of
from archspec.elaborate.rebinding import Rebinding
from archspec.elaborate.recipe import recipe_of
from archspec.elaborate.scope import Scope, Wrong
from archspec.elaborate.tables import Tables
from archspec.elaborate.variants import settings_of, variants_of
from archspec.ir import Network, Paper, Recipe, Value
from archspec.limits import NETWORK, WALKED
from archspec.printed import SHAPES

__all__ = ["Elaboration", "Request", "architecture_of", "elaborate", "input_size", "variants_of"]

T = TypeVar("T", bound=s.Statement)


class Request(NamedTuple):
    """What the caller asks for beside the file: a variant, values of parameters, another input."""

    variant: str | None = None
    parameters: Mapping[str, Value] = {}
    input: tuple[int, ...] | None = None
    reader: Callable[[Source, str], Source] | None = None
    """Reads a file that the spec names; without one a spec can name none."""

    @property
    def overrides(self) -> bool:
        """Whether it sets parameters or the input, so that the printed figures of the file do not apply."""
        return bool(self.parameters or self.input)


def elaborate(statements: Sequence[s.Statement], request: Request, source: Source, report: Report) -> Network | None:
    """The network that the statements describe; None where the least that makes one is missing."""
    found = architecture_of(statements, request, source, report)
    return None if found is None else found.complete(report)


def architecture_of(
    statements: Sequence[s.Statement], request: Request, source: Source, report: Report
) -> Elaboration | None:
    """The network without its claims and its recipe, which are read when they are asked for."""
    spend(NETWORK + WALKED * len(statements))
    header = _only(statements, s.Network, "network", report)
    given = _only(statements, s.Input, "input", report)
    tables = [x for x in statements if isinstance(x, s.Table)]
    broken = {x.keyword: x for x in statements if isinstance(x, s.Broken)}
    _complain_of_missing(header, given, statements, broken, source, report)
    if header is None or "variants" in broken:  # nothing can be said of columns then
        return None
    variants = variants_of(statements)
    variant = _variant(header, variants, request.variant, report)
    if variants and variant not in variants:
        return None  # without a column every row would be empty, and wrong
    scope = Scope()
    settings = settings_of(statements, header, variant, report)
    parameters = parameters_of(header, settings, request.parameters, scope, report)
    layers = Layers(scope, report, Blocks(report))
    shape = request.input or (input_size(given.size, scope, report) if given else None)
    define(statements, layers)
    body = Tables(layers, variants, variant, report)
    for table in tables:
        body.add(table)
    heads = tuple(heads_of(statements, body.rows, layers))
    counted = _only(statements, s.Counted, "counted", report)
    rules = checked_rules(counted.rules, report) if counted else ()
    unclear = "counted" in broken or (counted is not None and len(rules) < len(counted.rules))
    failed = report.failed
    network = Network(
        name=header.name.text,
        variant=variant,
        title=title.text if (title := _only(statements, s.Title, "title", report)) else None,
        papers=tuple(Paper(title=x.title, references=x.references) for x in statements if isinstance(x, s.Paper)),
        parameters=parameters,
        overridden=request.overrides,
        input=shape or (),
        input_names=_names_of(given.size, scope) if given and shape and not request.input else (),
        counted=rules,
        units=units_of(statements, report),
        structural=tuple(sorted(scope.structural & parameters.keys())),
        blocks=layers.blocks.built,
        rows=tuple(body.rows),
        heads=heads,
        cells=tuple(c for c in body.cells if c.quantity in SHAPES or not unclear),
        span=header.span,
    )
    found = Elaboration(network, header, variants, statements, scope, layers, failed)
    found.complain_of_no_rows(report)
    return found


class Elaboration:
    """A network with what is still to be read of its file: its claims, its recipe, and what nothing uses."""

    def __init__(
        self,
        network: Network,
        header: s.Network,
        variants: tuple[str, ...],
        statements: Sequence[s.Statement],
        scope: Scope,
        layers: Layers,
        failed: bool,
    ) -> None:
        self.network = network
        """Without claims and recipe."""
        self._header, self._variants, self._statements = header, variants, statements
        self._scope, self._layers, self._failed = scope, layers, failed
        self._used = frozenset(scope.used)
        """The names that the tables use; a recipe may use others."""

    def complete(self, report: Report) -> Network:
        """The network with its claims and its recipe; what is wrong with them goes to the report."""
        network, variants, variant = self.network, self._variants, self.network.variant
        recipe, said, used = self._recipe
        said = Report(said)
        claims = _only(self._statements, s.Claims, "claims", said)
        if not (self._failed or said.failed):  # else the use may stand in what could not be read
            self._complain_of_unused(used, report)
        for diagnostic in said:
            report.add(diagnostic)
        table = claims.table if claims else None
        found = claims_of(table, network.parameters, variants, variant, report) if table else ()
        return network.replaced(claims=tuple(found), recipe=recipe)

    def complain_of_no_rows(self, report: Report) -> None:
        """Nothing is left of the tables, and no mistake tells why."""
        tables = self._tables
        if not self.network.rows and tables and not self._failed and not self._recipe[1].failed:
            report.add(say.no_rows(tables[0].span, self.network.variant))
            self._failed = True

    def under(self, request: Request, report: Report) -> Elaboration | None:
        """The same under other parameters or another input; None where that may be more than other numbers.

        What is wrong with the parameters alone goes to the report.
        """
        scope, header = Scope(), self._header
        settings = settings_of(self._statements, header, request.variant, report)
        parameters = parameters_of(header, settings, request.parameters, scope, report)
        lets_of(self._statements, scope, report)
        given = next((x for x in self._statements if isinstance(x, s.Input)), None)
        shape = request.input or (input_size(given.size, scope, report) if given else None)
        changed = _changed(self.network.parameters, parameters)
        mine = self._scope
        columns_stay = request.variant == self.network.variant or (
            request.variant in self._variants and not self._has_columns
        )
        if report.failed or changed is None or not columns_stay or not mine.record.allows(changed, parameters):
            return None
        network = (
            Rebinding(changed, parameters)
            .network(self.network)
            .replaced(
                variant=request.variant,
                overridden=request.overrides,
                input=shape or (),
                input_names=_names_of(given.size, scope) if given and shape and not request.input else (),
            )
        )
        scope.take_over(mine, self._used)
        return Elaboration(network, header, self._variants, self._statements, scope, self._layers, self._failed)

    @property
    def _tables(self) -> list[s.Table]:
        return [x for x in self._statements if isinstance(x, s.Table)]

    @cached_property
    def _has_columns(self) -> bool:
        """Whether the layers of a variant stand in a column of its own."""
        names = {*self._variants}
        return any(cell.text in names for table in self._tables for cell in table.header or ())

    @cached_property
    def _recipe(self) -> tuple[Recipe | None, Report, frozenset[str]]:
        """The recipe, what is wrong with it, and the names that it uses."""
        report, network, scope = Report(), self.network, self._scope.apart()
        found = recipe_of(self._statements, scope, self._variants, network.variant, network.overridden, report)
        return found, report, frozenset(scope.used)

    def _complain_of_unused(self, used: frozenset[str], report: Report) -> None:
        layers = self._layers
        known = self._used | used
        found = [say.unused_parameter(p.span, p.name) for p in self._header.parameters if p.name not in known]
        found += [unused_block(block.span, block.text) for block in layers.blocks.unused(layers)]
        found += [say.unused_rule(place.span, name) for name, place in layers.unused_rules.items()]
        for diagnostic in found:
            if diagnostic.span and diagnostic.span.source is not self._header.span.source:
                continue  # a network like another need not use all that the other has
            if self._variants:
                report.suspect(diagnostic)  # another member of the family may use it
            else:
                report.add(diagnostic)


def _changed(before: Mapping[str, Value], after: Mapping[str, Value]) -> frozenset[str] | None:
    """The parameters whose values differ; None where one of them is not a number."""
    found = {name for name, value in after.items() if (type(value), value) != (type(before[name]), before[name])}
    numbers = all(type(values[name]) in (int, float) for name in found for values in (before, after))
    return frozenset(found) if numbers else None


def _complain_of_missing(
    header: s.Network | None,
    given: s.Input | None,
    statements: Sequence[s.Statement],
    broken: Mapping[str, s.Broken],
    source: Source,
    report: Report,
) -> None:
    """The least that makes a network; a line or a file that could not be read was reported, and is not missing."""
    if header is not None and header.like is not None:
        return  # the other network has them
    start = Span(source, 1, 0, max(len(source.lines[0]), 1))
    for found, word, complain in ((header, "network", say.no_network), (given, "input", say.no_input)):
        if not found and word not in broken:
            report.add(complain(start))
    tables = any(isinstance(x, s.Table) for x in statements)
    if not tables and not broken.keys() & {"claims", "variants", "train"}:  # those took a table along
        report.add(say.no_table(start, _taken(statements)))


def _taken(statements: Sequence[s.Statement]) -> tuple[Span, str] | None:
    """The last table that belongs to a block or a head, with what it belongs to."""
    owners = [x for x in statements if isinstance(x, s.Block | s.Head) and x.table is not None]
    for owner in owners[-1:]:
        word = "block" if isinstance(owner, s.Block) else "head"
        return owner.table.span, f"{word} {owner.name.text}"  # type: ignore[union-attr]
    return None


def _only(statements: Sequence[s.Statement], kind: type[T], what: str, report: Report) -> T | None:
    found = [x for x in statements if isinstance(x, kind)]
    for extra in found[1:]:
        report.add(say.said_twice(extra.span, what, found[0].span))
    return found[0] if found else None


def _variant(header: s.Network, variants: tuple[str, ...], asked: str | None, report: Report) -> str | None:
    if asked is None and variants:
        report.add(say.pick_a_variant(header.name.span, header.name.text, variants))
    elif asked is not None and asked not in variants:
        at = Span(Source("variant", asked), 1, 0, len(asked))
        report.add(say.unknown_variant(at, asked, variants))
    return asked


def _names_of(size: s.Size, scope: Scope) -> tuple[str, ...]:
    """The parameters on which a size depends, also through a `let`."""
    return tuple(sorted({name for part in size.parts for name in scope.expression(part).names}))


def input_size(size: s.Size, scope: Scope, report: Report) -> tuple[int, ...] | None:
    """The dimensions of an input, or None where they are none, which is reported."""
    try:
        arg = scope.size(size)
    except Wrong as wrong:
        report.add(wrong.diagnostic)
        return None
    dims = arg.value
    if not isinstance(dims, tuple) or len(dims) not in (1, 3) or min(dims) < 1:
        report.add(say.wrong_input(size.span, "x".join(map(str, dims)) if isinstance(dims, tuple) else str(dims)))
        return None
    return dims
