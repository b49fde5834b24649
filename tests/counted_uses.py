"""Uses of ops, as the core finds them in a network, and their total under a convention."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from witness import unrolled

from archspec import ops
from archspec.compiled import Compiled
from archspec.counting.conventions import Counting
from archspec.op import Op, Shape


class Use(NamedTuple):
    op: Op
    xs: tuple[Shape, ...]
    y: Shape
    times: int = 1


def made(name: str, *xs: Shape, **arguments: Any) -> Use:
    found = ops.find(name)
    assert found is not None
    op = found(**arguments)
    return Use(op, xs, op.infer(*xs))


def total(uses: Iterable[Use], rule: str) -> int:
    counting = Counting([rule])
    return sum(use.times * counting.mult_adds(use.op, use.y, *use.xs) for use in uses)


def uses_of(compiled: Compiled) -> list[Use]:
    return [Use(layer.op, layer.xs, layer.y) for layer in unrolled(compiled.network)]


def run_uses(compiled: Compiled) -> list[Use]:
    """The same without a soft-max that stands last, as the emitted network is run."""
    uses = uses_of(compiled)
    return uses[:-1] if uses[-1].op.part_of_loss else uses
