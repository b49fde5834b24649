"""What elaboration works out with the values of parameters, so that other values need not be elaborated anew.

Where other values make nothing but other numbers, the network is the same steps with those numbers. Where they might
make more, or something wrong, the caller elaborates, which says what is wrong and where.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import NamedTuple

from archspec.arguments import Misfit
from archspec.expressions import Expression, Unfit, evaluate
from archspec.ir.network import Apply, Value


class Reached(NamedTuple):
    """An expression that was evaluated, and what its value was taken for."""

    expression: Expression
    whole: bool
    """Whether it must be whole."""
    times: bool
    """Whether it is how often something is repeated."""
    decides: bool
    """Whether a step stands where it is yes, or a number other than 0."""


class Record:
    """The expressions that were evaluated and the layers that were checked, also those that no row keeps."""

    def __init__(self) -> None:
        self._values: dict[Expression, Value] = {}
        self._whole: set[Expression] = set()
        self._times: set[Expression] = set()
        self._decides: set[Expression] = set()
        self._layers: list[Apply] = []
        self.pinned: set[str] = set()
        """Parameters whose values are in the network in other ways than as numbers of expressions."""

    def evaluated(self, expression: Expression, value: Value) -> None:
        """Note the value of an expression over parameters."""
        self._values[expression] = value

    def must_be_whole(self, expression: Expression, least: int | None = None) -> None:
        """Note that a value is a whole number, or a number of repetitions."""
        (self._whole if least is None else self._times).add(expression)

    def decides(self, expression: Expression) -> None:
        """Note that a value, which may be a number, was taken for yes or no."""
        self._decides.add(expression)

    def checked(self, layer: Apply) -> None:
        """Note a layer whose arguments were checked."""
        if layer.mentions:
            self._layers.append(layer)

    def reached(self, changed: Set[str]) -> Iterator[Reached]:
        """The expressions that hold one of some names."""
        for expression in self._values:
            if not changed.isdisjoint(expression.names):
                times = expression in self._times
                whole = times or expression in self._whole
                yield Reached(expression, whole, times, expression in self._decides)

    def layers(self, changed: Set[str]) -> Iterator[Apply]:
        """The layers that were checked and whose arguments hold one of some names."""
        return (layer for layer in self._layers if not changed.isdisjoint(layer.mentions))

    def allows(self, changed: Set[str], values: Mapping[str, Value]) -> bool:
        """Whether the parameters that ``changed`` make other numbers of the same kind, and nothing else."""
        if changed & self.pinned:
            return False
        try:
            return self._numbers_stay_numbers(changed, values) and self._layers_fit(changed, values)
        except (Unfit, Misfit):
            return False

    def _numbers_stay_numbers(self, changed: Set[str], values: Mapping[str, Value]) -> bool:
        for expression, before in self._values.items():
            if changed.isdisjoint(expression.names):
                continue
            value = evaluate(expression, values)
            if _kind(value) is not _kind(before) or (value == 0) != (before == 0):  # a zero may be divided by
                return False
            if type(value) is not int and expression in self._whole:
                return False
            if expression in self._times and (type(value) is not int or value < 1):
                return False
        return True

    def _layers_fit(self, changed: Set[str], values: Mapping[str, Value]) -> bool:
        for layer in self._layers:
            if not changed.isdisjoint(layer.mentions):
                known = {name: arg for name, arg in layer.args.items() if arg.value is not None}
                _check(layer, {name: value_under(arg.expression, arg.known, values) for name, arg in known.items()})
        return True


def value_under(expression: Expression | None, value: Value, values: Mapping[str, Value]) -> Value:
    """The value of an argument for other values of the parameters; raises Unfit where it has none."""
    found: Value = value if expression is None else evaluate(expression, values)
    return found


def _check(layer: Apply, known: Mapping[str, Value]) -> None:
    """Raises Misfit for an argument that is known and does not fit; others may be missing still."""
    try:
        layer.layer(known)
    except Misfit as misfit:
        if misfit.problems.keys() & known.keys():
            raise


def _kind(value: object) -> type:
    return float if type(value) is int else type(value)
