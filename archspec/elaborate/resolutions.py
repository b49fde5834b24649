"""Strides that follow from printed resolutions: what enters a row divided by what enters the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from archspec.budget import spend
from archspec.counting.printed import SIZE, dims_of
from archspec.diagnostics import Diagnostic, Span
from archspec.elaborate import stride_messages as say
from archspec.elaborate.messages import wrong_figure
from archspec.language import syntax as s
from archspec.support.limits import CELL

Complain = Callable[[Diagnostic], None]
Sides = tuple[int, int]
"""Height and width."""
POINT = (1, 1)


class Printed(NamedTuple):
    """A row with its cell in the column of resolutions, empty or not."""

    place: Span
    """That of its first cell."""
    name: str
    cell: s.Cell | None
    at: s.Cell
    """A cell to point at where it has no resolution."""
    lent: bool = False
    """Whether the resolution is that of a row of another network in whose place it stands."""
    out: bool = False
    """Whether it is a row of another network that this one is without."""


class Quotient(NamedTuple):
    """A stride that follows."""

    known: Sides
    syntax: s.Stride


class Following(NamedTuple):
    """What the resolutions of a row and of the next say of its stride."""

    above: s.Cell
    below: s.Cell
    sides: tuple[Sides, Sides]
    lent: bool = False
    """Whether this is what they say of a row of another network, in whose place another stands."""

    @property
    def texts(self) -> tuple[str, str]:
        """Both resolutions."""
        above, below = ("x".join(map(str, sides)) for sides in self.sides)
        return above, below

    @property
    def why(self) -> str:
        """The arithmetic: ``112 / 56 = 2``."""
        pairs = dict.fromkeys(zip(*self.sides, strict=True))
        return ", ".join(f"{n} / {m} = {n / m:.4g}" for n, m in pairs)

    @property
    def stride(self) -> Quotient | None:
        """The stride, where it is whole."""
        if any(n % m for n, m in zip(*self.sides, strict=True)):
            return None
        height, width = (n // m for n, m in zip(*self.sides, strict=True))
        at = self.below.span
        one = s.Number(height, span=at)
        value: s.Value = one if height == width else s.Size((one, s.Number(width, span=at)), span=at)
        return Quotient((height, width), s.Stride(at, value))


def followed(rows: Iterable[Printed], complain: Complain) -> tuple[dict[Span, Following], frozenset[Span]]:
    """What resolutions say of the strides of rows, and the rows whose resolution stays a check.

    A row may come down to 1x1 by a pool over all that enters, whose extent is not a stride: nothing follows there.
    """
    found: dict[Span, Following] = {}
    checks: set[Span] = set()
    for group in _groups(rows, complain):
        (first, above), (last, below) = group[0], group[-1]
        assert first.cell is not None
        assert last.cell is not None
        assert above is not None
        assert below is not None
        following = Following(first.cell, last.cell, (above, below), first.lent)
        if below == POINT != above:
            checks.add(last.place)
        elif len(group) == 2 or above == below:
            found |= {row.place: following for row, _ in group[:-1] if not row.out}
        else:
            missing = group[1][0]
            complain(say.resolution_missing(missing.at.span, missing.name, *following.texts, first.cell.span))
    return found, frozenset(checks)


def _groups(rows: Iterable[Printed], complain: Complain) -> Iterator[Sequence[tuple[Printed, Sides | None]]]:
    """Rows from one that has a resolution to the next that has one, both included."""
    group: list[tuple[Printed, Sides | None]] = []
    for row in rows:
        sides = _sides(row.cell, complain) if row.cell is not None else None
        if group or sides:
            group.append((row, sides))
        if sides and len(group) > 1:
            yield group
            group = [(row, sides)]


def _sides(cell: s.Cell, complain: Complain) -> Sides | None:
    """Height and width of a printed resolution: ``224x224``, ``224x224x3``, or ``224`` for both."""
    spend(CELL, cell.span)
    dims = dims_of(cell.text) if SIZE.fullmatch(cell.text) else []
    if not dims or 0 in dims:
        complain(wrong_figure(cell.span, cell.text, "input"))
        return None
    return (dims[0], dims[1]) if len(dims) > 1 else (dims[0], dims[0])
