"""Values where a step stands: of arguments that depend on a block's parameters and on what enters it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archspec.analysis.inferred import Stopped, Values
from archspec.arguments import Misfit
from archspec.budget import spend
from archspec.diagnostics import Diagnostic
from archspec.expressions import Unfit, evaluate
from archspec.ir.messages import misfits, not_a_number, not_whole, unfit_expression
from archspec.ir.network import Apply, Arg, Block, Instance, Network
from archspec.ir.node import IN
from archspec.ir.walking import passed
from archspec.op import Op
from archspec.support.limits import EVALUATED, NAME


class Settling:
    """Gives arguments their values."""

    _network: Network

    def layer(self, step: Apply, values: Values) -> Op:
        """The op with the values that its arguments have here alone."""
        known = {name: self.value(arg, values) for name, arg in step.args.items()}
        try:
            return step.layer(known)
        except Misfit as misfit:
            settled = {name: arg.replaced(value=known[name]) for name, arg in step.args.items()}
            name, why = next(iter(misfit.problems.items()))
            wrong = next(misfits(step.replaced(args=settled), {name: why}, step.place))
            raise Stopped(_with_values(wrong, settled.get(name), values)) from None

    def arguments(self, step: Instance, block: Block, values: Values, channels: int) -> dict[str, Any]:
        """The parameters of a block at one of its uses: what is given, and the defaults of the others.

        In a default, ``in`` is what enters the block; in what is given, what enters the row of the use.
        """
        found: dict[str, Any] = {}
        inner = {**self._network.parameters, IN: channels}
        spend(NAME * (len(inner) + 10 * len(block.parameters)), step.place)
        for name, arg, default in passed(step, block):
            found[name] = self.value(arg, inner if default else values)
            if isinstance(found[name], str | tuple):
                raise Stopped(not_a_number(step.place, found[name]))
            inner[name] = found[name]
        return found

    def whole(self, arg: Arg, values: Values) -> int:
        """A number of repetitions."""
        value = self.value(arg, values)
        if type(value) is not int:
            found = arg.replaced(value=value)
            raise Stopped(_with_values(not_whole(arg.place, found), found, values))
        return value

    def value(self, arg: Arg, values: Values) -> Any:
        """The value of an argument here."""
        if arg.value is not None or arg.expression is None:
            return arg.value
        spend(EVALUATED * len(str(arg.expression)), arg.place)
        try:
            return evaluate(arg.expression, values)
        except Unfit as unfit:
            raise Stopped(unfit_expression(arg.place, unfit)) from None


def _with_values(wrong: Diagnostic, arg: Arg | None, values: Values) -> Diagnostic:
    """The arithmetic of an argument with what its names stand for here: ``in / r = 2.5, with in = 40, r = 16``."""
    names = sorted(arg.names - {arg.text}) if arg is not None else ()
    known = ", ".join(f"{name} = {values[name]}" for name in names if type(values.get(name)) in (int, float))
    if not known or not wrong.notes:
        return wrong
    return replace(wrong, notes=(f"{wrong.notes[0]}, with {known}", *wrong.notes[1:]))
