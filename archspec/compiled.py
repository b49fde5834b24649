"""A compiled network: what ``load`` gives, and what can be asked of it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from archspec.analysis.checked import Checked
from archspec.analysis.cost import RowCost, Totals, costs_of, rows_of
from archspec.analysis.inferred import Inferred
from archspec.analysis.recipe_fit import misfits
from archspec.analysis.result import Result
from archspec.budget import asked
from archspec.counting.conventions import CONVENTIONS, EXTRAS, Counting, further_convention, is_rule
from archspec.counting.messages import two_conventions, unknown_rule
from archspec.diagnostics import ArchError, Diagnostic, Report, has_error, text_span
from archspec.elaborate import Request
from archspec.elaborate.claims import checked_rules
from archspec.elaborate.options import Input, dims_of, plain_values, variant_name
from archspec.elaborate.recipe import disagreements, placed
from archspec.elaborate.recipe_messages import no_recipe
from archspec.family import Family, Member
from archspec.ir.network import Cell, Claim, Network, Value
from archspec.language import syntax as s
from archspec.language.parse import parse_cell
from archspec.render.exports import Exports
from archspec.support.takes import FLAG, NAMED, NUMBER, PATH, TEXT, TEXTS, Kind, takes, texts

if TYPE_CHECKING:
    from torch import Tensor, nn

    from archspec.analysis.misprints import Misprinted
    from archspec.family.formulas.facade import Formula
    from archspec.figures.figure import Figure
    from archspec.targets.torch import Emitted
    from archspec.targets.torch.load import Code
    from archspec.weights.place import Weights

    Modules: TypeAlias = Mapping[str, nn.Module | Sequence[nn.Module]]
    """Modules by name, one or several."""


class Compiled(Exports):
    """A network that holds: its rows and totals, its printed figures, its code and its torch module.

    Shapes and counts are there. Claims and the recipe are read and checked when they are first asked for: by
    ``network``, ``claims``, ``cells``, ``diagnostics``, ``holds`` and by what writes code. These raise ArchError where
    the claims or the recipe are wrong. What an attribute gives is shared by all that ask for it, and not to be changed.
    """

    def __init__(
        self,
        member: Member,
        counting: Counting | None = None,
        diagnostics: tuple[Diagnostic, ...] | None = None,
    ) -> None:
        self._member = member
        self._diagnostics = diagnostics
        self.counting = counting or member.counting
        """The rule by which the rows and totals are counted."""

    @asked
    def __call__(self, /, *, variant: str | None = None, input: Input | None = None, **parameters: Value) -> Compiled:
        """The network under other values of its parameters, another input, or another variant of the family.

        What is set already stays set, and so does the convention. It gives what ``load`` gives for all that is set
        together, sooner: what does not depend on what changes is not worked out again. Raises ArchError as ``load``.
        """
        known = self._member.request
        request = known._replace(
            variant=known.variant if variant is None else variant_name(variant),
            parameters={**known.parameters, **plain_values(parameters)},
            input=known.input if input is None else dims_of(input),
        )
        return self._asked(request)

    @takes(parameters=NAMED, alone=FLAG)
    @asked
    def setting(self, parameters: Mapping[str, Value], alone: bool = False) -> Compiled:
        """The network with these parameters set too, whatever their names; ``alone`` with nothing else that is set."""
        known = self._member.request._replace(parameters={}, input=None) if alone else self._member.request
        return self._asked(known._replace(parameters={**known.parameters, **plain_values(parameters)}))

    def _asked(self, request: Request) -> Compiled:
        member = self._member.family.member(request, self._member)
        member.raise_if_failed()
        return Compiled(member, self.counting if self.counting is not self._member.counting else None)

    @property
    @asked
    def network(self) -> Network:
        """The network as data: rows of steps, with its parameters, claims and recipe."""
        return self._member.network

    @property
    def inferred(self) -> Inferred:
        """The network with its shapes."""
        return self._member.inferred

    @cached_property
    @asked
    def rows(self) -> list[RowCost]:
        """What each row of the table costs."""
        if self.counting is self._member.counting:
            return [*self._member.rows]
        return costs_of(self.inferred, self.counting)

    @cached_property
    @asked
    def totals(self) -> Totals:
        """What the network costs."""
        return self._member.totals_by(self.counting)

    @takes(rules=TEXT)
    @asked
    def totals_by(self, *rules: str) -> Totals:
        """What the network costs by other counting rules, ``totals_by("fvcore", "no fc")``, without those of the file.

        Raises ArchError where one is none.
        """
        _demand_rules("rule", rules)
        return self._member.totals_by(Counting(rules))

    @property
    @asked
    def cells(self) -> list[Checked]:
        """The printed cells of the tables, with what the arithmetic gives; none under other parameters."""
        return [*self._member.checks.cells]

    @property
    @asked
    def claims(self) -> list[Checked]:
        """The claims, with what the arithmetic gives."""
        return [*self._member.checks.claims]

    @property
    @asked
    def misprints(self) -> list[Misprinted]:
        """The cells of layers and arguments that are printed wrong, with what fails as they are printed."""
        return [*self._member.checks.misprints]

    @property
    @asked
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Warnings, and printed figures that disagree with the arithmetic."""
        return self._member.checks.diagnostics if self._diagnostics is None else self._diagnostics

    @takes(figure=Kind("one of `cells` or `claims`", (Checked,)))
    @asked
    def alternatives(self, figure: Checked) -> tuple[str, ...]:
        """What else would give a printed figure that disagrees, a line each: other arguments of its row, other rules.

        The same that a diagnostic says of a figure without a mark.
        """
        if figure.span is None:  # of a network in JSON, whose figures have no places
            return ()
        network = self._member.network
        printed: tuple[Cell | Claim, ...] = (*network.cells, *network.claims)
        places = (each for each in printed if each.place == figure.span)
        found = next((each for each in places if each.quantity == figure.quantity), None)
        return self._member.alternatives(found) if found is not None else ()

    @property
    @asked
    def result(self) -> Result:
        """All of it as plain data, as tables and reports take it."""
        return Result(
            self.network,
            self.inferred,
            self.counting,
            self.rows,
            self.totals,
            self.heads,
            self.cells,
            self.claims,
            self.misprints,
            self.diagnostics,
        )

    @property
    def name(self) -> str:
        """The name of the network, with its variant: ``vgg_D``."""
        return self._member.architecture.label

    @property
    def variants(self) -> tuple[str, ...]:
        """The names of all variants of its family; none where it is one network."""
        return self._member.family.variants

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

    @cached_property
    @asked
    def heads(self) -> dict[str, list[RowCost]]:
        """The rows of the heads for training alone, by their names; no total holds them unless its rule says so."""
        return {name: rows_of(rows, self.counting, first=False) for name, rows in self.inferred.heads.items()}

    @property
    def convention(self) -> str:
        """The rule by which the figures are counted."""
        return self.counting.name

    @takes(convention=TEXT)
    @asked
    def under(self, convention: str) -> Compiled:
        """The same network, counted by another convention or other rules, ``fvcore`` or ``no bn, with bias``.

        They are written as in the column `counted` of claims. Raises ArchError where there is none of that name.
        Printed figures keep the rules that they were printed by. A counter that runs the network sees it as it is
        emitted, without a soft-max that belongs to the loss.
        """
        said = " ".join(convention.split())
        if not said:
            raise ArchError([_no_rule("--convention", convention)])
        report = Report()
        parsed = parse_cell(s.Cell(text_span("--convention", said), said), "counted", report)
        rules = checked_rules(parsed or (), report)
        report.raise_if_failed()
        return Compiled(self._member, Counting(rules), self._diagnostics)

    def _warned(self, more: Sequence[Diagnostic]) -> Compiled:
        """The same network with diagnostics of what it was made of."""
        return Compiled(self._member, self.counting, (*self.diagnostics, *more)) if more else self

    @property
    def holds(self) -> bool:
        """Whether every printed cell and every claim agrees with the arithmetic, or is marked and does not."""
        return not has_error(self.diagnostics)

    @asked
    def to_json(self) -> str:
        """The counts as JSON, by the schema in ``docs/counts.schema.json``."""
        from archspec.render.table import as_json

        return as_json(self.result)

    @takes(style=TEXT, width=NUMBER | TEXT | None)
    @asked
    def draw(self, style: str = "blocks", width: float | str | None = None) -> Figure:
        """The network as a figure: ``.svg`` is its text, and ``.save("x.svg")`` writes a file.

        ``width`` is in points, or a text with its unit, ``"8.5cm"``; without one it is as suits the style. Raises
        ArchError where the style or the width is none, or where the figure would be too large to be read.
        """
        from archspec.figures.figure import figure_of

        return figure_of(self.result, style, width)

    @takes(quantities=TEXT, over=TEXTS | None)
    @asked
    def formula(self, *quantities: str, over: str | Sequence[str] | None = None) -> Formula:
        """What the network costs as a function of its parameters: ``net.formula("params", over=["depth", "k"])``.

        Quantities are ``params``, ``mult_adds``, ``activations``, ``connections``, ``weight_layers`` and ``kept``; the
        first three if none is named. ``over`` names parameters, or ``height``, ``width`` and ``resolution`` of the
        input; all parameters that are numbers if it is None. ``str()`` of the formula is its text, and calling it with
        values gives the count: ``formula(depth=40, k=4)``. Raises ArchError where there is no such formula.
        """
        from archspec.family.formulas.facade import formula_of

        return formula_of(self._member, quantities, None if over is None else texts(over), self.counting)

    def _repr_html_(self) -> str:
        """The table with the figure below, where the network can be drawn."""
        try:
            figure = self.draw().svg
        except ArchError:
            return self.to_html()
        return self.to_html() + "\n" + figure.encode("ascii", "xmlcharrefreplace").decode("ascii")

    @asked
    def to_arch(self) -> str:
        """The text of a spec that says this one network, as ``docs/ir.md`` says; raises ArchError where none does."""
        from archspec.printing import to_arch

        return to_arch(self.network)

    @takes(together=FLAG)
    @asked
    def source(self, *, together: bool = False) -> str:
        """The emitted PyTorch code: one standalone file.

        ``together`` puts all variants of its family in it, under what is set: an entry function for each, and classes
        that they share.
        """
        if not (together and self.variants):
            return self._member.source
        from archspec.targets.torch import Counted, emit_family

        members = [self(variant=variant)._member for variant in self.variants]
        return emit_family([Counted(member.network, member.inferred, member.totals) for member in members])

    @property
    @asked
    def emitted(self) -> Emitted:
        """The same with the lines of each row of the table."""
        return self._member.emitted

    @takes(short=FLAG)
    @asked
    def training(self, *, short: bool = False) -> str:
        """The training program: one file that stands beside that of ``source()`` and imports it.

        ``short`` is the program to be read: the same recipe in one loop, on one device and without resume.

        Raises ArchError where the spec has no recipe, one that does not fit the network, or layers that archspec does
        not know.
        """
        from archspec.analysis.given import demand_nothing
        from archspec.targets.train import emit, lacking

        recipe = self.network.recipe
        if recipe is None:
            raise ArchError([no_recipe(self.network.place, self.name)])
        Report([*disagreements(recipe), *misfits(self.network, self.inferred)]).raise_if_failed()
        network = self.network, self.inferred, self._member.totals
        demand_nothing(self.network, self.inferred, "be trained, and the training program has none")
        Report(placed(recipe, wrong) for wrong in lacking(*network)).raise_if_failed()
        return emit(*network, short=short)

    @takes(opaque=NAMED | None)
    @asked
    def build(self, *, opaque: Modules | None = None) -> nn.Module:
        """The torch module, from exactly the code of ``source()``; imports torch.

        ``opaque`` holds the modules of opaque layers: by the text that names a layer, with several in their order where
        it stands several times, or by the path of one in the module. Raises ArchError where some are missing or left
        over, which names their paths, and where torch cannot make the module.
        """
        from archspec.targets.torch.load import build

        return build(self._code(opaque, "be built"))

    def _code(self, opaque: Modules | None, to: str) -> Code:
        """The emitted code with what its entry function is given."""
        from archspec.analysis.bulk import check_bulk
        from archspec.analysis.given import demand_nothing, demand_places
        from archspec.targets.torch import function_name
        from archspec.targets.torch.load import Code

        check_bulk(self.network, self.inferred)
        if opaque is None:
            demand_nothing(self.network, self.inferred, to)
        else:
            demand_places(self.network)
        given = {} if opaque is None else {"opaque": opaque}
        return Code(self.source(), function_name(self.network), given, self.network.place)

    @takes(source=PATH | NAMED, partial=FLAG, opaque=NAMED | None)
    @asked
    def weights_from(
        self,
        source: Mapping[str, Tensor] | str | os.PathLike[str],
        /,
        *,
        partial: bool = False,
        opaque: Modules | None = None,
    ) -> Weights:
        """The weights of another implementation, a file or a state dict, as a state dict of the module: ``.state``.

        ``opaque`` is as of ``build``. Raises ArchError where the weights cannot be read, or where something cannot be
        placed unless ``partial``.
        """
        from archspec.targets.torch.load import skeleton
        from archspec.weights.place import Target, complete, place

        shapes, given = skeleton(self._code(opaque, "take weights"))
        target = Target(
            self.name,
            shapes,
            given,
            self.heads,
            self.network.parameters,
            lambda: self.build(opaque=opaque).state_dict(),
        )
        found = place(target, source)
        return found if partial else complete(found)

    @asked
    def checked(self) -> Compiled:
        """This network, once its claims and its recipe are read and every printed figure is checked.

        Raises ArchError where the claims or the recipe are wrong.
        """
        _ = self._member.checks
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        counting = None if self.counting is self._member.counting else self.counting.rules
        return _again, (self._member.family, self._member.request, counting, self._diagnostics)

    def __repr__(self) -> str:
        return f"<{self.name}: {self.params:,} params, {self.mult_adds:,} mult-adds ({self.convention})>"

    def _tabled(self, together: bool) -> list[Result]:
        """It as tables need it, without printed figures; or all of its family, under what is set."""
        if together and self.variants:
            return [self(variant=variant)._alone() for variant in self.variants]
        return [self._alone()]

    def _alone(self) -> Result:
        costs = self.rows, self.totals, self.heads
        return Result(self._member.architecture, self.inferred, self.counting, *costs, (), (), (), ())


def _again(
    family: Family, request: Request, rules: tuple[str, ...] | None, diagnostics: tuple[Diagnostic, ...] | None
) -> Compiled:
    """A network from what was pickled of it: its text as it was read, and what was asked for."""
    return Compiled(family.member(request), None if rules is None else Counting(rules), diagnostics)


def _demand_rules(where: str, rules: Sequence[str]) -> None:
    """Raise ArchError where one of some counting rules is none, or where they are two conventions."""
    for rule in rules:
        if not is_rule(rule):
            raise ArchError([_no_rule(where, rule)])
    if (further := further_convention(rules)) is not None:
        second, first = further
        raise ArchError([two_conventions(text_span(where, rules[second]), rules[second], first)])


def _no_rule(where: str, said: str) -> Diagnostic:
    return unknown_rule(text_span(where, said), said, [*CONVENTIONS, *EXTRAS, "no fc", "no fc weights"])
