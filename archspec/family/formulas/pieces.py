"""What a network counts as arithmetic over its parameters, for all settings that are decided alike: a piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from archspec.analysis.cost import FIELDS, Totals, rows_seen, sums_of, totals_of
from archspec.analysis.inferred import Inferred
from archspec.arguments import Misfit
from archspec.counting.conventions import Counting
from archspec.elaborate.elaboration import channels_first
from archspec.elaborate.messages import on_one_line
from archspec.elaborate.rebinding import Rebinding
from archspec.elaborate.record import Reached
from archspec.expressions import Unfit
from archspec.family.formulas.language import Unmet, demand, demand_at_least, demand_whole, traced
from archspec.family.formulas.operations import COMPUTED, DECIDED
from archspec.family.formulas.sums import NotClosed
from archspec.family.formulas.trace import Number, Trace, Truth, negated
from archspec.family.formulas.walk import Tracing
from archspec.family.member import Member
from archspec.ir.network import Apply, Arg, Network, Value
from archspec.op import Shape

SIDES: Mapping[str, tuple[int, ...]] = {"height": (0,), "width": (1,), "resolution": (0, 1)}
"""Names for sides of an input of H x W x C, where no parameter has the name."""


class Row(NamedTuple):
    """What one row of the table has, in numbers and in numbers of a trace."""

    layer: str
    op: str
    output: Shape
    amounts: Mapping[str, Any]


class Piece:
    """The counts of a network for all settings of some parameters that are decided as one setting is."""

    def __init__(
        self, trace: Trace, totals: Totals | None = None, rows: Sequence[Row] = (), known: bool = True
    ) -> None:
        self.trace = trace
        self.totals: Mapping[str, Any] = totals._asdict() if totals else {}
        """Each quantity of the network, a number of the trace where it depends on a parameter."""
        self.refused = totals is None
        """Whether settings that are so decided are refused, so that there is nothing to count."""
        self.rows = rows
        self.known = known
        """Whether all layers are known, so that no count is a lower bound."""
        self.program = in_order([*trace.decisions, *self.totals.values()])

    @property
    def decisions(self) -> Mapping[Truth, bool]:
        """The conditions by which it was decided what is counted, and whether each is demanded of a setting."""
        return self.trace.decisions

    def at(self, values: Mapping[str, Value]) -> dict[str, int] | None:
        """The totals for other values of the parameters; None where something is decided otherwise for these."""
        found: dict[int, Any] = {}
        try:
            for each in self.program:
                found[id(each)] = computed(each, found, values)
                if isinstance(each, Truth) and each in self.decisions and found[id(each)] != each.value:
                    return None
        except (Unfit, ArithmeticError):
            return None
        return {name: found.get(id(value), value) for name, value in self.totals.items()}

    def differs(self, member: Member) -> bool:
        """Whether something that is not demanded is decided otherwise for a member."""
        names = names_of(*self.program)
        values = {name: value_of(member.architecture, name) for name in names}
        found: dict[int, Any] = {}
        for each in self.program:
            found[id(each)] = computed(each, found, values)
        return any(not demanded and found[id(truth)] != truth.value for truth, demanded in self.decisions.items())


def computed(each: Number | Truth, found: Mapping[int, Any], values: Mapping[str, Value]) -> Any:
    """One number or condition of a trace for other values of the parameters, of what was found before."""
    if each.op == "name":
        return values[each.args[0]]
    args = [found[id(arg)] if isinstance(arg, Number | Truth) else arg for arg in each.args]
    return COMPUTED[each.op](*args) if isinstance(each, Number) else bool(DECIDED[each.op](*args))


def piece_of(
    member: Member, names: Sequence[str], counting: Counting, values: Mapping[str, Value] | None = None
) -> Piece:
    """The piece that a member belongs to, over some of its numbers.

    ``names`` are parameters, or sides of the input by the names of ``SIDES``. ``values`` are another setting of these,
    for which the member's text is read as it is for the member.
    """
    whole = frozenset[str]()
    closed = True
    setting = values or {name: value_of(member.architecture, name) for name in names}
    while True:
        tracing = _Member(member, setting, whole, closed, holds=values is None and not member.failed)
        try:
            found = tracing.piece(counting)
        except NotClosed:  # of an amount: of each number of repetitions there is a piece of its own
            closed = False
            continue
        except (Unmet, Misfit, Unfit, ArithmeticError):
            return Piece(tracing.trace)
        if tracing.whole == whole:
            return found
        whole = tracing.whole  # what is whole is known from the start then, so that equal numbers have one form


def member_at(member: Member, values: Mapping[str, Value]) -> Member:
    """Another member of the family, which may not hold: with other values of parameters or of sides of the input."""
    network, request = member.architecture, member.request
    sides: list[Any] = [*network.input]
    named = [name for name in values if name in SIDES and name not in network.parameters]
    for name in named:
        for place in SIDES[name]:
            sides[place] = _side(values[name])
    given = {name: value for name, value in values.items() if name not in named}
    parameters = {**request.parameters, **given}
    return member.family.member(
        request._replace(parameters=parameters, input=tuple(sides) if named else request.input), member
    )


def _side(value: Value) -> Value:
    """A whole number as such, also where an array of sides holds fractions too; in words what is not a number."""
    if type(value) not in (int, float):
        return on_one_line(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def value_of(network: Network, name: str) -> Any:
    """The value of a parameter, or of a side of the input."""
    return network.parameters[name] if name in network.parameters else network.input[SIDES[name][0]]


class _Member:
    """A member with numbers of a trace in the place of some of its numbers."""

    def __init__(
        self, member: Member, setting: Mapping[str, Any], whole: frozenset[str], closed: bool, holds: bool
    ) -> None:
        self._member, self._closed, self._holds, self.trace = member, closed, holds, Trace()
        network = member.architecture
        self._names = {name: self.trace.name(name, value, whole=False) for name, value in setting.items()}
        for name in setting:  # in one order, as conditions stand in theirs
            if name in whole:
                demand_whole(self._names[name])
        self._values = {**network.parameters, **{n: x for n, x in self._names.items() if n in network.parameters}}

    @property
    def whole(self) -> frozenset[str]:
        """The parameters that have to be whole numbers."""
        return frozenset(name for name, number in self._names.items() if number.whole)

    def piece(self, counting: Counting) -> Piece:
        """What it counts."""
        self._choose()  # in the order in which a text is read: what is refused first is said
        sides = self._input()
        self._decide()
        network = self._network(sides)
        walk = Tracing(network, self.trace, self._closed)
        inferred = Inferred(*walk.network(), walk.inside, walk.trace)
        totals = totals_of(network, inferred, counting)
        rows = [
            Row(item.row.layer, item.row.op, item.y, dict(zip(FIELDS, sums, strict=True)))
            for item, sums in sums_of(rows_seen(inferred, counting), counting)
            if item.y is not None
        ]
        known = all(use.op.known for item in inferred.rows for use in item.uses)
        return Piece(self.trace, totals, rows, known)

    def _choose(self) -> None:
        """What a search space lets be chosen."""
        for name, (_, values) in self._member.elaborated.choices.items():
            if name in self._names:
                demand(reduce(or_, (self._names[name] == value for value in values)), self.trace)

    def _decide(self) -> None:
        """What was decided while the text was read."""
        record = self._member.elaborated.record
        for each in record.reached({*self._names}):
            with self._standing():
                self._ask(each)
        for layer in record.layers({*self._names}):
            with self._standing():
                self._accept(layer)

    @contextmanager
    def _standing(self) -> Iterator[None]:
        """Something that was read, perhaps in a step that is left out: in a network that holds, it need not hold."""
        before = {*self.trace.decisions}
        try:
            yield
        except (Unmet, Misfit, Unfit):
            if not self._holds:
                raise
            self.trace.forget_since(before)

    def _ask(self, each: Reached) -> None:
        value = traced(each.expression, self._values, self.trace)
        if each.whole:
            demand_whole(value)
        if each.times:
            demand_at_least(value, 1)
        elif isinstance(value, Truth) or each.decides:
            _ = bool(value)

    def _accept(self, layer: Apply) -> None:
        arguments = layer.kind_of_layer.arguments
        for name, arg in layer.args.items():
            if arg.value is not None and arg.expression is not None and not arg.names.isdisjoint(self._names):
                with self.trace.demanding():
                    arguments[name].accept(traced(arg.expression, self._values, self.trace))

    def _network(self, sides: tuple[Any, ...]) -> Network:
        elaborated = self._member.elaborated
        changed = frozenset(name for name in self._names if name in self._own())
        network = _Rebinding(changed, self._values, self.trace).network(elaborated.network, elaborated.mentioned)
        return network.replaced(input=sides)

    def _own(self) -> Mapping[str, Value]:
        return self._member.architecture.parameters

    def _input(self) -> tuple[Any, ...]:
        sides = [traced(side, self._values, self.trace) for side in self._member.elaborated.sides]
        for name, number in self._names.items():
            if name not in self._own():
                for place in SIDES[name]:
                    sides[place] = number
        for side in sides:
            demand_whole(side)
            demand_at_least(side, 1)
        if self._member.architecture.input_names:
            demand(negated(channels_first(sides)), self.trace)
        return tuple(sides)


class _Rebinding(Rebinding):
    """Puts numbers of a trace in the place of others."""

    def __init__(self, changed: frozenset[str], values: Mapping[str, Any], trace: Trace) -> None:
        super().__init__(changed, values)
        self._trace = trace

    def _under(self, arg: Arg) -> Value:
        assert arg.expression is not None
        found: Value = traced(arg.expression, self._values, self._trace)
        return found


def names_of(*operands: Any) -> list[str]:
    """The parameters that numbers and conditions depend on."""
    return [each.args[0] for each in in_order(operands) if each.op == "name"]


def in_order(operands: Sequence[Any]) -> list[Number | Truth]:
    """Numbers and conditions with all that they are computed of, each after that."""
    found: dict[int, Number | Truth] = {}
    waiting = [each for each in reversed(operands) if isinstance(each, Number | Truth)]
    while waiting:
        last = waiting[-1]
        lacking = [arg for arg in last.args if isinstance(arg, Number | Truth) and id(arg) not in found]
        if id(last) in found:
            waiting.pop()
        elif lacking:
            waiting += lacking
        else:
            found[id(waiting.pop())] = last
    return list(found.values())
