"""A shape that disagrees because one above it does: one mistake, one message."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.analysis.inferred import Shaped
from archspec.analysis.shapes import follow
from archspec.counting.printed import dims_of, same_shape
from archspec.counting.quantities import SHAPES
from archspec.ir.network import Cell, Network
from archspec.op import Shape


class Path:
    """Tells a wrong row from the rows below it that are wrong because of it: one mistake, one message."""

    def __init__(self, network: Network, shaped: Sequence[Shaped]) -> None:
        self._network, self._shaped = network, shaped
        self._from: tuple[int, Shape] | None = None
        self._wrong: dict[int, list[int]] = {}

    def explains(self, cell: Cell) -> bool:
        """Whether a disagreeing shape follows from the printed output of an earlier row that disagreed too."""
        if cell.quantity not in SHAPES:
            return False
        # What a row says that it gets is what it says of the output of the row above.
        at = cell.row if cell.quantity == "output" else cell.row - 1
        dims = dims_of(cell.printed)
        if dims == self._wrong.get(at):
            return True
        explained = False
        if self._from is not None and self._from[0] < at:
            row, x = self._from
            between = [item.row for item in self._shaped[row + 1 : at + 1]]
            y = follow(self._network, between, x)[-1]
            explained = y is not None and same_shape(cell.printed, y)
        self._wrong[at] = dims
        before = self._shaped[at].y if at >= 0 else None
        if len(dims) == 2 and before is not None:
            dims = [*dims, before.channels]
        self._from = (at, Shape(dims[2], dims[0], dims[1]) if len(dims) == 3 else Shape(dims[0]))
        return explained
