"""Widths that a multiplier scales are calls of a function of the constructor, ``scaled(24)``, as in timm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from archspec.expressions import Binary, Expression, Function, Name, Number
from archspec.expressions.code import whole
from archspec.expressions.symbols import Symbol, variable
from archspec.targets.torch.layout import Formula, lines
from archspec.targets.torch.names import Names

FEWEST = 3
"""Widths that are scaled alike where a function is easier to read than each of them."""
LONG = 16
"""Characters of a width that is longer than a call."""


class Scaled(NamedTuple):
    """Statements that define functions, and the calls that stand for widths."""

    statements: Sequence[str] = ()
    calls: Mapping[Expression, Symbol] = {}


def scaled(widths: Sequence[Symbol], names: Names) -> Scaled:
    """A function for each scale that several of the widths of a network share."""
    alike: dict[Expression, dict[int, Symbol]] = {}
    for width in widths:
        if len(width.text) < LONG:
            continue
        match width.polynomial.tree:
            case Function(name, (Binary("*", Number(int(channels)), scale), *others)):
                alike.setdefault(Function(name, (scale, *others)), {})[channels] = width
            case Binary("*", Number(int(channels)), Name(whole=False) as scale):
                alike.setdefault(scale, {})[channels] = width
    statements: list[str] = []
    calls: dict[Expression, Symbol] = {}
    for form, found in alike.items():
        if len(found) >= FEWEST:
            function = names.identifier("scaled")
            statements += _definition(function, form)
            for number, width in found.items():
                calls[width.polynomial.tree] = variable(f"{function}({number})", width.value, width.ledger)
    return Scaled(["", *statements] if statements else [], calls)


def _definition(function: str, form: Expression) -> list[str]:
    """``def scaled(channels: int) -> int``, with a blank line below it."""
    channels = Names(form.names).identifier("channels")
    scale, *others = form.args if isinstance(form, Function) else (form,)
    width: Expression = Binary("*", Name(channels), scale)
    if isinstance(form, Function):
        width = Function(form.name, (width, *others))
    return [f"def {function}({channels}: int) -> int:", *lines("return ", Formula(whole(width)), "", 4), ""]
