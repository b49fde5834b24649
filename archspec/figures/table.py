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
from archspec.figures.words import CROSS, cell_text, once_text, shape_text, short, use_text
from archspec.ir.network import Head, Instance, Repeat, Row, Step
from archspec.support.limits import MOST_DRAWN_ROWS

LONGEST_NAME_SHARE, MOST_LANES_SHARE, MOST_SAID_SHARE = 0.24, 0.3, 0.2
"""How much of the width names may take, ways that pass rows, and what is printed wrong in each column."""
LANE, PLATE = 5.0, 3.0
"""Between two ways that pass rows, and between a plate and its box."""
LEAST_BOX, MOST_BOX = 40.0, 190.0
USUAL_BAR, MOST_BAR = 40.0, 130.0
"""How long a bar is before boxes are as wide as they like, and at most."""


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
        printed = columns_of(self.result, 0, 0, self.wrongs, MOST_SAID_SHARE * width)[-1].right - numbers
        rest = width - left - plates - 10 - sizes - numbers
        spare = rest - max(2 * (NUMBER + 2 * LEAST_BAR), printed)
        needed = next((each for each in self._needed if each <= spare), rest)
        wanted = max(rest - 2 * (NUMBER + USUAL_BAR), min(needed, rest))
        box = max(LEAST_BOX, min(self._natural, wanted, rest - printed, MOST_BOX))
        end = left + box + plates + 10
        right = min(width, end + sizes + numbers + 2 * MOST_BAR)
        columns = columns_of(self.result, end + sizes, right, self.wrongs, MOST_SAID_SHARE * width)
        return Frame(named, left, box, plates, columns, end - 4 if compact else None)

    @cached_property
    def _names(self) -> float:
        """How wide the names are, with those of side branches below them."""
        names = [width_of(short(name), SMALL) for name in (*(row.layer for row in self.rows), "input")]
        heads = [", ".join(head.name for head in heads) for heads in self.heads.values()]
        return max([*names, *(width_of(short(said), TINY) + 6 for said in heads)])

    @cached_property
    def _sizes(self) -> float:
        return max(width_of(shape_text(row.output), TINY) for row in self.result.rows) + 8

    @cached_property
    def _natural(self) -> float:
        return max(width_of(self.texts(row)[0], SMALL) for row in self.rows) + 12

    @cached_property
    def _needed(self) -> tuple[float, float]:
        """How wide boxes have to be so that no cell takes more than two lines, or three."""
        texts = [min(self.texts(row), key=len) for row in self.rows]
        return _for_lines(texts, 2), _for_lines(texts, 3)

    def texts(self, row: Row) -> list[str]:
        """What a row may say: its cell, and where that is one use of a block, that without the names of arguments.

        A repetition that stands on the plate of the row does not stand in its cell.
        """
        step = _only(row)
        if isinstance(step, Instance):
            return [cell_text(row.op) or "input", use_text(step, self.result.network.blocks, {})]
        if isinstance(step, Repeat) and times_of(row):
            return [once_text(row.op, step.times.value)]
        return [cell_text(row.op) or "input"]


def times_of(row: Row) -> str | None:
    """How often a row that is one repetition runs; None where it is none, or runs once."""
    step = _only(row)
    if not isinstance(step, Repeat) or step.times.value in (None, 1):
        return None
    return f"{CROSS}{step.times.value}"


def _only(row: Row) -> Step | None:
    """The step of a row that has one alone."""
    return row.steps[0] if row.steps and len(row.steps) == 1 else None


def _for_lines(texts: Sequence[str], lines: int) -> float:
    """How wide boxes have to be so that no text takes more lines, of which words are kept whole."""
    wide = LEAST_BOX
    while wide < MOST_BOX and not all(_fits(lines_of(text, SMALL, wide - 8, 9), lines) for text in texts):
        wide += 10
    return wide


def _fits(found: Sequence[str], most: int) -> bool:
    return len(found) <= most and not any(line.endswith("…") for line in found)
