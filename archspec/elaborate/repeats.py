"""Repetitions: a written stride stays in the first one alone, as in every paper that prints one."""

from __future__ import annotations

from collections.abc import Collection

from archspec.budget import spend
from archspec.diagnostics import Span
from archspec.elaborate.blocks import Blocks
from archspec.elaborate.target import Reader, stride_of
from archspec.ir.messages import no_repetition
from archspec.ir.network import Apply, Arg, Group, Instance, Repeat, Step, When
from archspec.support.limits import WALKED


def repeated(
    steps: tuple[Step, ...], times: Arg, span: Span, reader: Reader, blocks: Blocks
) -> tuple[Step, ...] | None:
    """Steps under a repetition; a written stride stays in the first one alone, as in every paper that prints one."""
    if times.value is not None and (not isinstance(times.value, int) or times.value < 1):
        reader.report.add(no_repetition(times.place or span, times))
        return None
    if times.expression is None:
        if times.value == 1:
            return steps
    elif times.value is not None:
        reader.scope.record.must_be_whole(times.expression, least=1)
    later = tuple(_without_stride(step, blocks) for step in steps)
    first = steps if later != steps else None
    return (Repeat(times=times, steps=later, first=first, span=span),)


def _without_stride(step: Step, blocks: Blocks) -> Step:
    spend(WALKED, step.place)
    if isinstance(step, Instance) and step.block in blocks.unstrided:
        sized, block = blocks.unstrided[step.block]
        return step.replaced(block=block, args=step.args | {sized: Arg(value=1, span=step.span)})
    if isinstance(step, Apply | Instance):
        name = stride_of(_arguments(step, blocks))
        if name not in step.args or (isinstance(step, Apply) and step.kind_of_layer.keeps_stride):
            return step
        return step.replaced(args=step.args | {name: Arg(value=1, span=step.args[name].span)})
    if isinstance(step, Repeat):
        return step.replaced(first=None)  # its other repetitions have no stride already
    if isinstance(step, Group | When):
        return step.replaced(steps=tuple(_without_stride(inner, blocks) for inner in step.steps))
    return step


def _arguments(step: Apply | Instance, blocks: Blocks) -> Collection[str]:
    if isinstance(step, Apply):
        return step.kind_of_layer.arguments
    block = blocks.built[step.block]
    return {*block.parameters, *block.fixed}
