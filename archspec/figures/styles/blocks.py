"""The table as a spine of boxes from top to bottom, and each block once beside it: the style of papers' figures."""

from __future__ import annotations

from archspec.analysis.result import Result
from archspec.figures.frame import EDGE, framed
from archspec.figures.insets import insets, packed
from archspec.figures.scene import Scene
from archspec.figures.spine import spine

PAGE = 17 / 2.54 * 72
"""Text width, in points, where no width is asked for."""
NARROW = 380.0
"""Below this the blocks stand under the rows."""
BESIDE = 16.0
"""Between the rows and the blocks."""
LEAST_ROWS, LEAST_BLOCKS = 256.0, 110.0


def scene(result: Result, width: float | None) -> Scene:
    """The figure of a network: its rows, its blocks, and what the colours mean."""
    width = (width or PAGE) - 2 * EDGE
    found = insets(result.network)
    share = width - LEAST_ROWS - BESIDE
    beside = min(max(found.natural, LEAST_BLOCKS), share) if found.any and width >= NARROW else 0.0
    rows = spine(result, width - beside - BESIDE * bool(beside))
    blocks = packed(found, width, beside, rows.height)
    return framed(result, width, (*rows.items, *blocks.items), max(rows.height, blocks.height))
