"""What every walk over steps asks, whatever it carries along: numbers, symbols or tensors.

How a walk repeats, and what it makes of a layer, is its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from archspec.ir.network import Apply, Arg, Block, Group, Instance, Row, Step, When

T = TypeVar("T")


class Given(NamedTuple):
    """An argument of one use of a block."""

    name: str
    arg: Arg
    default: bool
    """Whether it is the block's own, over the parameters before it and what enters the block."""


def given(step: Instance, block: Block) -> Iterator[Given]:
    """The arguments of a use in the order of the block's parameters: what is given, and the defaults of the others."""
    for name, default in block.parameters.items():
        arg = step.args.get(name, default)
        assert arg is not None
        yield Given(name, arg, name not in step.args)


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


def is_left(steps: Sequence[Step], holds: Callable[[When], bool]) -> bool:
    """Whether anything is left of a branch."""
    conditions = conditions_of(steps)
    return conditions is None or any(map(holds, conditions))
