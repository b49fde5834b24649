"""A network with the values of some parameters in the place of their names, and steps without what they do not need."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from archspec.expressions import (
    Choice,
    Comparison,
    Expression,
    Logic,
    Name,
    Negation,
    Number,
    Quoted,
    Size,
    Truth,
    Unfit,
    constant,
    evaluate,
    rebuilt,
)
from archspec.ir.network import Apply, Arg, Block, Group, Instance, Repeat, Step, When
from archspec.ir.node import Value
from archspec.ir.rewriting import Rewriting


class Settling(Rewriting):
    """Puts the values of parameters in the place of their names, and takes away what is no step of its own."""

    def __init__(self, settled: Mapping[str, Value], values: Mapping[str, Value]) -> None:
        self._settled, self._values = settled, values
        """Those whose names go, and all that have a value."""

    def block(self, block: Block) -> Block:
        """A block, whose parameters hide those of the network."""
        named = (
            {n: v for n, v in known.items() if n not in block.parameters} for known in (self._settled, self._values)
        )
        return Rewriting.block(Settling(*named), block)

    def steps(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """A chain, in which a group of one, a repetition once and a condition that holds are the steps inside."""
        made: list[Step] = []
        for step in super().steps(steps):
            once = isinstance(step, Repeat) and step.times.expression is None and step.times.value == 1
            if isinstance(step, Repeat) and once:
                made += step.first or step.steps
            elif isinstance(step, Group) and len(step.steps) == 1:
                made += step.steps
            elif isinstance(step, When) and self._is_settled(step):
                made += step.steps if step.condition.value else ()
            else:
                made.append(step)
        return (
            steps if len(made) == len(steps) and all(a is b for a, b in zip(made, steps, strict=True)) else tuple(made)
        )

    def _is_settled(self, step: When) -> bool:
        """Whether a condition has a value that no number turns; one of a shortcut that fails says what is there."""
        open_ = [type(self._values.get(name)) in (int, float) for name in step.condition.names]
        value = step.condition.value
        return (bool(value) or (value is False and not step.bypass)) and not any(open_)

    def condition(self, arg: Arg) -> Arg:
        return self._said(arg)

    def layer(self, step: Apply | Instance) -> Apply | Instance:
        return self.with_(step, args=self.values_of(step.args, self.argument)) if step.mentions else step

    def argument(self, arg: Arg) -> Arg:
        """An argument with the value that its expression has everywhere, which JSON may leave out."""
        arg = self._said(arg)
        if arg.value is None and arg.names <= self._values.keys():
            with suppress(Unfit):
                return arg.replaced(value=evaluate(arg.expression, self._values)) if arg.expression else arg
        return arg

    def _said(self, arg: Arg) -> Arg:
        made = folded(self._expression(arg.expression)) if arg.expression is not None else None
        if made is None or made == arg.expression:
            return arg
        if made.names or arg.value is not None:
            return arg.replaced(expression=made if made.names else None)
        with suppress(Unfit):
            return arg.replaced(expression=None, value=evaluate(made, {}))
        return arg

    def _expression(self, given: Expression) -> Expression:
        if isinstance(given, Name):
            return _constant(self._settled[given.id]) if given.id in self._settled else given
        return rebuilt(given, self._expression)


def folded(given: Expression) -> Expression:
    """An expression without comparisons of words, which are known, and without what is decided by them."""
    made = rebuilt(given, folded)
    if isinstance(made, Comparison) and isinstance(made.left, Quoted) and isinstance(made.right, Quoted):
        return Truth(bool(evaluate(made, {})))
    if isinstance(made, Negation) and isinstance(made.inner, Truth):
        return Truth(not made.inner.value)
    if isinstance(made, Choice) and isinstance(made.condition, Truth):
        return made.yes if made.condition.value else made.no
    if isinstance(made, Logic):
        known = [side for side in (made.left, made.right) if isinstance(side, Truth)]
        deciding = next((side for side in known if side.value == (made.operator == "or")), None)
        open_ = [side for side in (made.left, made.right) if side not in known]
        if known:
            return deciding or (open_ or known)[0]
    return made


def _constant(value: Value) -> Expression:
    return Size(tuple(map(Number, value))) if isinstance(value, tuple) else constant(value)
