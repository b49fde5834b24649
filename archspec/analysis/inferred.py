"""What flows through a network while its shapes are found, what is noted on the way, and what stops it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, NamedTuple

from archspec import ops
from archspec.analysis.applied import Applied
from archspec.analysis.messages import too_many
from archspec.analysis.receptive_field import Lens
from archspec.diagnostics import Diagnostic
from archspec.ir.network import Apply, Row
from archspec.op import Op, Shape
from archspec.support.limits import MOST_LAYERS

WHOLE = Lens()
"""What the input itself sees: each position itself."""
Values = Mapping[str, Any]
"""The values of parameters where a step stands."""


class Use(NamedTuple):
    """One op on one list of input shapes, and how many layers of the network it stands for."""

    op: Op
    xs: tuple[Shape, ...]
    y: Shape
    times: int
    layer: Applied
    """Both together, as all of them share it."""

    @property
    def has_bias(self) -> bool:
        """Whether it has a bias that a recipe sets, which the shift of a norm is not."""
        return "bias" in self.op.weights(*self.xs) and any(call.fans for call in self.op.torch(*self.xs))

    @property
    def x(self) -> Shape:
        """The input; of a join, the first of them."""
        return self.xs[0]


class Stored:
    """The memory of what flows: ``kept`` once something keeps it for the backward pass."""

    __slots__ = ("kept",)

    def __init__(self, kept: bool = False) -> None:
        self.kept = kept


class Flow:
    """What flows from one layer to the next; views of the same elements share their memory.

    ``depth`` is the number of weight layers on the longest path here.
    """

    __slots__ = ("depth", "lens", "shape", "stored")

    def __init__(self, shape: Shape, lens: Lens = WHOLE, stored: Stored | None = None, depth: int = 0) -> None:
        self.shape, self.lens, self.depth = shape, lens, depth
        self.stored = stored if stored is not None else Stored()

    @property
    def kept(self) -> bool:
        """Whether something keeps it for the backward pass."""
        return self.stored.kept


class Tally:
    """Every use of an op with its number of layers, and the elements that training keeps."""

    def __init__(self) -> None:
        self._times: dict[Applied, int] = {}
        self.kept = 0

    def add(self, layer: Applied, times: int = 1) -> None:
        """Note layers."""
        count = self._times.get(layer, 0) + times
        if count > MOST_LAYERS:
            raise Stopped(too_many(None, "layers", MOST_LAYERS))
        self._times[layer] = count

    def merge(self, other: Tally, times: int = 1) -> None:
        """All of another one, so many times."""
        self.kept += other.kept * times
        if times == 1 and not self._times:
            self._times = {**other._times}
            return
        for layer, count in other._times.items():
            self.add(layer, count * times)

    def __len__(self) -> int:
        return len(self._times)

    @property
    def uses(self) -> list[Use]:
        """The uses in the order in which they first stand."""
        return [Use(layer.op, layer.xs, layer.y, times, layer) for layer, times in self._times.items()]


class Shaped:
    """A row with its shapes; ``x`` and ``y`` are None where a mistake hides them."""

    def __init__(self, row: Row, x: Shape | None) -> None:
        self.row, self.x = row, x
        self.y: Shape | None = None
        self.uses: list[Use] = []
        self.lens: Lens | None = None
        self.kept = 0
        self.depth = 0
        """Weight layers on the longest path from the input of the network through this row."""

    def using(self, uses: list[Use]) -> Shaped:
        """The row with other uses."""
        made = copy(self)
        made.uses = uses
        return made


def ends_in_loss(row: Row) -> bool:
    """Whether the last step of a row is a layer that belongs to the loss, by itself: not in a repetition or a rule."""
    step = row.steps[-1] if row.steps else None
    op = ops.find(step.op) if isinstance(step, Apply) else None
    return op is not None and op.part_of_loss


def without_loss(rows: Sequence[Shaped]) -> list[Shaped]:
    """The rows without what stands last and belongs to the loss: an emitted network, when it is run, ends before."""
    place = next((i for i in reversed(range(len(rows))) if rows[i].uses), None)
    if place is None or not ends_in_loss(rows[place].row):
        return list(rows)
    item = rows[place]
    found = next(i for i, use in reversed([*enumerate(item.uses)]) if use.op.part_of_loss and use.y == item.y)
    fewer = item.uses[found]._replace(times=item.uses[found].times - 1)
    uses = [*item.uses[:found], *[fewer] * (fewer.times > 0), *item.uses[found + 1 :]]
    return [*rows[:place], item.using(uses), *rows[place + 1 :]]


class Key(NamedTuple):
    """One use of a block that is like no other: its arguments by name, and the shape that enters."""

    block: str
    args: tuple[tuple[str, Any], ...]
    x: Shape


class Inside:
    """What one use of a block comes to, seen from its input."""

    def __init__(self, tally: Tally, y: Flow, x: Flow, row: int) -> None:
        self.tally, self.y = tally, y
        self.x = x
        """The input, kept by something inside or not."""
        self.row = row
        """The row of the network that used it first, counted over all rows and then those of heads."""

    def after(self, x: Flow) -> Flow:
        """What comes out where ``x`` enters."""
        stored = x.stored if self.y.stored is self.x.stored else Stored(self.y.kept)
        return Flow(self.y.shape, x.lens.then(self.y.lens), stored, x.depth + self.y.depth)


class Trace:
    """What the walk of a network left after each of its rows, so that another walk may start behind some of them."""

    def __init__(self) -> None:
        self.flows: list[Flow | None] = []
        """The input, and what each row gives."""
        self.kept: list[list[Stored]] = []
        """What a row keeps for the backward pass of what rows above it gave."""
        self.kept_by_heads: list[Stored] = []
        """What heads keep of that."""
        self.work: list[int] = []
        """The layers that were analysed so far."""
        self.spent: list[float] = []
        """What that took of the budget."""


class Inferred(NamedTuple):
    """A network with its shapes: its rows, the rows of its heads, and every use of a block that is like no other."""

    rows: list[Shaped]
    heads: dict[str, list[Shaped]]
    inside: dict[Key, Inside]
    trace: Trace

    @property
    def whole(self) -> bool:
        """Whether every row has its shape."""
        return all(item.y is not None for item in self.rows)

    @property
    def biased(self) -> frozenset[str]:
        """The rows that have a layer with a bias, the shift of a norm apart."""
        return frozenset(item.row.layer for item in self.rows if any(use.has_bias for use in item.uses))


class Stopped(Exception):
    """Carries a diagnostic out of the walk of a row."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic
