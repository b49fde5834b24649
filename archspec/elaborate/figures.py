"""What a claim says in the column `figure`: shares, bytes, chains of layers, other networks and plain arithmetic."""

from __future__ import annotations

from collections.abc import Collection
from copy import copy
from typing import NamedTuple

from archspec import ops
from archspec.arguments import Misfit
from archspec.budget import spend
from archspec.diagnostics import Report, text_span
from archspec.elaborate import figure_messages as say
from archspec.elaborate.arguments import read_arguments
from archspec.elaborate.cells import BLANK
from archspec.elaborate.layers import Layers
from archspec.elaborate.messages import unknown_op, unknown_parameter, unknown_variant, wrong_kind
from archspec.elaborate.printed import plainly
from archspec.elaborate.scope import Scope, Wrong
from archspec.elaborate.words import filled
from archspec.expressions import Unfit, bounded, every_part
from archspec.ir.figure import LARGEST_ELEMENT, Beside, Chain, Each, Figure, Formula, Layer, Share, Total
from archspec.ir.messages import unfit_expression, wrong_argument
from archspec.ir.network import Arg, Network, Value
from archspec.language import syntax as s
from archspec.language.parse import parse_cell
from archspec.naming import Names
from archspec.op import Op
from archspec.support.limits import APPLIED, DEEPEST_EXPRESSION, LONGEST_EXPRESSION, MADE, MOST_LAYERS, SORTED


class Figures(NamedTuple):
    """Reads the cells of one table of claims."""

    network: Network
    variants: Collection[str]
    layers: Layers
    report: Report
    rows: Names
    """What the rows of the network are called."""

    @classmethod
    def of(cls, network: Network, variants: Collection[str], layers: Layers, report: Report) -> Figures:
        """Layers in these cells have no names but those of layers, and no rules."""
        plain = copy(layers)
        plain.scope, plain.report, plain.rules = Scope(), report, {}
        spend(SORTED * len(network.rows))
        return cls(network, variants, plain, report, Names(row.layer for row in network.rows))

    def read(self, cell: s.Cell | None) -> Figure | None:
        """The figure of a cell; that of an empty one is the total. None where it is none, which is reported."""
        if cell is None or cell.text in BLANK:
            return Total(text="", span=cell and cell.span)
        said = Report()
        found = parse_cell(cell, "figure", said)
        if found is None:
            at = next(iter(said)).span or cell.span
            self.report.add(say.no_figure(at, cell.text, _meant(cell)))
            return None
        try:
            return self._figure(found, cell.text)
        except Wrong as wrong:
            self.report.add(wrong.diagnostic)
            return None

    def _figure(self, found: s.Figure, text: str) -> Figure | None:
        if isinstance(found, s.Share):
            return self._share(found, text)
        if isinstance(found, s.Each):
            if not isinstance(found.bytes.value, int) or not 1 <= found.bytes.value <= LARGEST_ELEMENT:
                raise Wrong(say.no_element(found.bytes.span, found.bytes.span.text))
            return Each(text=text, each=found.bytes.value, span=found.span)
        if isinstance(found, s.Bracket):
            return self._chain(found, text)
        return self._beside(found, text) if isinstance(found, s.Beside) else _formula(found, text)

    def _share(self, found: s.Share, text: str) -> Share | None:
        if found.layer is None:
            for row in found.rows:
                if row.text not in self.rows:
                    raise Wrong(say.unknown_row(row.span, row.text, self.rows))
            return Share(text=text, rows=tuple(row.text for row in found.rows), span=found.span)
        made = self._layers((s.Step(found.span, found.layer, None),))
        return None if made is None else Share(text=text, layer=made[0], span=found.span)

    def _chain(self, found: s.Bracket, text: str) -> Chain | None:
        made = self._layers(found.chain)
        if made is None:
            return None
        for layer, step in zip(made, found.chain, strict=False):
            spend(2 * APPLIED, step.span)
            if layer.window is None:
                kind = ops.find(layer.op)
                raise Wrong(say.sees_the_map(step.span, layer.op, kind is None or kind.known))
        return Chain(text=text, layers=made, span=found.span)

    def _layers(self, chain: s.Chain) -> tuple[Layer, ...] | None:
        """Layers with the arguments that are written; None where one is wrong, which is reported."""
        plain = plainly(chain, self.layers)
        if plain is None:
            return None
        found = [self._layer(step) for step in plain]
        return None if None in found else tuple(layer for layer in found if layer is not None)

    def _layer(self, step: s.Step) -> Layer | None:
        spend(MADE, step.span)
        layer, op = step.unit, self.layers.target(step.unit)
        if step.condition is not None or isinstance(layer, s.Bracket):
            raise Wrong(say.no_plain_layer(step.span))
        if not isinstance(op, type):
            if op is None and layer.op is not None:
                raise Wrong(unknown_op(layer.op.span, layer.op.text, Names(), None))
            raise Wrong(say.no_plain_layer(step.span))
        short = [*filled(layer.op, op)] if layer.op and ops.find(layer.op.text) is not op else []
        args = read_arguments(op, [*short, *layer.args], layer.span, self.layers)
        if args is None:
            return None
        for name, arg in args.items():
            _accept(op, name, arg)
        times = 1 if step.times is None else self.layers.scope.whole(step.times).known
        assert isinstance(times, int)
        if not 1 <= times <= MOST_LAYERS:
            raise Wrong(say.no_plain_layer(step.span))
        return Layer(op=op.spelled(), args={name: arg.known for name, arg in args.items()}, times=times, span=step.span)

    def _beside(self, found: s.Beside, text: str) -> Beside:
        own = self.network.parameters
        parameters: dict[str, Value] = {}
        for setting in found.settings:
            value = Scope().value(setting.value).known
            if found.file is None and setting.name not in own:
                raise Wrong(unknown_parameter(setting.span, setting.name, own))
            if found.file is None and (wrong := wrong_kind(setting.span, setting.name, value, own[setting.name])):
                raise Wrong(wrong)
            parameters[setting.name] = value
        variant = found.variant.text if found.variant else None
        if found.file is None and found.variant is not None and variant not in self.variants:
            raise Wrong(unknown_variant(found.variant.span, variant or "", self.variants))
        return Beside(
            text=text,
            relation="ratio" if found.relation == "ratio" else "difference",
            file=found.file.text if found.file else None,
            variant=variant,
            parameters=parameters,
            span=found.span,
        )


def _meant(cell: s.Cell) -> str | None:
    """What a cell that cannot be read most likely means, which can."""
    for text in say.likely(cell.text):
        at = text_span("figure", text)
        if text != cell.text and parse_cell(s.Cell(at, text), "figure", Report()) is not None:
            return text
    return None


def _accept(op: type[Op], name: str, arg: Arg) -> None:
    """Raises Wrong where a layer cannot take an argument."""
    try:
        op.arguments[name].accept(arg.known)
    except Misfit as misfit:
        raise Wrong(wrong_argument(arg.place, op.spelled(), name, arg, misfit.problems[name])) from None


def _formula(found: s.Formula, text: str) -> Formula:
    for part in every_part(found.value):
        spend(1, found.span)
        if isinstance(part, s.Number):
            try:
                bounded(part.value)
            except Unfit as unfit:
                raise Wrong(unfit_expression(found.span, unfit)) from None
    if len(str(found.value)) > LONGEST_EXPRESSION or found.value.depth > DEEPEST_EXPRESSION:
        raise Wrong(say.too_long(found.span))
    return Formula(text=text, arithmetic=found.value, span=found.span)
