"""What every walk over steps asks, whatever it carries along: numbers, symbols or tensors.

How a walk repeats, and what it makes of a layer, is its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from archspec.expressions.conditions import excludes
from archspec.ir.network import Apply, Arg, Block, Branches, Graph, Group, Instance, Network, Repeat, Row, Step, When

T = TypeVar("T")


class Passed(NamedTuple):
    """An argument of one use of a block."""

    name: str
    arg: Arg
    default: bool
    """Whether it is the block's own, over the parameters before it and what enters the block."""


def passed(step: Instance, block: Block) -> Iterator[Passed]:
    """The arguments of a use in the order of the block's parameters: what is given, and the defaults of the others."""
    for name, default in block.parameters.items():
        arg = step.args.get(name, default)
        assert arg is not None
        yield Passed(name, arg, name not in step.args)


def inputs_of(row: Row, known: Mapping[str, T], above: T) -> list[T]:
    """What enters a row: what the rows give that it names, or what stands above it."""
    return [known[source] for source in row.sources] or [above]


def opened(steps: Sequence[Step]) -> tuple[Apply | None, Sequence[Step]]:
    """The layer that steps begin with, which joins where several inputs enter, and the steps after it.

    It may stand in the group of its `every` rule. None where they begin with something else.
    """
    while steps and isinstance(steps[0], Group):
        steps = (*steps[0].steps, *steps[1:])
    first = steps[0] if steps else None
    return (first, steps[1:]) if isinstance(first, Apply) else (None, steps)


def conditions_of(steps: Sequence[Step]) -> list[When] | None:
    """The conditions of a branch that drops out where none of them holds; None where it never does."""
    found = [step for step in steps if isinstance(step, When) and not step.bypass]
    return found if len(found) == len(steps) else None


def joined_conditions(steps: Sequence[Step]) -> Iterator[Step]:
    """Steps, of which those one after the other that stand under the same condition are one."""
    before: Step | None = None
    for step in steps:
        if isinstance(before, When) and isinstance(step, When) and _go_together(before, step):
            before = before.replaced(steps=(*before.steps, *step.steps))
            continue
        if before is not None:
            yield before
        before = step
    if before is not None:
        yield before


def _go_together(one: When, other: When) -> bool:
    return one.condition == other.condition and not (one.bypass or other.bypass)


def as_bypass(steps: Sequence[Step]) -> Sequence[Step]:
    """A branch that is the input itself exactly where its condition does not hold, as one that bypasses its steps."""
    if len(steps) != 2 or not all(isinstance(step, When) and not step.bypass for step in steps):
        return steps
    first, second = steps
    assert isinstance(first, When)
    assert isinstance(second, When)
    conditions = first.condition.expression, second.condition.expression
    if conditions[0] is None or conditions[1] is None or not excludes(conditions[0], conditions[1]):
        return steps
    if _is_input(second.steps):
        return (first.replaced(bypass=True),)
    return (second.replaced(bypass=True),) if _is_input(first.steps) else steps


def _is_input(steps: Sequence[Step]) -> bool:
    return all(isinstance(step, Apply) and step.kind_of_layer.passes_on for step in steps)


def is_left(steps: Sequence[Step], holds: Callable[[When], bool]) -> bool:
    """Whether anything is left of a branch."""
    conditions = conditions_of(steps)
    return conditions is None or any(map(holds, conditions))


def args_of(step: Step) -> dict[str, Arg]:
    """The arguments right in a step by their names; a repetition and a condition have one each."""
    if isinstance(step, Apply | Instance):
        return step.args
    if isinstance(step, Repeat):
        return {"repeats": step.times}
    return {"condition": step.condition} if isinstance(step, When) else {}


def inside(step: Step) -> Iterator[Step]:
    """The steps right inside a step; a repetition's first ones stand before its others."""
    if isinstance(step, Repeat):
        yield from (*(step.first or ()), *step.steps)
    elif isinstance(step, Group | When):
        yield from step.steps
    elif isinstance(step, Branches):
        for branch in step.branches:
            yield from branch.steps
        yield step.join
    elif isinstance(step, Graph):
        for row in step.rows:
            yield from row.steps or ()


def every_step(steps: Iterable[Step]) -> Iterator[Step]:
    """Every step in steps, in order, also inside others; blocks are not entered."""
    for step in steps:
        yield step
        yield from every_step(inside(step))


def applied(steps: Iterable[Step]) -> Iterator[Apply]:
    """Every layer in steps, in order; blocks are not entered."""
    return (step for step in every_step(steps) if isinstance(step, Apply))


def steps_of(network: Network) -> Iterator[Step]:
    """Every step of a network: in its rows, its heads and its blocks."""
    rows = (*network.rows, *(row for head in network.heads for row in head.rows))
    yield from every_step(step for row in rows for step in row.steps or ())
    for block in network.blocks.values():
        yield from every_step(block.steps)
