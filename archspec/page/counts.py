"""The counts of a network by every convention, as columns of numbers that a page switches between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from archspec.analysis.cost import amounts, rows_seen
from archspec.analysis.inferred import Use, ends_in_loss
from archspec.budget import spend
from archspec.compiled import Compiled
from archspec.counting.conventions import CONVENTIONS, Counting
from archspec.counting.quantities import MULT_ADDS, PARAMS, SUMS
from archspec.reports.opened import Line
from archspec.support.bound import is_known
from archspec.support.limits import SUMMED

EXACT = 2**53
"""Up to here JavaScript holds a whole number exactly."""
COUNTS = (PARAMS, MULT_ADDS)
FIELDS = tuple(SUMS.index(quantity) for quantity in COUNTS)


class Columns:
    """Columns of numbers, each once however many conventions give it."""

    def __init__(self) -> None:
        self.kept: list[list[int | str]] = []
        self._known: dict[tuple[int | str, ...], int] = {}

    def add(self, column: Sequence[int]) -> int:
        """The number of a column."""
        key = tuple(map(number, column))  # a bound is equal to the number that it is of
        if key not in self._known:
            self._known[key] = len(self.kept)
            self.kept.append([*key])
        return self._known[key]


class Flat(NamedTuple):
    """A line of a page's table: a row of the network, or a step inside one."""

    row: int
    level: int
    """0 for a row."""
    line: Line | None
    """None for a row."""


def number(value: int) -> int | str:
    """A count as JSON that a page reads without loss."""
    return value if abs(value) < EXACT and is_known(value) else f"{value:,}"


def rules_of(compiled: Compiled) -> list[Counting]:
    """The rule of the network first, then all conventions."""
    own = compiled.counting
    return [own, *(each for name in CONVENTIONS if (each := Counting((name,))).name != own.name)]


def flat_of(opened: Sequence[Sequence[Line]]) -> list[Flat]:
    """All lines of a table in their order."""
    return [each for row, lines in enumerate(opened) for each in (Flat(row, 0, None), *_inside(row, lines, 1))]


def _inside(row: int, lines: Sequence[Line], level: int) -> list[Flat]:
    return [each for line in lines for each in (Flat(row, level, line), *_inside(row, line.inner, level + 1))]


def counts_of(compiled: Compiled, lines: Sequence[Flat]) -> dict[str, Any]:
    """For each rule the columns of its counts, the last number of which is the total."""
    columns = Columns()
    rules = []
    for counting in rules_of(compiled):
        totals = compiled.totals if counting is compiled.counting else compiled.totals_by(*counting.rules)
        found = _by(compiled, counting, lines)
        ends = (totals.params, totals.mult_adds)
        at = [columns.add([*(each[i] for each in found), end]) for i, end in enumerate(ends)]
        rules.append([*at, number(totals.activations)])
    return {"rules": rules, "columns": columns.kept}


def _by(compiled: Compiled, counting: Counting, lines: Sequence[Flat]) -> list[tuple[int, ...]]:
    """What each line has of the counted quantities by one rule, whose totals are known."""
    rows = rows_seen(compiled.inferred, counting)
    unseen = _unseen(compiled, counting, lines)
    return [
        _of_uses(rows[each.row].uses, 1, counting) if each.line is None
        else (0, 0) if each.line is unseen
        else _of_uses(each.line.uses, each.line.times, counting)
        for each in lines
    ]  # fmt: skip


def _of_uses(uses: Sequence[Use], repeated: int, counting: Counting) -> tuple[int, ...]:
    spend(SUMMED * (1 + len(uses)))
    found = [(use.times, amounts(counting.rules, use.layer)) for use in uses]
    return tuple(repeated * sum(times * each[field] for times, each in found) for field in FIELDS)


def _unseen(compiled: Compiled, counting: Counting, lines: Sequence[Flat]) -> Line | None:
    """The line of a loss that the rule does not see, as an emitted network ends before it."""
    if not (counting.runs and ends_in_loss(compiled.network.rows[-1])):
        return None
    inside = [each.line for each in lines if each.level == 1 and each.row == len(compiled.network.rows) - 1]
    return inside[-1] if inside else None
