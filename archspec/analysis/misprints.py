"""Cells that are printed wrong: the network as it is printed, and the printed figures that fail with it.

Each mark is tried alone, all else as it works: on the IR, whose rows stay what they are above the row of the mark.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Generic, NamedTuple

from archspec.analysis.claim_totals import M, Measured
from archspec.analysis.cost import Totals, totals_of
from archspec.analysis.inferred import Inferred
from archspec.analysis.mends.figures import Standing, figures
from archspec.analysis.provenance import Origins
from archspec.analysis.shapes import infer
from archspec.budget import spend
from archspec.counting.conventions import Counting
from archspec.counting.quantities import INPUT, SHAPES, find
from archspec.diagnostics import Diagnostic, Report, Span, explained
from archspec.ir.network import UNPRINTED, Cell, Claim, Misprint, Network, Part, Provenance, Value
from archspec.support.limits import MISTAKE


class Misprinted(NamedTuple):
    """A cell that is marked as printed wrong, with what fails as it is printed."""

    source: str
    """The row."""
    column: str
    printed: str
    works: str
    span: Span | None
    broken: tuple[Standing, ...] = ()
    """The printed figures that hold, and that fail with what is printed."""
    failure: str | None = None
    """Why the network does not hold with what is printed, where it does not."""
    taken_from: Provenance | None = None

    @property
    def holds(self) -> bool:
        """Whether the print contradicts the figures beside it."""
        return bool(self.broken) or self.failure is not None

    @property
    def told_twice(self) -> bool:
        """Whether sizes and counts both rule it out; where one of them does alone, that may be what is wrong."""
        return len({each.figure.quantity in SHAPES for each in self.broken}) == 2

    @property
    def shown(self) -> str:
        """``with the printed `/2`, `pw13` gets 4x4x1024 where 7x7x1024 is printed``."""
        if self.failure is not None:
            return f"with the printed `{self.printed}`, the network does not hold: {self.failure}"
        if not self.broken:
            return f"nothing printed fails with the printed `{self.printed}`"
        others = ", and other figures fail" if self.broken[1:] else ""
        return f"with the printed `{self.printed}`, {fails(self.broken[0])}{others}"


def check_misprints(
    network: Network, inferred: Inferred, measure: Measured[M], report: Report, family: bool
) -> list[Misprinted]:
    """Every mark of a cell; one that changes nothing or breaks nothing goes to the report.

    In a ``family`` it is an error where that is so in every variant.
    """
    if network.overridden:
        return []  # the figures beside the layers are for the file's own parameters
    found = [_misprinted(network, inferred, measure, i) for i in range(len(network.misprints))]
    for i, each in enumerate(found):
        for wrong in _idle(network, inferred, measure, i, each):
            if family:
                report.suspect(wrong)
            else:
                report.add(wrong)
    return found


def _idle(
    network: Network, inferred: Inferred, measure: Measured[M], i: int, whole: Misprinted
) -> Iterator[Diagnostic]:
    """A mark that shows nothing, or those of its arguments that it does not need."""
    misprint = network.misprints[i]
    same = misprint.steps == network.rows[misprint.row].steps and not _sets_parameters(network)
    if not whole.holds:
        yield changes_nothing(whole) if same else breaks_nothing(whole)
        return
    for k, part in enumerate(misprint.parts):
        if not _misprinted(network, inferred, measure, i, k).holds:
            yield not_needed(part, part.steps == network.rows[misprint.row].steps)


def as_printed(network: Network, misprint: Misprint, part: int | None = None) -> Network:
    """The network with one row as it is printed, or with one ``part`` of it alone."""
    rows, at = network.rows, misprint.row
    steps = misprint.steps if part is None else misprint.parts[part].steps
    return network.replaced(rows=(*rows[:at], rows[at].replaced(steps=steps), *rows[at + 1 :]))


def _misprinted(
    network: Network, inferred: Inferred, measure: Measured[M], i: int, part: int | None = None
) -> Misprinted:
    misprint, origins = network.misprints[i], Origins(network)
    printed = misprint if part is None else misprint.parts[part]
    spend(MISTAKE, misprint.place)
    row = network.rows[misprint.row]
    taken_from = origins.column(misprint.column)
    found = Misprinted(
        row.layer, misprint.column, misprint.printed, misprint.works, misprint.place, taken_from=taken_from
    )
    if printed.steps == row.steps and not _sets_parameters(network):
        return found
    if printed.refused is not None:
        return found._replace(failure=printed.refused)
    other, said = as_printed(network, misprint, part), Report()
    made = infer(other, said, inferred, misprint.row if inferred.whole else 0)
    broken = _broken(figures(network, inferred, None), figures(other, made, None), origins)
    wrong = next((each for each in said if each.severity == "error"), None)
    if wrong is not None:  # figures above what is wrong say more, and are not known below it
        known = tuple(each for each in broken if each.verdict != "unknown")
        return found._replace(broken=known, failure=None if known else wrong.message)
    if not broken and _sets_parameters(network):
        totals = _Printed(measure, i, part)
        broken = _broken(figures(network, inferred, measure), figures(other, made, totals), origins)
    return found._replace(broken=broken)


def _sets_parameters(network: Network) -> bool:
    """Whether claims are about the network under other parameters, where a row may have other layers."""
    return any(claim.parameters for claim in network.claims)


def _broken(before: Iterator[Standing], after: Iterator[Standing], origins: Origins) -> tuple[Standing, ...]:
    """The printed figures that agree with what works, and not with what is printed."""
    return tuple(
        new
        for old, new in zip(before, after, strict=True)
        if not old.figure.marked and old.holds and new.fails and origins.of(old.figure) not in UNPRINTED
    )


class _Printed(Generic[M]):
    """The totals of the network as it is printed under the parameters of its claims."""

    def __init__(self, measure: Measured[M], misprint: int, part: int | None) -> None:
        self._measure, self._misprint, self._part = measure, misprint, part

    def __call__(self, parameters: Mapping[str, Value], counting: Counting) -> Totals | Diagnostic:
        """The totals by a rule, or why the network does not hold for these parameters."""
        member = self._measure.under(parameters)
        if member.wrong is not None:
            return member.wrong
        network, said = member.architecture, Report()
        network = as_printed(network, network.misprints[self._misprint], self._part)
        made = infer(network, said)
        wrong = next((each for each in said if each.severity == "error"), None)
        return wrong or totals_of(network, made, counting)


def fails(standing: Standing) -> str:
    """What a figure would be with what is printed: ```pw13` gets 4x4x1024 where 7x7x1024 is printed``."""
    figure, quantity = standing.figure, find(standing.figure.quantity)
    if standing.verdict == "unknown":
        return f"the network of {standing.source} does not hold"
    value = f"{standing.value:,}" if isinstance(standing.value, int) else standing.value
    if isinstance(figure, Claim):
        settings = ", ".join(f"{name}={value}" for name, value in figure.parameters.items())
        where = f" for {settings}" if settings else ""
        return f"the network has {value} {quantity.name}{where} where {standing.source} prints {figure.printed}"
    assert isinstance(figure, Cell)
    does = quantity.sentence.format(value=value, name=quantity.name)
    if quantity.name in SHAPES:
        does = f"{'gets' if quantity is INPUT else 'gives'} {value}"
    return f"`{standing.source}` {does} where {figure.printed} is printed"


@explained("E0315")
def changes_nothing(misprinted: Misprinted) -> Diagnostic:
    """A cell is marked as printed wrong, `dwconv 3x3, /2 ! /1`, and what is printed is the same as what works."""
    message = f"the printed `{misprinted.printed}` is the same as `{misprinted.works}`"
    help = f"take the mark away: `! {misprinted.works}`"
    return Diagnostic("E0315", message, misprinted.span, "marked here", help=help)


@explained("E0316")
def breaks_nothing(misprinted: Misprinted) -> Diagnostic:
    """A cell is marked as printed wrong, `dwconv 3x3, /2 ! /1`, and no printed figure fails with what is printed.

    With what is printed at least one figure of the table or of the claims must fail that holds with what works, or the
    network must not hold at all: nothing else shows that the print is wrong. Of several arguments behind the mark each
    must be needed so, with all others as they work. Figures that programs give or that the author added show nothing of
    a print, nor do figures that are marked.
    """
    message = (
        f"every printed figure that holds with `{misprinted.works}` holds with the printed `{misprinted.printed}` too"
    )
    return Diagnostic("E0316", message, misprinted.span, "marked here", help="take the mark away")


def not_needed(part: Part, same: bool) -> Diagnostic:
    """One of several arguments that work, without which nothing fails, or which is the ``same`` as what is printed."""
    if same:
        message = f"the cell is the same without `{part.works}`"
        return Diagnostic("E0315", message, part.place, "says what is printed", help=f"take `{part.works}` away")
    message = f"every printed figure that holds with `{part.works}` holds without it too"
    return Diagnostic("E0316", message, part.place, "not needed", help=f"take `{part.works}` away")
