"""Strides in the columns of other arguments: ``64 /2`` in one of channels is what it is in a cell of layers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from archspec.arguments import CHANNELS, KERNEL, STRIDES, kin_of
from archspec.budget import spend
from archspec.elaborate import messages as say
from archspec.elaborate.arguments import two_numbers
from archspec.elaborate.layers import Layers
from archspec.elaborate.target import Target, parameters_of, stride_of
from archspec.language import syntax as s
from archspec.support.limits import STEP

SPACED = r"\S\s+/\S"
"""A slash with a blank before it and none behind."""


def with_strides(columns: Mapping[str, s.Named], chain: s.Chain, layers: Layers) -> dict[str, s.Named] | None:
    """The arguments of columns, the strides that stand in their cells among them; None where one is wrong."""
    found = dict(columns)
    targets = [layers.target(step.unit) for step in chain] if columns else []
    wrong = False
    for name, arg in columns.items():
        if not two_numbers(arg.value):
            continue
        spend(STEP * len(targets), arg.span)
        if not any(_in_form(name, target) for target in targets):
            continue
        number, stride = arg.value.left, arg.value.right
        at = next((stride_of(parameters_of(x)) for x in targets if _in_form(name, x)), None)
        first = next((columns[each] for each in STRIDES if each in columns), None)
        if not re.search(SPACED, arg.value.span.text):
            if at is not None:
                quotient = layers.scope.value(arg.value)
                text, sides = arg.value.span.text, (str(number), str(stride))
                layers.report.add(say.two_numbers(arg.span, text, *sides, quotient, before=" "))
                wrong = True
        elif first is not None:
            layers.report.add(say.given_twice(stride.span, "stride", first.span))
            wrong = True
        else:
            found[name] = arg.replaced(value=number)
            found[at or STRIDES[0]] = s.Named(stride.span, at or STRIDES[0], stride.span, stride)
    return None if wrong else found


def _in_form(name: str, target: Target | None) -> bool:
    """Whether an argument is one that its form alone says in a cell of layers, as channels and sizes are."""
    if name not in parameters_of(target):
        return False
    forms = {*target.bare, target.sized} if isinstance(target, type) else {*kin_of(CHANNELS), *kin_of(KERNEL)}
    return name in forms
