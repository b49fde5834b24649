"""What the names of a spec's expressions stand for where a step is emitted: values, of which some are symbols."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from archspec.budget import spend
from archspec.expressions import Expression, Unfit, evaluate
from archspec.expressions.polynomial import TooLong
from archspec.expressions.symbolic import decided, symbolic
from archspec.expressions.symbols import Ledger, Symbol, symbol_or_number, value_of
from archspec.ir.network import Arg, Block, Instance
from archspec.ir.node import IN
from archspec.ir.walking import passed
from archspec.support.limits import SYMBOL


class Decides(TooLong):
    """Arguments decide what the layers are, which code cannot ask: numbers take their place."""


class Bindings:
    """The values of names, and the ledger of what is decided by them."""

    def __init__(self, values: Mapping[str, Any], ledger: Ledger) -> None:
        self.values, self.ledger = values, ledger

    def depends(self, arg: Arg) -> bool:
        """Whether an argument depends on a symbol."""
        return bool(self._symbols(arg))

    @cached_property
    def plain(self) -> dict[str, Any]:
        """The values as numbers."""
        return {name: value_of(value) for name, value in self.values.items()}

    def number(self, arg: Arg) -> Any:
        """The value of an argument here, without what it depends on."""
        if arg.value is not None or arg.expression is None:
            return arg.value
        return evaluate(arg.expression, self.plain)

    def symbol(self, arg: Arg, value: Any, numeric: type) -> Any:
        """The value of an argument as a symbol, where it depends on one. ``numeric`` is what takes it."""
        if arg.expression is None or not self.depends(arg):
            return value
        spend(SYMBOL * len(str(arg.expression)), arg.place)
        try:
            polynomial = symbolic(arg.expression, self.values)
        except Unfit:  # in a part that is not chosen here
            raise self._too_long(arg) from None
        whole = numeric is not float
        return symbol_or_number(int(value) if whole else float(value), polynomial, self.ledger, whole)

    def condition(self, arg: Arg) -> Expression | bool:
        """A condition over symbols, or what it comes to whatever these stand for."""
        if arg.expression is None:
            return bool(arg.value)
        spend(SYMBOL * len(str(arg.expression)), arg.place)
        try:
            return decided(arg.expression, self.values)
        except Unfit:
            raise self._too_long(arg) from None

    def names(self, arg: Arg) -> frozenset[str]:
        """The names of the code that an argument depends on."""
        return frozenset[str]().union(*(symbol.names for symbol in self._symbols(arg)))

    def _symbols(self, arg: Arg) -> list[Symbol]:
        found = (self.values.get(name) for name in arg.names)
        return [value for value in found if isinstance(value, Symbol)]

    def _too_long(self, arg: Arg) -> TooLong:
        return TooLong(self.names(arg))


def passed_to(
    step: Instance, block: Block, names: Bindings, outer: Mapping[str, Any], hidden: Mapping[str, frozenset[str]]
) -> dict[str, Any]:
    """The values of a block's parameters at one use; its own defaults are over the network's, which some may hide."""
    found: dict[str, Any] = {}
    for name, arg, default in passed(step, block):
        where = names
        if default:
            for other in arg.names & hidden.keys() - found.keys():
                raise Decides(hidden[other])
            where = Bindings({**outer, **found, IN: outer[IN]}, names.ledger)
        number = where.number(arg)
        found[name] = where.symbol(arg, number, float if isinstance(number, float) else int)
    return found
