"""Shapes that are printed in another order than the file's: channels first, or last where they stand first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from archspec.analysis.inferred import Shaped
from archspec.counting.printed import SIZE, channels_last, dims_of, same_shape
from archspec.counting.quantities import SHAPES
from archspec.ir.network import Cell, Network


class Order(NamedTuple):
    """What is said of the order of a shape that disagrees."""

    said: str | None = None
    """The shape as it stands in a file whose sizes have their channels first."""
    note: tuple[str, ...] = ()
    """That it holds in the other order."""
    help: str | None = None
    """What to write where all shapes of the file hold so."""


class Orders:
    """Tells shapes that hold in the other order; what is kept of a cell is H x W x C, whatever the file says."""

    def __init__(self, network: Network, shaped: Sequence[Shaped]) -> None:
        self._network, self._shaped = network, shaped

    def of(self, cell: Cell) -> Order:
        """What is said of a cell that disagrees."""
        if cell.quantity not in SHAPES:
            return Order()
        dims = _written(cell)
        said = f"{'x'.join(map(str, dims))}, channels first" if self._first and len(dims) == 3 else None
        if not self._turned(cell):
            return Order(said)
        order = "H x W x C" if self._first else "C x H x W"
        if not self._all_turned:
            return Order(said, (f"read as {order} it holds, and not all shapes of the table do",))
        height, width, channels = self._network.input
        line = f"{height}x{width}x{channels}" if self._first else f"{channels}x{height}x{width}, chw"
        note = f"read as {order} it holds, as all shapes of three sides do"
        return Order(said, (note,), f"write `input {line}`, if the file prints {order}")

    @cached_property
    def _cells(self) -> list[Cell]:
        """The shapes of three sides."""
        return [cell for cell in self._network.cells if cell.quantity in SHAPES and len(dims_of(cell.printed)) == 3]

    @cached_property
    def _first(self) -> bool:
        """Whether the file has its channels first, so that cells are kept in another order than it prints."""
        return any(_written(cell) != dims_of(cell.printed) for cell in self._cells)

    @cached_property
    def _all_turned(self) -> bool:
        return len(self._network.input) == 3 and all(map(self._turned, self._cells))

    def _turned(self, cell: Cell) -> bool:
        """Whether a cell would hold in the other order."""
        item = self._shaped[cell.row]
        shape, dims = item.y if cell.quantity == "output" else item.x, _written(cell)
        if shape is None or len(dims) != 3:
            return False
        printed = "x".join(map(str, dims))
        return same_shape(printed if self._first else channels_last(printed), shape)


def _written(cell: Cell) -> list[int]:
    """The sides of a cell as they stand in the file."""
    text = cell.place.text if cell.place is not None else cell.printed
    plain = text.partition(cell.mark)[0].strip() if cell.mark else text
    return dims_of(plain if SIZE.fullmatch(plain) else cell.printed)
