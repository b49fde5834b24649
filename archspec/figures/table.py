"""The rows of a table before they have places: what each shows, and how the width is shared between them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from archspec.analysis.result import Result
from archspec.diagnostics import ArchError
from archspec.figures.lanes import lanes_of, width_of_lanes
from archspec.figures.margin import LEAST_BAR, NUMBER, Column, columns_of, wrongs_of
from archspec.figures.messages import too_large, too_wide
from archspec.figures.metrics import width_of
from archspec.figures.node import SMALL, TINY, lines_of
from archspec.figures.words import cell_text, shape_text
from archspec.ir.network import Head, Instance, Repeat, Row
from archspec.support.limits import MOST_DRAWN_ROWS
from archspec.support.terminal import printable

LONGEST_NAME_SHARE, MOST_LANES_SHARE = 0.24, 0.3
"""How much of the width names may take, and ways that pass rows."""
LANE, PLATE = 5.0, 3.0
"""Between two ways that pass rows, and between a plate and its box."""
LEAST_BOX, MOST_BOX = 40.0, 190.0
BARS = 130.0
"""How long a bar is at most."""


class Frame(NamedTuple):
    """Where the columns of the spine stand, from the left: names, ways that pass rows, boxes, plates, bars."""

    names: float
    left: float
    wide: float
    plates: float
    columns: Sequence[Column]
    sizes: float | None = None
    """Where the outputs of rows stand, of a table whose rows are too many to have them between."""

    @property
    def middle(self) -> float:
        return self.left + self.wide / 2


class Table:
    """The rows of a network and what is known of them; raises ArchError where they are too many for a figure."""

    def __init__(self, result: Result) -> None:
        self.result, self.rows = result, result.network.rows
        if len(self.rows) > MOST_DRAWN_ROWS:
            place = self.rows[MOST_DRAWN_ROWS].place
            help = "write rows that are alike as a repetition or a block"
            raise ArchError([too_large(place, "rows", MOST_DRAWN_ROWS, help)])
        self.wrongs, self.lanes = wrongs_of(result), lanes_of(self.rows)
        self.times = [times_of(row) for row in self.rows]
        self.heads: dict[str, list[Head]] = {}
        for head in result.network.heads:
            self.heads.setdefault(head.source, []).append(head)

    def frame(self, width: float, compact: bool) -> Frame:
        """Shares the width: names as far as they need it, bars what boxes leave."""
        passing = width_of_lanes(self.lanes, LANE)
        if passing > MOST_LANES_SHARE * width:
            network, needs = self.result.network, passing / MOST_LANES_SHARE
            raise ArchError([too_wide(network.place, network.label, needs + 2, "the ways between its rows")])
        named = min(self._names, LONGEST_NAME_SHARE * width)
        plates = max((width_of(said, SMALL) + 5 for said in self.times if said), default=0.0)
        left = named + 6 + passing + PLATE
        sizes = self._sizes if compact else 0.0
        numbers = columns_of(self.result, 0, 0)[-1].right
        rest = width - left - plates - 10 - sizes - numbers
        spare = rest - 2 * (NUMBER + 2 * LEAST_BAR)
        needed = next((each for each in self._needed if each <= spare), rest)
        box = max(LEAST_BOX, min(self._natural, max(0.6 * rest, min(needed, rest)), MOST_BOX))
        end = left + box + plates + 10
        right = min(width, end + sizes + numbers + 2 * BARS)
        return Frame(
            named, left, box, plates, columns_of(self.result, end + sizes, right), end - 4 if compact else None
        )

    @cached_property
    def _names(self) -> float:
        """How wide the names are, with those of side branches below them."""
        names = [width_of(printable(name), SMALL) for name in (*(row.layer for row in self.rows), "input")]
        heads = [", ".join(head.name for head in heads) for heads in self.heads.values()]
        return max([*names, *(width_of(printable(said), TINY) + 6 for said in heads)])

    @cached_property
    def _sizes(self) -> float:
        return max(width_of(shape_text(row.output), TINY) for row in self.result.rows) + 8

    @cached_property
    def _natural(self) -> float:
        return max(width_of(cell_text(row.op), SMALL) for row in self.rows) + 12

    @cached_property
    def _needed(self) -> tuple[float, float]:
        """How wide boxes have to be so that no cell takes more than two lines, or three."""
        return _for_lines(self.rows, 2), _for_lines(self.rows, 3)


def times_of(row: Row) -> str | None:
    """How often a row that is one repetition runs; None where it is none, or runs once."""
    step = row.steps[0] if row.steps and len(row.steps) == 1 else None
    if not isinstance(step, Repeat) or step.times.value in (None, 1):
        return None
    return f"×{step.times.value}"


def _for_lines(rows: Sequence[Row], lines: int) -> float:
    """How wide boxes have to be so that no cell takes more lines, of which words are kept whole."""
    texts = [cell_text(row.op) for row in rows if not isinstance((row.steps or (None,))[0], Instance)]
    wide = LEAST_BOX
    while wide < MOST_BOX and any(len(lines_of(text, SMALL, wide - 8, 9)) > lines for text in texts):
        wide += 10
    return wide
