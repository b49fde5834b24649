"""What the printed shape of filters gives to the layer of a row: ``3 × 3 × 3 × 32``, ``1024 × 1000``, ``Pool 7 × 7``.

What a layer has already is not given again. The shape is a check as well, by which that, and the channels that enter,
are held to what is printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from archspec.budget import spend
from archspec.counting.printed import is_filters
from archspec.diagnostics import Span
from archspec.elaborate.layers import Layers
from archspec.elaborate.marks import unmarked
from archspec.elaborate.target import Target, restates
from archspec.elaborate.words import arguments_in
from archspec.language import syntax as s
from archspec.language.parse import number_of
from archspec.op import Op, Weighted
from archspec.support.limits import STEP

KINDS: tuple[type, ...] = (Op, Weighted)
"""Whose filters the shapes may be, where not of all layers."""


def with_filters(chain: s.Chain, cell: s.Cell, layers: Layers, columns: Set[str] = frozenset()) -> s.Chain:
    """A chain whose layers have the arguments that the shapes of their filters say: all of them, or those with weights.

    ``columns`` are the arguments that other cells of the row give.

    What is not a shape is said where the cell is read as a check, and so is one that is not that of the layers.
    """
    shapes = [cell.span.within(*match.span()) for match in re.finditer(r"[^;\v]+", unmarked(cell.span.text))]
    for kind in KINDS:
        if len(shapes) == _takers(chain, kind, layers):
            return _with(chain, iter(shapes), kind, layers, columns)
    return chain


def _takers(chain: s.Chain, kind: type, layers: Layers) -> int:
    """How many layers of a kind have filters, also inside brackets."""
    inner = sum(_takers(step.unit.chain, kind, layers) for step in chain if isinstance(step.unit, s.Bracket))
    return inner + sum(_has_filters(layers.target(step.unit), kind) for step in chain)


def _with(
    chain: s.Chain, shapes: Iterator[Span], kind: type, layers: Layers, columns: Set[str] = frozenset()
) -> s.Chain:
    found = []
    for step in chain:
        spend(STEP, step.span)
        unit, op = step.unit, layers.target(step.unit)
        if isinstance(unit, s.Bracket):
            step = step.replaced(unit=unit.replaced(chain=_with(unit.chain, shapes, kind, layers)))
        elif isinstance(unit, s.Layer) and isinstance(op, type) and _has_filters(op, kind):
            has = arguments_in(unit, op, layers) | columns
            more = [arg for arg in _given(op, next(shapes)) if arg.name not in has]
            step = step.replaced(unit=unit.replaced(args=(*unit.args, *more)))
        found.append(step)
    return tuple(found)


def _has_filters(op: Target | None, kind: type) -> bool:
    return isinstance(op, type) and issubclass(op, kind) and op.filters is not Op.filters


def _outputs(op: type[Op]) -> list[str]:
    """The argument of a layer that says how many come out, if it does not only say it again."""
    return [op.makes] if op.makes is not None and not restates(op, op.makes) else []


def _given(op: type[Op], shape: Span) -> list[s.Named]:
    """The size, where the layer has one, by the first two numbers, and how many come out by the last."""
    sides = [*re.finditer(r"\d+", shape.text)] if is_filters(shape.text.strip()) else []
    numbers = [s.Number(number_of(match[0]), span=shape.within(*match.span())) for match in sides]
    found: list[s.Named] = []
    if numbers and op.sized is not None:
        size = s.Size(tuple(numbers[:2]), span=numbers[0].span.to(numbers[1].span))
        found.append(s.Named(size.span, op.sized, size.span, size))
    rest = numbers[2:] if op.sized is not None else numbers
    if len(rest) == 2:
        found += [s.Named(rest[1].span, name, rest[1].span, rest[1]) for name in _outputs(op)]
    return found
