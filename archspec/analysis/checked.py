"""A printed figure beside what the arithmetic gives, and what is said where the two disagree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from archspec.analysis.orders import Order
from archspec.counting.printed import Verdict, cut_too_far
from archspec.counting.quantities import find
from archspec.diagnostics import Diagnostic, Span, explained
from archspec.ir.network import UNEXPLAINED, WRONG, Mark, Provenance, Value

MARKS = "if the paper is wrong, mark the figure: `!`; if no counting rule gives it: `?`"
MARKS_OF_SHAPES = "if the paper is wrong, mark the figure: `!`; if nothing explains it: `?`"


class Checked(NamedTuple):
    """A printed figure with what the arithmetic gives. A marked one holds if it disagrees and its correction agrees."""

    source: str
    quantity: str
    printed: str
    value: int | str | None
    verdict: Verdict
    mark: Mark | None
    counted: str
    parameters: Mapping[str, Value]
    span: Span | None
    units: Mapping[str, int] = {}
    """What its unit means, where it is not a power of ten: 1024 for K."""
    correction: str | None = None
    """What the spec says that it should be."""
    corrected: Verdict | None = None
    """How that agrees with the arithmetic."""
    at_fault: tuple[str, ...] = ()
    """The rows whose printed figures are wrong, so that this one is."""
    taken_from: Provenance | None = None
    """Where it comes from; None where the spec does not say."""
    figure: str = ""
    """What of the quantity it is, as the spec says it; nothing for the quantity itself."""
    working: str = ""
    """The arithmetic of such a figure in one line."""

    @property
    def what(self) -> str:
        """The quantity, or the figure of it: ``mult-adds, share of fc``."""
        return ", ".join(filter(None, (self.quantity, self.figure)))

    @property
    def marked(self) -> bool:
        """Whether the spec says that it does not agree."""
        return self.mark is not None

    @property
    def unchecked(self) -> bool:
        """Whether nothing can check it, because a layer is not known."""
        return self.verdict == "unchecked"

    @property
    def holds(self) -> bool:
        """Whether nothing contradicts it, its mark or its correction."""
        if self.unchecked:
            return self.corrected != "disagrees"
        known = self.verdict != "unknown" and self.corrected != "disagrees"
        return known and self.marked == (self.verdict == "disagrees")

    @property
    def written(self) -> str:
        """The figure with its mark, as a spec writes it: ``24M ! 15.2M``."""
        see = f"see {', '.join(self.at_fault)}" if self.at_fault else None
        return " ".join(filter(None, (self.printed, self.mark, self.correction, see)))


@explained("E0301")
def shape_disagrees(checked: Checked, why: Sequence[str], order: Order) -> Diagnostic:
    """A row's `output` (or `input`) cell prints another shape than the layers give.

    H x W alone checks the spatial size; a bare number is a vector, which papers also print as 1x1xN. A cell that the
    paper is known to have wrong is marked, `6x6x512 !`, and one that nobody can explain `6x6x512 ?`; then it must
    disagree. `input 3x224x224, chw` says that all sizes of the file have their channels first; here they stand last.
    """
    verb = "produces" if checked.quantity == "output" else "gets"
    message = f"`{checked.source}` {verb} {checked.value}, but its row says {order.said or checked.printed}"
    notes = (*(f"why: {line}" for line in why), *order.note)
    return Diagnostic("E0301", message, checked.span, "printed here", notes=notes, help=order.help or MARKS_OF_SHAPES)


@explained("E0302")
def cell_disagrees(checked: Checked, arithmetic: list[str]) -> Diagnostic:
    """A row's printed figure disagrees with the arithmetic, at the precision of the print.

    `138M` holds for 137.5M to 138.5M, which round to it, and up to 139M, which is cut to it; `34,944` for 34944 alone.
    Where the paper itself is wrong, mark the cell with
    ` !`, and where no counting rule is found that gives it with ` ?`, and say why in a comment; the check then demands
    that it does disagree.
    """
    quantity = find(checked.quantity)
    does = quantity.sentence.format(value=_figure(checked.value), name=quantity.name)
    message = f"`{checked.source}` {does}, but its row says {checked.printed}"
    counted = [f"counted as: {checked.counted}"] * bool(quantity.of_use)
    notes = [*(f"why: {line}" for line in arithmetic), *counted, *_too_far(checked)]
    help = MARKS if quantity.of_use else MARKS_OF_SHAPES
    return Diagnostic("E0302", message, checked.span, "printed here", notes=tuple(notes), help=help)


@explained("E0303")
def claim_disagrees(checked: Checked) -> Diagnostic:
    """A claim about the whole network disagrees with the arithmetic, at the precision of the print.

    Papers count differently: the column `counted` names the rule where it is not the default, `no fc`, `no bias`.
    """
    settings = ", ".join(f"{name}={value}" for name, value in checked.parameters.items())
    where = f" for {settings}" if settings else ""
    message = (
        f"{checked.source} claims {checked.printed} {checked.quantity}{where}; the network has {_figure(checked.value)}"
    )
    notes = (f"counted as: {checked.counted}", *_too_far(checked))
    return Diagnostic("E0303", message, checked.span, "claimed here", notes=notes, help=MARKS)


def _too_far(checked: Checked) -> list[str]:
    """Why a count that is cut off to its print disagrees with it all the same."""
    if type(checked.value) is not int or not cut_too_far(checked.printed, checked.value, checked.units):
        return []
    return [f"truncated, it is {checked.printed}, but that is more than a twentieth too low"]


def figure_disagrees(checked: Checked) -> Diagnostic:
    """E0303 for a share, a ratio, a bound and all that is not a plain total."""
    settings = ", ".join(f"{name}={value}" for name, value in checked.parameters.items())
    where = f" for {settings}" if settings else ""
    message = f"{checked.source} claims {checked.printed} ({checked.what}){where}; the arithmetic gives {checked.value}"
    notes = (f"why: {checked.working}", *[f"counted as: {checked.counted}"] * bool(checked.counted))
    return Diagnostic("E0303", message, checked.span, "claimed here", notes=notes, help=MARKS)


@explained("E0304")
def agrees_though_marked(checked: Checked) -> Diagnostic:
    """A figure is marked, ` !` as known to be wrong or ` ?` as unexplained, and the arithmetic agrees with it."""
    said = {WRONG: "as wrong", UNEXPLAINED: "as unexplained", None: ""}[checked.mark]
    message = f"{checked.printed} is marked {said}, and it agrees: {_figure(checked.value)} ({checked.verdict})"
    return Diagnostic("E0304", message, checked.span, "marked here", help=f"take the `{checked.mark}` away")


@explained("E0305")
def mark_without_arithmetic(checked: Checked) -> Diagnostic:
    """A reported figure, such as an error rate, is marked ` !` or ` ?`; no arithmetic can contradict it."""
    message, help = f"no arithmetic checks `{checked.quantity}`", f"take the `{checked.mark}` away"
    return Diagnostic("E0305", message, checked.span, "marked here", help=help)


@explained("E0306")
def claim_without_network(checked: Checked, cause: Diagnostic) -> Diagnostic:
    """A claim sets parameters for which the network does not hold, so that there is nothing to compare it with."""
    settings = ", ".join(f"`{name}` = {value}" for name, value in checked.parameters.items())
    message = f"with {settings} the network does not hold"
    why = f"{cause.code} at {cause.span}: {cause.message}" if cause.span else f"{cause.code}: {cause.message}"
    return Diagnostic("E0306", message, checked.span, "claimed here", notes=(why, *cause.notes))


@explained("E0307")
def loss_inside(span: Span | None, op: str, own: bool) -> Diagnostic:
    """The soft-max that ends the network stands inside an `every` rule or a repetition.

    A soft-max that stands last by itself belongs to the loss: `forward` returns the logits before it, as losses expect,
    and `predict` applies it. This one cannot be set apart, so `forward` returns probabilities. A rule for the soft-max
    itself, `every softmax: softmax; identity`, does so too.
    """
    message = f"`forward` returns probabilities: this `{op}` stands inside a rule or a repetition"
    help = f"leave out the rule `every {op}`" if own else f"write `{op}` as the last step of the last row"
    return Diagnostic("E0307", message, span, "ends the network", help=help, severity="warning")


@explained("E0308")
def logits_of_maps(span: Span | None, op: str, shape: str) -> Diagnostic:
    """The logits before the last soft-max are a map, H x W x C, and losses of classification take a vector."""
    message = f"the logits are a map of {shape}, and losses take a vector of classes"
    return Diagnostic("E0308", message, span, "of a map", help=f"write `flatten; {op}`", severity="warning")


@explained("E0310")
def correction_disagrees(checked: Checked) -> Diagnostic:
    """What a marked figure should be, `24M ! 15.2M`, disagrees with the arithmetic too, at its printed precision."""
    message = f"{checked.printed} should be {checked.correction}, and the arithmetic gives {_figure(checked.value)}"
    help = "write what the arithmetic gives, or leave it out: `!`"
    return Diagnostic("E0310", message, checked.span, "marked here", help=help)


@explained("E0311")
def nothing_at_fault(checked: Checked, row: str, known: bool) -> Diagnostic:
    """A marked figure names a row at fault, `24M ! see conv2`, and no figure of that row is marked as wrong."""
    message = f"no figure of `{row}` is marked as wrong" if known else f"there is no row `{row}`"
    wrong = f"mark the figure of `{row}` that is wrong, or leave the row out: `!`"
    help = wrong if known else "name a row of the table"
    return Diagnostic("E0311", message, checked.span, "marked here", help=help)


def _figure(value: int | str | None) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
