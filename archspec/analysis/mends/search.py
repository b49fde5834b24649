"""The search for mends of one figure: the best of those that give it where it stands are confirmed on the network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from archspec.analysis.claim_totals import Measure
from archspec.analysis.inferred import Inferred
from archspec.analysis.mends.candidates import VERDICTS, Candidates, Mend
from archspec.analysis.mends.figures import Standing, figures
from archspec.analysis.path import Path
from archspec.analysis.precision import Precision
from archspec.analysis.shapes import infer
from archspec.budget import Budget, Exhausted, portion
from archspec.counting.quantities import SHAPES
from archspec.diagnostics import Report
from archspec.ir.network import Cell, Claim, Network
from archspec.support.limits import MOST_CONFIRMED, MOST_TRIED

MOST_SAID = 3
"""Mends of a figure that are confirmed and said."""


class Confirmed(NamedTuple):
    """A mend that works, the figures that no longer hold with it, and how many others hold now."""

    mend: Mend
    broken: list[Standing]
    gained: int

    @property
    def worth(self) -> bool:
        """Whether it costs one figure, or no more than it makes hold beside its own."""
        return len(self.broken) <= max(self.gained, 1)

    @property
    def line(self) -> str:
        """``pad=1 gives 110x110x96``, and what else it does."""
        said = f"{self.mend.says} gives {self.mend.gives}"
        if self.gained:
            said += f", and {self.gained} more {'figure holds' if self.gained == 1 else 'figures hold'}"
        return f"{said}, but then {self._lost}" if self.broken else said

    @property
    def _lost(self) -> str:
        first, *more = self.broken
        name = first.figure.quantity
        value = f"{first.value:,}" if isinstance(first.value, int) else first.value
        has = f"{name} {value}" if name in SHAPES else f"{value} {name}"
        others = f", and {len(more)} more {'figure fails' if len(more) == 1 else 'figures fail'}" if more else ""
        return f"`{first.source}` has {has} where {first.figure.printed} is printed{others}"


def lines(
    figure: Cell | Claim,
    network: Network,
    inferred: Inferred,
    measure: Measure,
    precision: Precision,
    budget: Budget | None,
) -> Iterable[str]:
    """The best mends of a figure that work, a line each: those with which nothing else fails, where there are any."""
    found: dict[object, Mend] = {}
    with suppress(Exhausted), portion(budget, MOST_TRIED):
        for mend in Candidates(network, inferred, measure, precision).of(figure):
            found.setdefault(mend.kind, mend)
    close = [mend for mend in found.values() if mend.verdict != "coarse"] or [*found.values()]
    best = sorted(close, key=lambda mend: VERDICTS.index(mend.verdict))[:MOST_SAID]
    confirmed: list[Confirmed] = []
    with suppress(Exhausted), portion(budget, MOST_CONFIRMED):
        for mend in best:
            confirmed += _confirmed(mend, figure, network, inferred, measure)
    good = [each for each in confirmed if not each.broken] or [each for each in confirmed if each.worth]
    return [each.line for each in sorted(good, key=lambda each: (len(each.broken), -each.gained))]


def _confirmed(
    mend: Mend, figure: Cell | Claim, network: Network, inferred: Inferred, measure: Measure
) -> list[Confirmed]:
    """A mend with what it changes of the other figures; none where what has a shape has none with it.

    Rows that a mistake hides, in the network as it stands, are not witnesses.
    """
    if isinstance(figure, Claim):  # its rules are its own
        return [Confirmed(mend, [], 0)]
    other = mend.network()
    made = inferred if mend.counts else infer(other, Report(), inferred, mend.same if inferred.whole else 0)
    if not _stands(inferred, made):
        return []
    of_claims = measure if mend.counts else None
    pairs = [*zip(figures(network, inferred, of_claims), figures(other, made, of_claims), strict=True)]
    if not any(new.holds for _, new in pairs if new.figure is figure):
        return []
    broken = [*_broken(other, made, pairs)]
    gained = sum(new.holds and not old.holds for old, new in pairs) - 1
    return [Confirmed(mend, broken, gained)]


def _broken(network: Network, made: Inferred, pairs: Iterable[tuple[Standing, Standing]]) -> Iterator[Standing]:
    """The figures that no longer hold, without shapes that follow from one above them."""
    path = Path(network, made.rows)
    for old, new in pairs:
        follows = not new.holds and isinstance(new.figure, Cell) and path.explains(new.figure)
        if old.holds and not new.holds and not follows:
            yield new


def _stands(before: Inferred, after: Inferred) -> bool:
    """Whether every row that had a shape, those of heads included, still has one."""
    heads = ((before.heads[name], after.heads[name]) for name in before.heads)
    pairs = ((before.rows, after.rows), *heads)
    return all(new.y is not None or old.y is None for olds, news in pairs for old, new in zip(olds, news, strict=True))
