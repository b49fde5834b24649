"""The settings of a sweep in boxes, in their order: any box is found by its number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, prod
from typing import NamedTuple


class Box(NamedTuple):
    """Some of the settings: for each axis where it begins and ends."""

    spans: tuple[tuple[int, int], ...]

    @property
    def size(self) -> int:
        """The number of settings."""
        return prod(end - start for start, end in self.spans)


class Boxes:
    """All settings of axes of these lengths, in boxes of at most so many: the last axes whole, as far as they fit."""

    def __init__(self, lengths: Sequence[int], most: int) -> None:
        self._lengths = tuple(lengths)
        split, size = len(lengths), 1
        while split and size * lengths[split - 1] <= most:
            split -= 1
            size *= lengths[split]
        self.split = split
        """How many of the axes change from box to box; those behind them are whole in each."""
        self._step = max(1, most // size)
        """How many values of the last of the axes that change a box has."""
        self._steps = ceil(lengths[split - 1] / self._step) if split else 1
        self.count = prod(lengths[: max(split - 1, 0)]) * self._steps
        """How many boxes there are."""

    def box(self, number: int) -> Box:
        """A box: one value of each axis before the last that changes, some of that, and all of those behind it."""
        lengths, split = self._lengths, self.split
        whole = [(0, length) for length in lengths[split:]]
        if not split:
            return Box(tuple(whole))
        head, step = divmod(number, self._steps)
        spans = [(step * self._step, min((step + 1) * self._step, lengths[split - 1]))]
        for length in reversed(lengths[: split - 1]):
            head, place = divmod(head, length)
            spans.insert(0, (place, place + 1))
        return Box((*spans, *whole))

    def __iter__(self) -> Iterator[Box]:
        return map(self.box, range(self.count))


def places_of(number: int, lengths: Sequence[int]) -> list[int]:
    """The place of the value of each axis, of a setting by its number: the last axis varies fastest."""
    return [number // prod(lengths[axis + 1 :]) % length for axis, length in enumerate(lengths)]
