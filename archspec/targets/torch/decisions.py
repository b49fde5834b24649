"""What arguments of a network decide at one use of a class, so that code must ask it or cannot have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from archspec.expressions import Comparison, Expression, Logic, Name
from archspec.expressions.code import integral
from archspec.expressions.conditions import excludes
from archspec.expressions.functions import comparison
from archspec.expressions.polynomial import Polynomial
from archspec.expressions.symbolic import chosen, decided, symbolic, with_known
from archspec.expressions.symbols import Ledger, Symbol, alike, polynomial_of, value_of
from archspec.ir import network as ir
from archspec.op import Shape
from archspec.targets.torch.bindings import Bindings, Decides
from archspec.targets.torch.influence import NOTHING, Reach, reaching
from archspec.targets.torch.items import Item, Maybe, UsedClass
from archspec.targets.torch.places import Place


class Decisions:
    """What is known of the names of a class at one of its uses."""

    def __init__(
        self,
        values: Mapping[str, Any],
        fixed: bool,
        reach: Reach = {},
        hidden: Mapping[str, frozenset[str]] = {},
        closed: frozenset[str] = NOTHING,
        asked: frozenset[Expression] = frozenset(),
    ) -> None:
        self.fixed = fixed
        """Whether heights and widths are written in the class, so that what decides them stays a number."""
        self._reach, self.hidden = reach, hidden
        """What arguments of the network reach, and those of its parameters that the block's own hide."""
        self.chosen = {*asked}
        """The conditions on which widths hang that are the same in all uses, as arguments decide in one of them."""
        self._closed = closed
        """Arguments that only ever have the values of known networks, for each of which the code is found alike."""
        given = (value for value in values.values() if isinstance(value, Symbol))
        self._here = {value.text: value if fixed or value.text in reach else value.value for value in given}
        """What the names of the code stand for at this use: numbers, unless arguments of the network reach them."""

    def equal(self, at: Shape, end: Shape) -> bool:
        """Whether two widths are equal at this use whatever arguments the network has: `t * in`, where `t` is 1."""
        difference = end.channels - at.channels
        if not isinstance(difference, Symbol):
            return True
        return not self.fixed and self._polynomial(difference).constant is not None

    def after(self, condition: Expression, holds: bool, at: Shape, end: Shape) -> Shape | None:
        """What follows steps under a condition, as one text whatever it comes to: ``2 * c if c > 8 else c`` channels.

        None where it is a map of another size.
        """
        if (at.height, at.width) != (end.height, end.width):
            return None
        if alike(at.channels, end.channels) or self.unless_equal(condition, at, end):
            return end
        found = chosen(condition, polynomial_of(end.channels), polynomial_of(at.channels))
        channels: Any = Symbol(value_of((end if holds else at).channels), found, Ledger())
        return end._replace(channels=channels)

    def unless_equal(self, condition: Expression, at: Shape, end: Shape) -> bool:
        """Whether two widths are equal where a condition fails, so that the second one stands for both.

        The condition says that they differ, or they do not where names are what it says: ``t * in`` unless ``t != 1``.
        """
        sides = [self._polynomial(shape.channels) for shape in (at, end)]
        differ = comparison("!=", *sides), comparison("!=", *reversed(sides))
        if condition in _unequal(at, end) or self._decided(condition) in differ:
            return True
        known = _where_it_fails(condition)
        if not known:
            return False
        return with_known(polynomial_of(at.channels), known) == with_known(polynomial_of(end.channels), known)

    def open(self, condition: Expression) -> frozenset[str]:
        """The arguments of the network that decide a condition at this use."""
        here = self._decided(condition)
        return reaching(here, self._reach) if isinstance(here, Expression) else NOTHING

    def _decided(self, condition: Expression) -> Expression | bool:
        """A condition at this use, over the names that arguments of the network reach."""
        if not reaching(condition, self._reach):
            return condition
        return decided(condition, self._here)

    def _polynomial(self, value: Any) -> Polynomial:
        """A number at this use, over the names that arguments of the network reach."""
        return symbolic(value.polynomial.tree, self._here) if isinstance(value, Symbol) else polynomial_of(value)

    def check(self, of: UsedClass, name: str, value: Any) -> None:
        """See to it that a class gets what it takes, also for other arguments of the network."""
        if name in self.hidden and name not in of.block.parameters:
            raise Decides(self.hidden[name])  # the parameter of the network, which has no name here
        if not isinstance(value, Symbol) or not value.whole or integral(value.polynomial.tree) or of.demands(name):
            return
        deciding = self.deciding(value)
        if deciding:
            raise Decides(deciding)  # it is whole by chance

    def decide(self, names: Bindings, arg: ir.Arg) -> None:
        """See to it that what is written as it is here is the same for other arguments of the network."""
        values = (names.values.get(name) for name in arg.names)
        deciding = frozenset[str]().union(*(self.deciding(value) for value in values if isinstance(value, Symbol)))
        if deciding:
            raise Decides(deciding)

    def deciding(self, value: Symbol) -> frozenset[str]:
        """The arguments of the network that a number depends on."""
        return (value.names if self.fixed else reaching(value.code, self._reach)) - self._closed

    def asked(self, items: Sequence[Item]) -> frozenset[str]:
        """The arguments of the network that decide whether anything is left of items under conditions."""
        here = [self._decided(item.condition) for item in items if isinstance(item, Maybe)]
        conditions = [condition for condition in here if isinstance(condition, Expression)]
        if True in here or any(excludes(one, other) for one, other in combinations(conditions, 2)):
            return NOTHING  # one of them holds, whatever the arguments are
        return NOTHING.union(*(reaching(condition, self._reach) for condition in conditions))

    def is_closed(self, value: Any) -> bool:
        """Whether a number depends on arguments that have the values of known networks alone."""
        return isinstance(value, Symbol) and value.names <= self._closed

    def plainest(self, end: Place, values: Iterable[Any]) -> Place:
        """A place with the channels of known networks by their name: ``widths[1]`` for ``2 * (widths[1] // 2)``."""
        channels = end.shape.channels
        if not (isinstance(channels, Symbol) and self.is_closed(channels)):
            return end
        same = (v for v in values if isinstance(v, Symbol) and v.names <= channels.names and v.value == channels.value)
        plain: Any = min((channels, *same), key=lambda value: len(str(value.text)))
        return end._replace(shape=end.shape._replace(channels=plain))


def _where_it_fails(condition: Expression) -> dict[str, Expression]:
    """What names are equal to wherever a condition does not hold."""
    match condition:
        case Comparison("!=", Name(id), other) | Comparison("!=", other, Name(id)):
            return {id: other}
        case Logic("or", left, right):
            return _where_it_fails(left) | _where_it_fails(right)
    return {}


def _unequal(at: Shape, end: Shape) -> tuple[Expression | bool, ...]:
    """The conditions that say that two widths differ."""
    sides = polynomial_of(at.channels), polynomial_of(end.channels)
    return comparison("!=", *sides), comparison("!=", *reversed(sides))
