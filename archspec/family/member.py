"""One network of a family: what the passes find out about it, each worked out when it is asked for.

In their order: the elaborated network, its shapes (``inferred``), its costs (``rows``, ``totals``), the whole network
with claims and recipe (``network``), every printed figure against the arithmetic (``checks``), its code (``source``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Protocol

from archspec.analysis.check import check_cells, check_claims, check_loss
from archspec.analysis.checked import Checked
from archspec.analysis.claim_totals import Measured, affordable
from archspec.analysis.cost import RowCost, Totals, costs_of, totals_of
from archspec.analysis.inferred import Inferred
from archspec.analysis.mends import Mends
from archspec.analysis.precision import Precision
from archspec.analysis.recipe_fit import misfits
from archspec.analysis.shapes import infer
from archspec.budget import Remembered, adding, affords, free, once
from archspec.counting.conventions import Counting
from archspec.diagnostics import ArchError, Diagnostic, Report, Source, has_error
from archspec.elaborate.reaching import Reach
from archspec.elaborate.rebinding import differing
from archspec.elaborate.record import Record
from archspec.elaborate.request import Request
from archspec.expressions import Expression
from archspec.ir.network import Cell, Claim, Network, Value
from archspec.support.frozen import Frozen

if TYPE_CHECKING:
    from archspec.analysis.misprints import Misprinted
    from archspec.targets.torch import Emitted


class Elaborated(Protocol):
    """A network with what is still to be read of it."""

    @property
    def network(self) -> Network:
        """Without claims and recipe."""

    @property
    def mentioned(self) -> list[frozenset[str]]:
        """For each row the names that its expressions hold, also inside the blocks that it uses."""

    @property
    def record(self) -> Record:
        """What was worked out with the values of parameters."""

    @property
    def choices(self) -> dict[str, tuple[str, tuple[Value, ...]]]:
        """The parameters of a search space: the name by which each is chosen, and what it may be."""

    def reach(self, names: Collection[str]) -> Reach | None:
        """The parameters among some that each row, and the input, may depend on; None where that is not known."""

    @property
    def lets(self) -> Mapping[str, Expression]:
        """The names that `let` gives to expressions over parameters."""

    @property
    def sides(self) -> tuple[Expression, ...]:
        """The sides of the input over parameters, H x W x C or a number of features."""

    def complete(self, report: Report) -> Network:
        """With both; what is wrong with them goes to the report."""

    def under(self, request: Request, report: Report) -> Elaborated | None:
        """The same under other parameters or another input; None where that may be more than other numbers."""


class Members(Protocol):
    """The family of a network, as the network sees it."""

    variants: tuple[str, ...]

    def member(self, request: Request, like: Member | None = None) -> Member:
        """Another network of it; ``like`` is one that has most of that."""

    def other(self, file: str) -> Members | None:
        """The family of a file that a claim names; None where it was not read."""

    @property
    def sources(self) -> Sequence[Source]:
        """The texts that it was read from."""


class Checks(Frozen):
    """The printed figures of a network with what the arithmetic gives, and all that is to be said of it."""

    cells: list[Checked]
    claims: list[Checked]
    misprints: list[Misprinted]
    diagnostics: tuple[Diagnostic, ...]
    suspected: frozenset[Diagnostic]
    """What is wrong with a family if it is so in every member."""


class Member:
    """One network of a family, holding or not."""

    def __init__(
        self,
        family: Members,
        request: Request,
        elaboration: Elaborated | None,
        inferred: Inferred | None,
        elaborated: tuple[Diagnostic, ...],
        said: tuple[Diagnostic, ...],
        read: Remembered[Elaborated | None],
    ) -> None:
        self.family, self.request = family, request
        self._elaboration, self._inferred = elaboration, inferred
        self._elaborated, self.said, self._read = elaborated, said, read
        # `said` is what there is to say before claims and the recipe are read.
        self._totals: dict[tuple[str, ...], Remembered[Totals]] = {}
        self.failed = has_error(said)
        """Whether the network does not hold, whatever its claims and its recipe."""

    def raise_if_failed(self) -> None:
        """Raises ArchError with all that is wrong where the network does not hold."""
        if self.failed:
            raise self._error

    @property
    def wrong(self) -> Diagnostic | None:
        """The first thing for which the network does not hold."""
        return next((diagnostic for diagnostic in Report(self.said) if diagnostic.severity == "error"), None)

    @property
    def architecture(self) -> Network:
        """The network without its claims and its recipe."""
        assert self._elaboration is not None
        return self._elaboration.network

    @property
    def read(self) -> bool:
        """Whether it is known what its layers are, so that at most their shapes are wrong."""
        return self._elaboration is not None and not has_error(self._elaborated)

    @property
    def elaborated(self) -> Elaborated:
        """The same with what decided what it is."""
        assert self._elaboration is not None
        return self._elaboration

    @property
    def inferred(self) -> Inferred:
        """The network with its shapes."""
        assert self._inferred is not None
        return self._inferred

    @property
    def network(self) -> Network:
        """The whole network; raises ArchError where its claims or its recipe are wrong."""
        network, said = self._completed
        if said.failed:
            raise self._error
        return network

    @cached_property
    def counting(self) -> Counting:
        """The rule by which it counts."""
        return Counting(self.architecture.counted)

    @once
    def rows(self) -> list[RowCost]:
        """What its rows cost."""
        return costs_of(self.inferred, self.counting)

    @once
    def totals(self) -> Totals:
        """What it costs."""
        return self.totals_by(self.counting)

    def totals_by(self, counting: Counting) -> Totals:
        """What it costs by another rule."""
        known = self._totals
        if counting.rules not in known:
            known[counting.rules] = Remembered(lambda: totals_of(self.architecture, self.inferred, counting))
        return known[counting.rules].get()

    @property
    def checks(self) -> Checks:
        """Every printed figure against the arithmetic; raises ArchError where anything but a figure is wrong."""
        if not isinstance(self._outcome, Checks):
            raise self._error
        return self._outcome

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All that is to be said of it, whether it holds or not."""
        return self._outcome.diagnostics if isinstance(self._outcome, Checks) else self._outcome

    @property
    def checked(self) -> bool:
        """Whether nothing but figures is wrong with it."""
        return isinstance(self._outcome, Checks)

    @once
    def _outcome(self) -> Checks | tuple[Diagnostic, ...]:
        """The checks, or for what there are none."""
        if self._elaboration is None:
            return self.said
        network, said = self._completed
        report = Report((*self.said, *said))
        with adding(report):
            measure = Measured(self, self.family.member, self._of_file)
            mends = Mends(network, self.inferred, measure, self._precision)
            cells = self._cells(network, mends, report)
            if self.failed or said.failed:
                return tuple(report)
            check_loss(self.inferred.rows, report)
            self._check_first_weights(network, report)
            checkable = network.replaced(claims=tuple(affordable(network, report)))
            claims = check_claims(checkable, measure, mends, report)
            misprints = self._misprints(checkable, measure, report) if network.misprints else []
        return Checks(cells, claims, misprints, tuple(report), frozenset(said.suspected | report.suspected))

    def _misprints(self, network: Network, measure: Measured[Member], report: Report) -> list[Misprinted]:
        from archspec.analysis.misprints import check_misprints  # few tables have any

        return check_misprints(network, self.inferred, measure, report, bool(self.family.variants))

    def alternatives(self, figure: Cell | Claim) -> tuple[str, ...]:
        """What else would give a figure that disagrees: other arguments of its row, other rules.

        None is tried on shares, ratios and other figures of a claim, which are not totals.
        """
        if isinstance(figure, Claim) and figure.figure is not None:
            return ()
        measure = Measured(self, self.family.member)
        found = Mends(self.network, self.inferred, measure, self._precision).of(figure)
        return found.lines if found is not None else ()

    def _of_file(self, file: str, request: Request) -> Member | None:
        family = self.family.other(file)
        return None if family is None else family.member(request)

    @property
    def source(self) -> str:
        """The emitted PyTorch code."""
        return self.emitted.source

    @once
    def emitted(self) -> Emitted:
        """The emitted PyTorch code with the lines of each row."""
        from archspec.targets.torch import emitted

        return emitted(self.network, self.inferred, self.totals)

    def under(self, request: Request) -> Member | None:
        """Another member that differs in numbers alone; None where it may differ in more, or is wrong."""
        if self.failed or self._elaboration is None or self._inferred is None:
            return None
        with free():  # it costs what elaboration does, or nothing
            elaboration = self._elaboration.under(request, Report())
        if elaboration is None or not self._read.affordable():
            return None
        self._read.again()
        report = Report(self._elaborated)
        with adding(report):
            inferred = infer(elaboration.network, report, self._inferred, self._rows_shared(elaboration.network))
        return Member(self.family, request, elaboration, inferred, self._elaborated, tuple(report), self._read)

    def _rows_shared(self, other: Network) -> int:
        """How many of the first rows are the same in another member, with the same input."""
        mine = self.architecture
        if self.said != self._elaborated or mine.input != other.input:
            return 0
        changed = differing(mine.parameters, other.parameters)
        assert self._elaboration is not None
        pairs = zip(mine.rows, other.rows, self._elaboration.mentioned, strict=True)
        same = sum(1 for _ in takewhile(lambda each: each[0] is each[1] and changed.isdisjoint(each[2]), pairs))
        return same if same and affords(self.inferred.trace.spent[same - 1]) else 0

    @once
    def _completed(self) -> tuple[Network, Report]:
        assert self._elaboration is not None
        report = Report()
        return self._elaboration.complete(report), report

    @cached_property
    def _precision(self) -> Precision:
        """How precise its printed figures are."""
        return Precision(self._completed[0])

    def _cells(self, network: Network, mends: Mends, report: Report) -> list[Checked]:
        """The printed cells, and whether the recipe fits; of a network under other parameters neither was printed."""
        rows = self.inferred.rows
        cells = [] if network.overridden else check_cells(network, rows, self.rows, self._precision, mends, report)
        if network.recipe and not (network.overridden or network.recipe.taken_over):
            for diagnostic in misfits(network, self.inferred):
                report.add(diagnostic)
        return cells

    def _check_first_weights(self, network: Network, report: Report) -> None:
        """What the first weights need and the network's code lacks; as with the rest of the recipe."""
        recipe = network.recipe
        if recipe is None or network.overridden or recipe.taken_over:
            return
        if any(part.asks_code for part in recipe.parts("init")):
            from archspec.elaborate.recipe import placed
            from archspec.targets.train import lacking

            for wrong in lacking(network, self.inferred, self.totals):
                report.add(placed(recipe, wrong))

    @property
    def _error(self) -> ArchError:
        return ArchError(self.diagnostics)
