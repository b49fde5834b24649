"""One op on one list of input shapes, with all that analysis asks of it: worked out once, wherever it stands again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache

from archspec.analysis.receptive_field import UNKNOWN, Lens
from archspec.expressions.numeric import greatest
from archspec.op import Op, Shape, Weighted
from archspec.support.bound import AtLeast
from archspec.support.limits import MOST_REMEMBERED

PLAIN = Lens()


class Applied:
    """An op on input shapes: what it gives, sees and keeps. Two are equal where op and shapes are."""

    def __init__(self, op: Op, xs: tuple[Shape, ...]) -> None:
        self.op, self.xs, self.y = op, xs, op.accept(*xs)
        self.largest = self._largest()
        keeps = op.keeping(*xs)
        self.keeps_input, self.keeps_output = "input" in keeps, "output" in keeps
        """What training keeps for the backward pass, beside a mask."""
        self.masks: int = op.masks(self.y, *xs) if "mask" in keeps else 0 if op.known else AtLeast(0)
        """Elements of the mask."""
        self.weight_layers: int = int(isinstance(op, Weighted)) if op.known else AtLeast(0)
        """How many it counts as."""
        self.amounts: dict[tuple[str, ...], tuple[int, ...]] = {}
        """What it has of the quantities that are summed, by the rule that counts."""
        self._hash = hash((op, xs))

    def _largest(self) -> int:
        return greatest(*[side for side in self.y if side is not None])

    def total(self, amounts: Sequence[int]) -> tuple[int, ...]:
        """The amounts of all layers that it stands for, of those of one."""
        return tuple(amounts)

    @cached_property
    def lens(self) -> Lens | None:
        """What one output position sees; None where that is the same position of the input alone."""
        lens = Lens.of(self.op.window(*self.xs)) if self.op.known else UNKNOWN
        return None if lens == PLAIN else lens

    @cached_property
    def filters(self) -> str | None:
        """The shape of its filters as papers print it."""
        return self.op.filters(*self.xs)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Applied) and (self.op, self.xs) == (other.op, other.xs))

    def __hash__(self) -> int:
        return self._hash


@lru_cache(MOST_REMEMBERED)
def applied(op: Op, xs: tuple[Shape, ...]) -> Applied:
    """The op on these shapes; raises Refused where torch would."""
    return Applied(op, xs)
