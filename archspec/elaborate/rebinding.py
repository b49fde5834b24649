"""A network under other values of its parameters: the same steps, with other numbers where an expression says so.

What no parameter reaches stays the same object, so that later passes see what they have done already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

from archspec.elaborate.record import value_under
from archspec.ir.network import Apply, Arg, Instance, Network, Step, Value, names_of
from archspec.ir.node import IN
from archspec.ir.rewriting import Rewriting
from archspec.ir.walking import args_of, every_step


class Rebinding(Rewriting):
    """Puts numbers in the place of others; every expression is known to have a value."""

    def __init__(self, changed: Set[str], values: Mapping[str, Value]) -> None:
        self._changed, self._values = changed, values

    def network(self, network: Network, names: Sequence[frozenset[str]]) -> Network:
        """Rows, heads and blocks, with these values of the parameters; ``names`` are those that each row mentions."""
        reached = [not self._changed.isdisjoint(of_row) for of_row in names]
        return network.replaced(
            parameters=dict(self._values),
            rows=tuple([self.row(row) if here else row for row, here in zip(network.rows, reached, strict=True)]),
            misprints=self.each(network.misprints, self.misprint),
            heads=self.each(network.heads, self.head),
            blocks=self.values_of(network.blocks, self.block),
        )

    def layer(self, step: Apply | Instance) -> Apply | Instance:
        if self._changed.isdisjoint(step.mentions):
            return step
        return self.with_(step, args=self.values_of(step.args, self.argument))

    def condition(self, arg: Arg) -> Arg:
        if IN in arg.names and not self._changed.isdisjoint(arg.names):
            return arg.replaced(value=None)  # known without `in` under the values before; each use finds it
        return self.argument(arg)

    def argument(self, arg: Arg) -> Arg:
        if arg.value is None or self._changed.isdisjoint(arg.names):
            return arg
        return Arg(value=self._under(arg), expression=arg.expression, span=arg.span)

    def _under(self, arg: Arg) -> Value:
        return value_under(arg.expression, arg.known, self._values)


def differing(before: Mapping[str, Value], after: Mapping[str, Value]) -> frozenset[str]:
    """The parameters whose values are not the same: 1, 1.0 and yes are three values, and so are 0.0 and -0.0."""
    return frozenset(name for name, value in after.items() if repr(value) != repr(before[name]))


def mentioned(network: Network) -> list[frozenset[str]]:
    """For each row the names that its expressions hold, also inside the blocks that it uses."""
    inside: dict[str, frozenset[str]] = {}

    def of(steps: Iterable[Step]) -> frozenset[str]:
        found: set[str] = set()
        for step in every_step(steps):
            found |= names_of(args_of(step))
            if isinstance(step, Instance):
                if step.block not in inside:
                    block = network.blocks[step.block]
                    defaults = (arg.names for arg in block.parameters.values() if arg is not None)
                    inside[step.block] = of(block.steps).union(*defaults)
                found |= inside[step.block]
        return frozenset(found)

    return [of(row.steps or ()) for row in network.rows]
