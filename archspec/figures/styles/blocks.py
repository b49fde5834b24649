"""The table as a spine of boxes from top to bottom, and each block once beside it: the style of papers' figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from typing import NamedTuple

from archspec.analysis.result import Result
from archspec.diagnostics import ArchError
from archspec.figures.frame import EDGE, PAGE, framed
from archspec.figures.insets import PAD, Inset, contents
from archspec.figures.messages import too_wide
from archspec.figures.node import MANNERS, Manner
from archspec.figures.packing import Packed, Room, packed
from archspec.figures.scene import Scene
from archspec.figures.spine import Spine, spine
from archspec.figures.table import Table

TALL = 648.0
"""How high the rows and the blocks may be, so that a page holds them with their title, legend and caption."""
NARROW = 380.0
"""Below this the blocks stand under the rows."""
GUTTER = 14.0
"""Between the rows and the blocks."""
LEAST_ROWS, LEAST_COMPACT = 236.0, 275.0
NARROWER, DISORDER = 12.0, 20.0
"""How much lower a page has to be for narrower boxes, and for blocks that are not in the order of their use."""
WIDE = 5
"""How many manners of drawing boxes are tried before others, which are hard to read."""
SHARES = (0.34, 0.4, 0.46, 0.52, 0.58)
"""How much of the width may be the blocks'."""


class Page(NamedTuple):
    """Rows and blocks at their places."""

    rows: Spine
    blocks: Packed

    order: int = 0
    """How blocks are sorted: 0 by their first use."""

    @property
    def height(self) -> float:
        return max(self.rows.height, self.blocks.height)


def scene(result: Result, width: float | None) -> Scene:
    """The figure of a network: its rows, its blocks, and what the colours mean."""
    inner = (width or PAGE) - 2 * EDGE
    page = _Pages(result, inner).best()
    return framed(result, inner, (*page.rows.items, *page.blocks.items()), page.height)


class _Pages:
    """Pages that show one network in one width."""

    def __init__(self, result: Result, width: float) -> None:
        self._place, self._width = result.network.place, width
        self._table, self._found = Table(result), contents(result.network)
        self._spines: dict[tuple[float, bool], Spine] = {}

    def best(self) -> Page:
        """The page with the widest boxes that is not too high; the lowest where all are."""
        best: Page | None = None
        least = True, inf
        for manners, compact in self._tries():
            for i in manners:
                for page in self._drawn(MANNERS[i], compact):
                    cost = page.height > TALL, page.height + NARROWER * i + DISORDER * page.order
                    if best is None or cost < least:
                        best, least = page, cost
            if best is not None and best.height <= TALL:
                break
        if best is None:
            needs, name = max((content.drawn(MANNERS[-1]).natural, content.name) for content in self._found)
            raise ArchError([too_wide(self._place, name, needs + 2 * (EDGE + PAD))])
        return best

    def _tries(self) -> Iterator[tuple[range, bool]]:
        """Which manners are tried together, the most roomy first, and whether rows are compact."""
        long = self._spine(self._width, False).height > TALL
        for manners in (range(WIDE), range(WIDE, len(MANNERS))) if self._found else (range(1),):
            yield from ((manners, compact) for compact in (False, True)[long:])

    def _drawn(self, manner: Manner, compact: bool) -> Iterator[Page]:
        """Pages in one manner: with blocks below the rows where the page is narrow, and beside them where it is not."""
        frames = [content.drawn(manner) for content in self._found]
        besides = [0.0]
        if frames and self._width >= NARROW:
            most = self._width - (LEAST_COMPACT if compact else LEAST_ROWS) - GUTTER
            widest = max(frame.natural for frame in frames)
            besides = sorted({min(most, max(widest, share * self._width)) for share in SHARES})
        for beside in besides:
            rows = self._spine(self._width - beside - GUTTER * bool(beside), compact)
            for i, order in enumerate(_orders(frames)):
                blocks = packed(order, Room(self._width, beside, rows.height))
                if blocks is not None:
                    yield Page(rows, blocks, i)

    def _spine(self, width: float, compact: bool) -> Spine:
        if (width, compact) not in self._spines:
            self._spines[width, compact] = spine(self._table, width, compact)
        return self._spines[width, compact]


def _orders(frames: Sequence[Inset]) -> Iterator[Sequence[Inset]]:
    """Frames by their first use, and by their sizes, which may need less room."""
    yield frames
    if len(frames) > 2:
        yield sorted(frames, key=lambda frame: -frame.tall(frame.natural))
        yield sorted(frames, key=lambda frame: -frame.natural)
