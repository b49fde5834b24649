"""A network under other values of its parameters: the same steps, with other numbers where an expression says so.

What no parameter reaches stays the same object, so that later passes see what they have done already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any, TypeVar

from archspec.elaborate.record import value_under
from archspec.ir.network import (
    Apply,
    Arg,
    Block,
    Branches,
    Graph,
    Group,
    Head,
    Instance,
    Network,
    Node,
    Repeat,
    Row,
    Step,
    Value,
    When,
    names_of,
)
from archspec.ir.walking import args_of, every_step

T = TypeVar("T")
N = TypeVar("N", bound=Node)
Steps = tuple[Step, ...]


class Rebinding:
    """Puts numbers in the place of others; every expression is known to have a value."""

    def __init__(self, changed: Set[str], values: Mapping[str, Value]) -> None:
        self._changed, self._values = changed, values

    def network(self, network: Network, names: Sequence[frozenset[str]]) -> Network:
        """Rows, heads and blocks, with these values of the parameters; ``names`` are those that each row mentions."""
        reached = [not self._changed.isdisjoint(of_row) for of_row in names]
        return network.replaced(
            parameters=dict(self._values),
            rows=tuple([self._row(row) if here else row for row, here in zip(network.rows, reached, strict=True)]),
            heads=self._each(network.heads, self._head),
            blocks=self._values_of(network.blocks, self._block),
        )

    def _row(self, row: Row) -> Row:
        return row if row.steps is None else self._with(row, steps=self._steps(row.steps))

    def _head(self, head: Head) -> Head:
        return self._with(head, rows=self._each(head.rows, self._row))

    def _block(self, block: Block) -> Block:
        parameters = self._values_of(block.parameters, lambda arg: arg and self._arg(arg))
        return self._with(block, parameters=parameters, steps=self._steps(block.steps))

    def _steps(self, steps: Steps) -> Steps:
        return self._each(steps, self._step)

    def _step(self, step: Step) -> Step:
        match step:
            case Apply() | Instance():
                if self._changed.isdisjoint(step.mentions):
                    return step
                return self._with(step, args=self._values_of(step.args, self._arg))
            case Repeat():
                first = None if step.first is None else self._steps(step.first)
                return self._with(step, times=self._arg(step.times), steps=self._steps(step.steps), first=first)
            case Group() | When():
                return self._with(step, steps=self._steps(step.steps))
            case Branches():
                branches = self._each(step.branches, lambda branch: self._with(branch, steps=self._steps(branch.steps)))
                return self._with(step, branches=branches)
            case Graph():
                return self._with(step, rows=self._each(step.rows, self._row))

    def _arg(self, arg: Arg) -> Arg:
        if arg.value is None or self._changed.isdisjoint(arg.names):
            return arg
        return Arg(value=value_under(arg.expression, arg.value, self._values), expression=arg.expression, span=arg.span)

    def _each(self, nodes: tuple[T, ...], change: Callable[[T], T]) -> tuple[T, ...]:
        made = tuple([change(node) for node in nodes])
        return made if any(new is not old for new, old in zip(made, nodes, strict=True)) else nodes

    def _values_of(self, nodes: dict[str, T], change: Callable[[T], T]) -> dict[str, T]:
        made = {name: change(node) for name, node in nodes.items()}
        return made if any(made[name] is not node for name, node in nodes.items()) else nodes

    def _with(self, node: N, **fields: Any) -> N:
        """The node with other fields, or itself where none is another object."""
        changed = any(getattr(node, name) is not value for name, value in fields.items())
        return node.replaced(**fields) if changed else node


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
