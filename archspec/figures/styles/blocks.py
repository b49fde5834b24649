"""The table as a spine of boxes from top to bottom, and each block once beside it: the style of papers' figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archspec.analysis.result import Result
from archspec.diagnostics import ArchError
from archspec.figures.frame import EDGE, PAGE, framed
from archspec.figures.insets import PAD, Content, Inset, contents
from archspec.figures.messages import too_wide
from archspec.figures.node import MANNERS, Manner
from archspec.figures.packing import Packed, Room, packed
from archspec.figures.scene import Scene
from archspec.figures.spine import Spine, spine

TALL = 662.0
"""How high the rows and the blocks may be, so that a page holds them with their title, legend and caption."""
NARROW = 380.0
"""Below this the blocks stand under the rows."""
GUTTER = 14.0
"""Between the rows and the blocks."""
LEAST_ROWS, LEAST_COMPACT = 236.0, 275.0
LOWER = 4.0
"""How much lower a page has to be for which another order is taken."""
WIDE = 5
"""How many manners of drawing boxes are tried before others, which are hard to read."""
SHARES = (0.34, 0.4, 0.46, 0.52, 0.58)
"""How much of the width may be the blocks'."""


class Page(NamedTuple):
    """Rows and blocks at their places."""

    rows: Spine
    blocks: Packed

    @property
    def height(self) -> float:
        return max(self.rows.height, self.blocks.height)


def scene(result: Result, width: float | None) -> Scene:
    """The figure of a network: its rows, its blocks, and what the colours mean."""
    inner = (width or PAGE) - 2 * EDGE
    page = _best(result, contents(result.network), inner)
    return framed(result, inner, (*page.rows.items, *page.blocks.items()), page.height)


def _best(result: Result, found: Sequence[Content], width: float) -> Page:
    """The page with the widest boxes that is not too high; the lowest where all are."""
    best: Page | None = None
    for manner, compact in _manners(result, bool(found), width):
        for page in _pages(result, found, width, manner, compact):
            if best is None or (page.height < best.height - LOWER and best.height > TALL):
                best = page
        if best is not None and best.height <= TALL:
            break
    if best is None:
        needs = max(content.drawn(MANNERS[-1]).natural for content in found)
        name = max(found, key=lambda content: content.drawn(MANNERS[-1]).natural).name
        raise ArchError([too_wide(result.network.place, name, needs + 2 * (EDGE + PAD))])
    return best


def _manners(result: Result, blocks: bool, width: float) -> Iterator[tuple[Manner, bool]]:
    """How boxes are drawn and whether rows are compact, the most roomy first."""
    long = spine(result, width).height > TALL
    for manners in (MANNERS[:WIDE], MANNERS[WIDE:]) if blocks else (MANNERS[:1],):
        for compact in (False, True)[long:]:
            yield from ((manner, compact) for manner in manners)


def _pages(result: Result, found: Sequence[Content], width: float, manner: Manner, compact: bool) -> Iterator[Page]:
    """Pages in one manner: with blocks below the rows where the page is narrow, and beside them where it is not."""
    frames = [content.drawn(manner) for content in found]
    widest = max((frame.natural for frame in frames), default=0.0)
    if not found or width < NARROW:
        besides = [0.0]
    else:
        most = width - (LEAST_COMPACT if compact else LEAST_ROWS) - GUTTER
        besides = sorted({min(most, max(widest, share * width)) for share in SHARES})
    for beside in besides:
        rows = spine(result, width - beside - GUTTER * bool(beside), compact)
        for order in _orders(frames):
            blocks = packed(order, Room(width, beside, rows.height))
            if blocks is not None:
                yield Page(rows, blocks)


def _orders(frames: Sequence[Inset]) -> Iterator[Sequence[Inset]]:
    """Frames by their first use, and by their sizes, which may need less room."""
    yield frames
    if len(frames) > 2:
        yield sorted(frames, key=lambda frame: -frame.tall(frame.natural))
        yield sorted(frames, key=lambda frame: -frame.natural)
