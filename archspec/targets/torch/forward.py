"""Statements of ``forward``: what a row gives goes into a variable, and what branches give is joined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archspec.op import Join, Shape
from archspec.targets.torch.functions import Lifted, share_of
from archspec.targets.torch.layout import INDENT, WIDTH, split
from archspec.targets.torch.names import USED, Names


class Operand(NamedTuple):
    """What a join takes: the attribute that gives it, how it is called, its shape, and what asks whether it is left."""

    name: str
    call: str
    shape: Shape
    asked: str | None = None


def shares_of(branches: Sequence[Lifted]) -> list[str]:
    """A variable for each branch where these take all parts of the channels in order: ``left, right``."""
    shares = [share_of(whole.before[0]) if whole.before else None for whole in branches]
    if len(branches) < 2 or shares != [(i, len(branches)) for i in range(1, len(branches) + 1)]:
        return []
    return [f"x{i}" for i in range(1, len(branches) + 1)]


def assigned(variable: str, attribute: str | None, value: str, comment: str) -> list[str]:
    """``x = self.conv1(x)  # 112x112x64``, on two lines where a join makes it too long."""
    whole = f"{variable} = self.{attribute}({value})" if attribute else f"{variable} = {value}"
    found = [whole]
    if attribute and value.isidentifier() and len(whole) + INDENT > WIDTH:
        opened = f"{variable} = self.{attribute}("
        found = [opened, f"    {value}", ")"] if len(opened) + INDENT <= WIDTH else [whole]
    elif attribute and len(whole) + INDENT > WIDTH:
        found = [*_wrapped(f"{variable} = {value}"), f"{variable} = self.{attribute}({variable})"]
    elif len(whole) + INDENT > WIDTH:
        found = _wrapped(whole)
    commented = f"{found[-1]}  # {comment}"
    if comment and len(commented) + INDENT <= WIDTH:
        found[-1] = commented
    return found


def _wrapped(statement: str, indent: int = INDENT) -> list[str]:
    """A statement of a join on several lines, as a formatter breaks it."""
    if len(statement) + indent <= WIDTH:
        return [statement]
    head, bracket, rest = statement.partition("([")
    if bracket:
        inner, _, tail = rest.rpartition("]")
        one = f"    [{inner}]{tail.rstrip(')')}"
        if len(one) + indent <= WIDTH:
            return [f"{head}(", f"{one}", ")"]
        operands = [f"        {part}," for part in split(inner, ", ")]
        return [f"{head}(", "    [", *operands, "    ],", f"    {tail.strip(', )')},", ")"]
    target, _, value = statement.partition(" = ")
    first, *terms = split(value, " + ")
    return [f"{target} = (", f"    {first}", *(f"    + {term}" for term in terms), ")"]


def joined(join: Join, operands: Sequence[Operand], then: str | None) -> list[str]:
    """``x = self.relu(self.residual(x) + self.shortcut(x))``, in steps where that is too long.

    What a module gives is of any type to a type checker, and a Tensor once it is ``x``.
    """
    last = [*([f"x = self.{then}(x)"] if then else []), "return x"]
    asked = next((operand.asked for operand in operands if operand.asked), None)
    if asked is not None:
        with_it = _combined(join, operands, INDENT + 4)
        without = _combined(join, [operand for operand in operands if not operand.asked], INDENT + 4)
        return [
            f"if self.{asked}:",
            *(f"    {line}" for line in with_it),
            "else:",
            *(f"    {line}" for line in without),
            *last,
        ]
    whole = f"x = self.{then}({_value(join, operands)})"
    if then and len(whole) + INDENT <= WIDTH:
        return [whole, "return x"]
    return [*_combined(join, operands, INDENT), *last]


def _combined(join: Join, operands: Sequence[Operand], indent: int) -> list[str]:
    """Statements that put what a join gives into ``x``."""
    whole = f"x = {_value(join, operands)}"
    if len(whole) + indent <= WIDTH:
        return [whole]
    local = Names(USED)
    named = [(local.identifier(operand.name) if operand.name else operand.call, operand) for operand in operands]
    found = [f"{variable} = {operand.call}" for variable, operand in named if operand.name]
    joined = _value(join, [operand._replace(call=variable) for variable, operand in named])
    return [*found, *_wrapped(f"x = {joined}", indent)]


def _value(join: Join, operands: Sequence[Operand]) -> str:
    if len(operands) == 1:
        return operands[0].call
    return join.combine([operand.call for operand in operands], *(operand.shape for operand in operands))
