"""The walk of a network on numbers of a trace: the same steps, rules and counts as for plain numbers.

A repetition by a parameter is walked until its shape stays, and what is left of it is that often the same. Where each
repetition adds the same number of channels, it is walked once over an index, and counts are summed over it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from archspec.analysis.applied import Applied
from archspec.analysis.inferred import Flow, Stored, Tally, Values
from archspec.analysis.receptive_field import Lens
from archspec.analysis.shapes import Walk
from archspec.diagnostics import Diagnostic, Report
from archspec.expressions.numeric import greatest
from archspec.family.formulas.language import Unmet, demand, demand_at_least, demand_at_most, demand_whole, traced
from archspec.family.formulas.sums import Index, NotClosed, summed
from archspec.family.formulas.trace import Number, Trace, difference, value_of
from archspec.ir.network import Apply, Arg, Network, Repeat, Row, Step
from archspec.ir.node import IN
from archspec.op import Op, Shape
from archspec.support.limits import LARGEST

SEES_ITSELF = Lens()
"""What layers of a trace see: it is not followed."""


class Tracing(Walk):
    """Applies steps to shapes of which some sides are numbers of a trace."""

    def __init__(self, network: Network, trace: Trace, closed: bool = True) -> None:
        super().__init__(network, Report())
        self._on, self._closed = trace, closed
        self._layers: dict[tuple[Op, tuple[Shape, ...]], Applied] = {}

    def value(self, arg: Arg, values: Values) -> Any:
        """The value of an argument here."""
        if arg.value is not None or arg.expression is None:
            return arg.value
        return traced(arg.expression, values, self._on)

    def whole(self, arg: Arg, values: Values) -> int:
        """A number of repetitions, at least one."""
        times: Any = self.value(arg, values)
        demand_whole(times)
        demand_at_least(times, 1)
        return times  # type: ignore[no-any-return]

    def layer(self, step: Apply, values: Values) -> Op:
        """The op with the values that its arguments have here; that they fit is demanded."""
        known = {name: self.value(arg, values) for name, arg in step.args.items()}
        if not _depends(known):
            return step.layer(known)
        with self._on.demanding():
            return step.kind_of_layer(**known)

    def _placed(self, diagnostic: Diagnostic, row: Row) -> Diagnostic:
        raise Unmet  # nothing follows a mistake

    def _op(self, step: Apply, xs: Sequence[Flow], values: Values) -> Op:
        given = {name: arg.value for name, arg in step.args.items()}
        return self.layer(step, values) if _depends(given) else super()._op(step, xs, values)

    def _layer(self, op: Op, xs: tuple[Shape, ...]) -> Applied:
        if not _depends(op.__dict__) and not any(map(_is_open, xs)):
            return super()._layer(op, xs)
        known = self._layers
        if (op, xs) not in known:
            for holds, _ in op.requires(*xs):
                demand(holds, self._on)
            known[op, xs] = TracedLayer(op, xs)
            for side in known[op, xs].y:
                demand_at_most(side, LARGEST)
        return known[op, xs]

    def _joined(self, xs: Sequence[Flow], shapes: Sequence[Shape]) -> tuple[Lens, int]:
        return SEES_ITSELF, greatest(*[x.depth for x in xs])

    def _repeat(self, step: Repeat, x: Flow, values: Values, tally: Tally) -> Flow:
        times: Any = self.whole(step.times, values)
        for count, body in step.runs(times):
            x = self._times(body, count, x, values, tally)
        return x

    def _times(self, body: Sequence[Step], times: Any, x: Flow, values: Values, tally: Tally) -> Flow:
        if not isinstance(times, Number):
            return super()._times(body, times, x, values, tally)
        left: Any = times
        while value_of(left) > 0:
            with self._where_there_is(left, of=times):
                once, entry, y = self._once(body, x, values)
            alike = y.kept == x.kept  # else what enters the first is kept once more than what enters those behind it
            if alike and y.shape == x.shape:
                return self._all(left, once, entry, y, x, tally)
            more = self._growth(y.shape, x.shape) if alike else None
            if more is not None and value_of(left) > 1:
                before = {*self._on.decisions}
                with self._where_there_is(left - 1, of=times):
                    again = self._growth(self._once(body, y, values)[2].shape, y.shape)
                self._on.forget_since(before)  # which is asked again, over an index or of the next repetition
                if again is not None and difference(again, more) == 0:
                    return self._growing(body, left, x, more, values, tally)
            x = self._all(1, once, entry, y, x, tally)
            left = left - 1
        if value_of(times) > 1:
            self._on.pin(times, "shapes change from one repetition to the next")
        _ = bool(left == 0)  # there are as many as were walked
        return x

    @contextmanager
    def _where_there_is(self, left: Any, of: Number) -> Iterator[None]:
        """What a repetition behind the first decides is asked where there is that one alone."""
        before = {*self._on.decisions}
        try:
            yield
        finally:
            later = self._on.noted_since(before)
            if later and left is not of:
                self._on.put_before(later, left > 0)

    def _once(self, body: Sequence[Step], x: Flow, values: Values) -> tuple[Tally, Flow, Flow]:
        """What a body has, its input, and what comes out."""
        once, entry = Tally(), Flow(x.shape, stored=Stored(x.kept))
        return once, entry, self.steps(body, entry, {**values, IN: x.shape.channels}, once)

    def _all(self, times: Any, once: Tally, entry: Flow, y: Flow, x: Flow, tally: Tally) -> Flow:
        """What follows so many repetitions that are all the same."""
        self._note(x.stored, entry.kept)
        _merge(tally, once, times)
        stored = x.stored if y.stored is entry.stored else y.stored
        return Flow(y.shape, stored=stored, depth=x.depth + y.depth * times)

    def _growth(self, y: Shape, x: Shape) -> Any:
        """How many channels a body added, where it did nothing else."""
        if y.is_map != x.is_map or (x.is_map and any(difference(a, b) != 0 for a, b in zip(y[1:], x[1:], strict=True))):
            return None
        return y.channels - x.channels

    def _growing(self, body: Sequence[Step], times: Number, x: Flow, more: Any, values: Values, tally: Tally) -> Flow:
        """Repetitions of which each adds as many channels: in closed form, or for this number of them alone."""
        before = {*self._on.decisions}
        try:
            if not self._closed:
                raise NotClosed("what is counted is rounded, or chosen, anew for each repetition")
            return self._over_index(body, times, x, more, values, tally)
        except NotClosed as why:
            self._on.forget_since(before)
            self._on.pin(times, str(why))
            return super()._times(body, int(times.value), x, values, tally)

    def _over_index(
        self, body: Sequence[Step], times: Number, x: Flow, more: Any, values: Values, tally: Tally
    ) -> Flow:
        """One repetition over an index, and sums over that; raises NotClosed where there are none."""
        index, before = Index(self._on, times), {*self._on.decisions}
        start = x.shape._replace(channels=x.shape.channels + index.number * more)
        once, entry, y = self._once(body, Flow(start, stored=Stored(x.kept)), values)
        if (grown := self._growth(y.shape, start)) is None or difference(grown, more) != 0:
            raise NotClosed("channels do not grow by the same number each time")
        index.settle([truth for truth in self._on.decisions if truth not in before])
        kept, depth = summed(once.kept, index), summed(y.depth, index)
        layers = [(SummedLayer(use.layer, index), use.times) for use in once.uses]
        for layer, count in layers:
            tally.add(layer, count)
        tally.kept += kept
        self._note(x.stored, entry.kept)
        shape = x.shape._replace(channels=x.shape.channels + times * more)
        return Flow(shape, stored=Stored(y.kept), depth=x.depth + depth)


class TracedLayer(Applied):
    """An op on shapes of a trace; what it sees is not followed, and that sides are not too large is demanded apart."""

    def _largest(self) -> int:
        return 0

    @property
    def lens(self) -> None:
        """The same position alone, for all that a trace says."""
        return None


class SummedLayer(TracedLayer):
    """A layer for each value of an index."""

    def __init__(self, layer: Applied, index: Index) -> None:
        self.__dict__.update(layer.__dict__)
        self.amounts = {}
        self._one, self._index = layer, index
        self._hash = hash((layer, index))

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = Applied.__hash__

    def total(self, amounts: Sequence[int]) -> tuple[int, ...]:
        """The sums over the index of what one layer has."""
        return tuple(summed(amount, self._index) for amount in self._one.total(amounts))


def _merge(tally: Tally, other: Tally, times: Any) -> None:
    tally.kept += other.kept * times
    for use in other.uses:
        tally.add(use.layer, use.times * times)


def _is_open(shape: Shape) -> bool:
    return any(isinstance(side, Number) for side in shape)


def _depends(values: Mapping[str, Any]) -> bool:
    """Whether some values, or sides of some, are numbers of a trace."""
    return any(
        isinstance(value, Number) or (isinstance(value, tuple) and any(isinstance(side, Number) for side in value))
        for value in values.values()
    )
