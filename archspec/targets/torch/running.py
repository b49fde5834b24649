"""Widths that grow from row to row run in a variable: ``channels += 6 * k``, ``channels //= 2``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from archspec.expressions import Name
from archspec.expressions.polynomial import Polynomial, atom, number
from archspec.expressions.symbols import Ledger, Symbol, is_number, polynomial_of, value_of
from archspec.ir.node import IN
from archspec.op import Call
from archspec.targets.torch.items import Again, Item, Leaf, Made, Node, Ruled, settled, within
from archspec.targets.torch.layout import local_variable
from archspec.targets.torch.names import Names

ENTERING = frozenset({"in_channels", "in_features", "num_features", "num_channels"})
"""The arguments of torch's modules that hold the width of their input."""
CHANNELS = "channels"
"""The variable."""
SHARES = (2, 3, 4, 8)
"""By what transitions divide widths."""


class Steps(NamedTuple):
    """The statements before the modules of a row and behind them."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


class Run(NamedTuple):
    """Rows whose widths are written over a variable, with the statements that it needs, by the places of the rows."""

    nodes: list[Node]
    steps: Mapping[int, Steps]


def running(nodes: Sequence[Node], taken: frozenset[str]) -> Run:
    """Rows over a variable where a width grows in one of them; as they are where they are no chain, or long."""
    growing = [i for i, node in enumerate(nodes) if any(_grows(item) for item in settled(node.items))]
    if not growing or any(node.join or node.sources for node in nodes):
        return Run([*nodes], {})
    name = Names(taken).identifier(CHANNELS)
    first = growing[0]
    entering = nodes[first - 1].shape.channels if first else None
    if entering is None:
        return Run([*nodes], {})
    found, steps = [*nodes[:first]], {first: Steps(_assigned(name, polynomial_of(entering)))}
    last = first
    for i in range(first, len(nodes)):
        written = _Over(name, entering)
        found.append(nodes[i]._replace(items=written.items(settled(nodes[i].items))))
        last = i if written.used else last
        leaving = nodes[i].shape.channels
        step = _step(name, polynomial_of(entering), leaving)
        if step:
            steps[i] = steps.get(i, Steps())._replace(after=step)
        entering = leaving
    if any(len(step.before) > 1 or len(step.after) > 1 for step in steps.values()):
        return Run([*nodes], {})  # widths as long as that have names of their own
    return Run(found, {i: step if i < last else step._replace(after=()) for i, step in steps.items() if i <= last})


def _grows(item: Item) -> bool:
    """Whether it is a loop over blocks whose inputs get wider."""
    if not isinstance(item, Again):
        return False
    values = [made.values.get(IN) for made in item.items if isinstance(made, Made) and IN in made.of.arguments]
    return any(isinstance(value, Symbol) and item.variable in value.names for value in values)


def _step(name: str, entering: Polynomial, leaving: Any) -> tuple[str, ...]:
    """The lines of the statement by which the variable follows a row, if it changes."""
    after = polynomial_of(leaving)
    if after == entering:
        return ()
    for share in SHARES:
        if after * number(share) == entering:
            return (f"{name} //= {share}",)
    more = after - entering
    named = isinstance(after.tree, Name) or (after.constant is not None and entering.constant is None)
    if len(more.terms) == 1 and more.terms[0][0] > 0 and not named:
        return _assigned(name, more, "+=")
    return _assigned(name, after)


def _assigned(name: str, width: Polynomial, sign: str = "=") -> tuple[str, ...]:
    """The lines of a statement that gives the variable a width."""
    return local_variable(name, Symbol(0, width, Ledger()).code, sign)


class _Over:
    """Writes the values of items over a variable that holds the width at which they begin."""

    def __init__(self, name: str, entering: Any) -> None:
        self._variable = atom(Name(name, whole=True))
        self._entering = polynomial_of(entering)
        self.used = False

    def items(self, items: Sequence[Item]) -> list[Item]:
        return [self._item(item) for item in items]

    def _item(self, item: Item) -> Item:
        match item:
            case Leaf():
                return item._replace(call=self._call(item.call))
            case Ruled():
                return item._replace(use=tuple(map(self._call, item.use)))
            case Made():
                return item._replace(values={n: self._value(v, n == IN) for n, v in item.values.items()})
        return within(item, self.items)

    def _call(self, call: Call) -> Call:
        args = {name: self._value(value, name in ENTERING) for name, value in call.args.items()}
        options = {name: self._value(value, False) for name, value in call.options.items()}
        return call._replace(args=args, options=options)

    def _value(self, value: Any, enters: bool) -> Any:
        """A number over the variable; a plain one only where it is the width of an input."""
        if not is_number(value) or not (isinstance(value, Symbol) or enters):
            return value
        over = next(self._over(polynomial_of(value), enters), None)
        if over is None:
            return value
        self.used = True
        ledger = value.ledger if isinstance(value, Symbol) else Ledger()
        return Symbol(value_of(value), over, ledger)

    def _over(self, polynomial: Polynomial, enters: bool) -> Iterator[Polynomial]:
        if polynomial == self._entering:
            yield self._variable
        if polynomial.constant is not None or isinstance(polynomial.tree, Name):
            return  # which reads better as it is
        for share in SHARES:
            if polynomial * number(share) == self._entering:
                yield self._variable / number(share)
        times = (polynomial / self._entering).constant
        if enters and isinstance(times, int):  # as a map is flattened
            yield self._variable * number(times)
        more = polynomial - self._entering
        if len(more.terms) < len(polynomial.terms):
            yield self._variable + more
