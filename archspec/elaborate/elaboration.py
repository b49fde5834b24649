"""A network while its file is not read whole: what is left is read when it is asked for, or for other parameters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from archspec.budget import spend
from archspec.counting.printed import channels_last
from archspec.counting.quantities import SHAPES
from archspec.diagnostics import Diagnostic, Report
from archspec.elaborate import messages as say
from archspec.elaborate.block_messages import unused_block
from archspec.elaborate.choices import values_of
from archspec.elaborate.claims import claims_of
from archspec.elaborate.definitions import lets_of
from archspec.elaborate.layers import Layers
from archspec.elaborate.neighbours import unlikely
from archspec.elaborate.parameters import parameters_of
from archspec.elaborate.provenance import unknown_sources
from archspec.elaborate.reaching import Reach, reach_of
from archspec.elaborate.rebinding import Rebinding, differing, mentioned
from archspec.elaborate.recipe import recipe_of
from archspec.elaborate.record import Record
from archspec.elaborate.request import Request
from archspec.elaborate.scope import Scope, Wrong
from archspec.elaborate.variants import settings_of
from archspec.expressions import Expression, Number, Size
from archspec.ir.network import Cell, Claim, Network, Recipe, Value
from archspec.language import syntax as s
from archspec.language.include import every_table
from archspec.support.limits import MISTAKE

T = TypeVar("T", bound=s.Statement)
CHW = "chw"
ORDERS = ("hwc", CHW)
"""In which order an input may be said."""


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
        totals: tuple[Claim, ...] = (),
    ) -> None:
        self.network = network
        """Without claims and recipe."""
        self._header, self._variants, self._statements = header, variants, statements
        self._scope, self._layers, self._failed = scope, layers, failed
        self._totals = totals
        """What rows of totals claim of the network."""
        self._used = frozenset(scope.used)
        """The names that the tables use; a recipe may use others."""

    def complete(self, report: Report) -> Network:
        """The network with its claims and its recipe; what is wrong with them goes to the report."""
        network, variants = self.network, self._variants
        recipe, said, used = self._recipe
        said = Report(said)
        if not (self._failed or said.failed):  # else the use may stand in what could not be read
            self._complain_of_unused(used, report)
            for diagnostic in unlikely(network, self._layers):
                report.add(diagnostic)
        for diagnostic in said:
            report.add(diagnostic)
        found: list[Claim] = []
        for claims in (x for x in self._statements if isinstance(x, s.Claims)):
            if claims.table is None:
                report.add(say.no_claims(claims.span))
            else:
                found += claims_of(claims.table, network, variants, self._layers, report)
        claimed = (*self._totals, *found)
        if not (self._failed or report.failed):
            self._warn(unknown_sources(self._statements, claimed, self._tables), report)
        return network.replaced(claims=claimed, recipe=recipe)

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
        spend(0, header.span)  # what was spent last was spent for another member
        settings = settings_of(self._statements, header, request.variant, scope, report)
        parameters, not_home = parameters_of(header, settings, request.parameters, scope, report)
        lets_of(self._statements, scope, report)
        input, input_names = input_of(self._statements, request, scope, report)
        mine, before = self._scope, self.network.parameters
        columns_stay = request.variant == self.network.variant or (
            request.variant in self._variants and not self._has_columns
        )
        changed = differing(before, parameters)
        if report.failed or not columns_stay or not _numbers_alone(changed, before, parameters):
            return None
        if not mine.record.allows(changed, parameters):
            return None
        network = (
            Rebinding(changed, parameters)
            .network(self.network, self.mentioned)
            .replaced(
                variant=request.variant,
                overridden=request.overrides,
                changed=not_home,
                input=input,
                input_names=input_names,
            )
        )
        scope.take_over(mine, self._used)
        found = Elaboration(
            network, header, self._variants, self._statements, scope, self._layers, self._failed, self._totals
        )
        found.mentioned = self.mentioned
        return found

    @cached_property
    def mentioned(self) -> list[frozenset[str]]:
        """For each row the names that its expressions hold, the same under any parameters."""
        return mentioned(self.network)

    @property
    def choices(self) -> dict[str, tuple[str, tuple[Value, ...]]]:
        """The parameters of a search space: the name by which each is chosen, and what it may be."""
        return {p.name: (p.chosen, values_of(p.one_of)) for p in self._header.parameters if p.one_of}

    def reach(self, names: Collection[str]) -> Reach | None:
        """The parameters among some that each row, and the input, may depend on."""
        return reach_of(self._statements, self.network.rows, self._scope.of_rows, names)

    @property
    def record(self) -> Record:
        """What was worked out with the values of parameters."""
        return self._scope.record

    @property
    def lets(self) -> Mapping[str, Expression]:
        """The names that `let` gives to expressions over parameters."""
        named = self._scope.args.items()
        return {n: arg.expression for n, arg in named if arg.expression and n not in self.network.parameters}

    @property
    def sides(self) -> tuple[Expression, ...]:
        """The sides of the input, H x W x C, over parameters; numbers where another input is asked for."""
        given = next((x for x in self._statements if isinstance(x, s.Input)), None)
        if given is None or not self.network.input_names:
            return tuple(map(Number, self.network.input))
        found = self._scope.apart().size(given.size)
        sides = found.expression.sides if isinstance(found.expression, Size) else ()
        first = given.order is not None and given.order.text == CHW
        return (sides[1], sides[2], sides[0]) if first and len(sides) == 3 else sides

    @property
    def _tables(self) -> list[s.Table]:
        return every_table(self._statements)

    @cached_property
    def _has_columns(self) -> bool:
        """Whether the layers of a variant stand in a column of its own."""
        names = {*self._variants}
        headers = (row for table in self._tables for row in (table.header, table.spanned) if row is not None)
        return any(cell.text in names for header in headers for cell in header)

    @cached_property
    def _recipe(self) -> tuple[Recipe | None, Report, frozenset[str]]:
        """The recipe, what is wrong with it, and the names that it uses."""
        report, network, scope = Report(), self.network, self._scope.apart()
        found = recipe_of(self._statements, scope, self._variants, network.variant, network.overridden, report)
        if found is not None:
            found = found.replaced(names=tuple(sorted(scope.used & network.parameters.keys())))
        return found, report, frozenset(scope.used)

    def _complain_of_unused(self, used: frozenset[str], report: Report) -> None:
        layers = self._layers
        known = self._used | used
        found = [say.unused_parameter(p.span, p.name) for p in self._header.parameters if p.name not in known]
        found += [unused_block(block.span, block.text) for block in layers.blocks.unused(layers)]
        found += [say.unused_rule(place.span, name) for name, place in layers.unused_rules.items()]
        found += [
            say.no_such_column(text.span, text.text) for word, text in layers.ignored.items() if word not in layers.seen
        ]
        self._warn(found, report)

    def _warn(self, found: Iterable[Diagnostic], report: Report) -> None:
        """Report warnings about this file; in a family another member may have what this one lacks."""
        for diagnostic in found:
            spend(MISTAKE, diagnostic.span)
            if diagnostic.span and diagnostic.span.source is not self._header.span.source:
                continue  # a network like another need not use all that the other has
            if self._variants:
                report.suspect(diagnostic)
            else:
                report.add(diagnostic)


def _numbers_alone(names: frozenset[str], *settings: Mapping[str, Value]) -> bool:
    """Whether parameters are numbers in all of some settings, and not sizes, words or truth values."""
    return all(type(values[name]) in (int, float) for name in names for values in settings)


def input_of(
    statements: Sequence[s.Statement], request: Request, scope: Scope, report: Report
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The dimensions of the input, and the parameters on which they depend; none where another input is asked for."""
    given = next((x for x in statements if isinstance(x, s.Input)), None)
    said = Report() if request.input else report  # what the file says is used by it, whatever is asked for
    shape = input_size(given.size, scope, said, given.order) if given else None
    if request.input or given is None or shape is None:
        return request.input or (), ()
    return shape, _names_of(given.size, scope)


def input_size(size: s.Size, scope: Scope, report: Report, order: s.Text | None = None) -> tuple[int, ...] | None:
    """The dimensions of an input, H x W x C, or None where they are none, which is reported.

    ``order`` is what the author says of them, hwc or chw; where it is None, what is almost surely chw is refused.
    """
    if order is not None and order.text not in ORDERS:
        report.add(say.unknown_order(order.span, order.text, ORDERS))
        return None
    try:
        arg = scope.size(size)
    except Wrong as wrong:
        report.add(wrong.diagnostic)
        return None
    dims = arg.value
    if not isinstance(dims, tuple) or len(dims) not in (1, 3) or min(dims) < 1:
        report.add(say.wrong_input(size.span, "x".join(map(str, dims)) if isinstance(dims, tuple) else str(dims)))
        return None
    if len(dims) == 3 and order is not None and order.text == CHW:
        return dims[1], dims[2], dims[0]
    if order is None and channels_first(dims):
        report.add(say.seems_chw(size.span, dims))
        return None
    return dims


def in_order(statements: Sequence[s.Statement], cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """Printed figures whose shapes are H x W x C, also where the input of the file has its channels first."""
    given = next((x for x in statements if isinstance(x, s.Input)), None)
    if given is None or given.order is None or given.order.text != CHW:
        return tuple(cells)
    return tuple(_turned(cell) if cell.quantity in SHAPES else cell for cell in cells)


def _turned(cell: Cell) -> Cell:
    meant = channels_last(cell.correction) if cell.correction is not None else None
    return cell.replaced(printed=channels_last(cell.printed), correction=meant)


def channels_first(dims: Sequence[int]) -> bool:
    """Whether three sides are those of torch: one or three channels before a square that is larger."""
    if len(dims) != 3:
        return False
    one_or_three = (dims[0] == 1) | (dims[0] == 3)  # not by `in`: dims may be numbers of a trace
    return (dims[2] > 3) & (dims[1] == dims[2]) & one_or_three


def _names_of(size: s.Size, scope: Scope) -> tuple[str, ...]:
    """The parameters on which a size depends, also through a `let`."""
    return tuple(sorted({name for part in size.parts for name in scope.expression(part).names}))


def only(statements: Sequence[s.Statement], kind: type[T], what: str, report: Report) -> T | None:
    """The statement of a kind; further ones are reported."""
    found = [x for x in statements if isinstance(x, kind)]
    for extra in found[1:]:
        report.add(say.said_twice(extra.span, what, found[0].span))
    return found[0] if found else None
