"""A network with other nodes in the place of some: what nothing reaches stays the same object.

So later passes see what they have done already.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from archspec.ir.network import (
    Apply,
    Arg,
    Block,
    Branches,
    Graph,
    Group,
    Head,
    Instance,
    Misprint,
    Network,
    Node,
    Repeat,
    Row,
    Step,
    When,
)

T = TypeVar("T")
N = TypeVar("N", bound=Node)
Steps = tuple[Step, ...]


class Rewriting:
    """Walks over nodes and puts others in their place; as it stands, it changes none."""

    def layer(self, step: Apply | Instance) -> Apply | Instance:
        """A layer or a use of a block, with its arguments."""
        return step

    def argument(self, arg: Arg) -> Arg:
        """How often something repeats, or the default of a block's parameter."""
        return arg

    def condition(self, arg: Arg) -> Arg:
        """The condition under which steps stand."""
        return arg

    def repeat(self, step: Repeat) -> Repeat:
        """A repetition."""
        first = None if step.first is None else self.steps(step.first)
        return self.with_(step, times=self.argument(step.times), steps=self.steps(step.steps), first=first)

    def row(self, row: Row) -> Row:
        """A row of a table."""
        return row if row.steps is None else self.with_(row, steps=self.steps(row.steps))

    def head(self, head: Head) -> Head:
        """A head with its rows."""
        return self.with_(head, rows=self.each(head.rows, self.row))

    def misprint(self, misprint: Misprint) -> Misprint:
        """A cell that is printed wrong, with what each of its parts would be alone."""
        parts = self.each(misprint.parts, lambda part: self.with_(part, steps=self.steps(part.steps)))
        return self.with_(misprint, steps=self.steps(misprint.steps), parts=parts)

    def whole(self, network: Network) -> Network:
        """Rows, heads, misprints and blocks."""
        return network.replaced(
            rows=self.each(network.rows, self.row),
            misprints=self.each(network.misprints, self.misprint),
            heads=self.each(network.heads, self.head),
            blocks=self.values_of(network.blocks, self.block),
        )

    def block(self, block: Block) -> Block:
        """A block with the defaults of its parameters."""
        parameters = self.values_of(block.parameters, lambda arg: arg and self.argument(arg))
        return self.with_(block, parameters=parameters, steps=self.steps(block.steps))

    def steps(self, steps: Steps) -> Steps:
        """A chain."""
        return self.each(steps, self._step)

    def _step(self, step: Step) -> Step:
        match step:
            case Apply() | Instance():
                return self.layer(step)
            case Repeat():
                return self.repeat(step)
            case Group():
                return self.with_(step, steps=self.steps(step.steps))
            case When():
                return self.with_(step, condition=self.condition(step.condition), steps=self.steps(step.steps))
            case Branches():
                branches = self.each(step.branches, lambda branch: self.with_(branch, steps=self.steps(branch.steps)))
                return self.with_(step, branches=branches, join=self.layer(step.join))
            case Graph():
                return self.with_(step, rows=self.each(step.rows, self.row))

    def each(self, nodes: tuple[T, ...], change: Callable[[T], T]) -> tuple[T, ...]:
        """Changed nodes, or the same tuple where none is another object."""
        made = tuple([change(node) for node in nodes])
        return made if any(new is not old for new, old in zip(made, nodes, strict=True)) else nodes

    def values_of(self, nodes: dict[str, T], change: Callable[[T], T]) -> dict[str, T]:
        """Changed values, or the same dictionary where none is another object."""
        made = {name: change(node) for name, node in nodes.items()}
        return made if any(made[name] is not node for name, node in nodes.items()) else nodes

    def with_(self, node: N, **fields: Any) -> N:
        """The node with other fields, or itself where none is another object."""
        changed = any(getattr(node, name) is not value for name, value in fields.items())
        return node.replaced(**fields) if changed else node
