"""Layers and chains: names to ops, arguments to their fields by form, `every` rules, `no`, repeats."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from archspec import ops
from archspec import syntax as s
from archspec.arguments import Misfit
from archspec.diagnostics import Report, Span
from archspec.elaborate import messages as say
from archspec.elaborate.scope import Scope, Wrong
from archspec.ir import Apply, Arg, Group, Repeat, Step
from archspec.op import Op
from archspec.parse import number_of, text_of

Columns = Mapping[str, s.Named]
"""Arguments from the columns of a row, by name."""


class Layers:
    """Turns chains of syntax into steps of the IR, under the `every` rules of one network."""

    def __init__(self, scope: Scope, report: Report) -> None:
        self.scope = scope
        self.report = report
        self.rules: dict[str, s.Chain] = {}
        self.places: dict[str, Span] = {}
        self.unused_rules: dict[str, s.Text] = {}
        self.spoilt: set[str] = set()
        """Ops whose rule is wrong: what stands for them is not known, and no second mistake."""

    def add_rule(self, every: s.Every) -> None:
        """Keep an `every` rule; its chain must hold the op itself, once."""
        op = ops.find(every.op.text)
        if op is None:
            self.report.add(say.unknown_op(every.op.span, every.op.text))
            return
        name = op.spelled()
        if name in self.rules:
            self.report.add(say.second_rule(every.op.span, name, self.places[name]))
        self.spoil(name)
        found = [_find(step.unit) if step.times is None else None for step in every.chain]
        for step in every.chain:
            if isinstance(step.unit, s.Layer) and step.unit.op and _find(step.unit) is None:
                self.report.add(say.unknown_op(step.unit.op.span, step.unit.op.text))
                return
        if None in found or found.count(op) != 1:
            self.report.add(say.rule_without_op(every.span, name))
            return
        self.spoilt.remove(name)
        self.rules[name], self.places[name] = every.chain, every.op.span
        self.unused_rules[name] = every.op

    def spoil(self, name: str) -> None:
        """Note that the rule for a layer is wrong."""
        op = ops.find(name)
        if op is not None:
            self.spoilt.add(op.spelled())

    def chain(self, chain: s.Chain, columns: Columns = {}) -> tuple[Step, ...] | None:
        """The steps of a chain, or None where one of them could not be understood."""
        owners = self._owners(chain, columns)
        steps = [self._step(step, owners.get(i, {})) for i, step in enumerate(chain)]
        return None if None in steps else tuple(step for found in steps if found for step in found)

    def whole(self, expr: s.Expr) -> Arg | None:
        """An expression as a whole number, or None where it is none, which is reported."""
        try:
            return self.scope.whole(expr)
        except Wrong as wrong:
            self.report.add(wrong.diagnostic)
            return None

    def _owners(self, chain: s.Chain, columns: Columns) -> dict[int, Columns]:
        """Which step takes which column: the one step whose op has an argument of that name."""
        owners: dict[int, dict[str, s.Named]] = {}
        for name, arg in columns.items():
            takers = [i for i, step in enumerate(chain) if _takes(step, name)]
            if len(takers) == 1:
                owners.setdefault(takers[0], {})[name] = arg
            else:
                self.report.add(say.column_without_taker(arg.span, name, len(takers)))
        return dict(owners)

    def _step(self, step: s.Step, columns: Columns) -> tuple[Step, ...] | None:
        times = self.whole(step.times) if step.times else None
        inside = step.unit
        steps = self.chain(inside.chain) if isinstance(inside, s.Bracket) else self._layer(inside, columns)
        if not step.times or not steps:
            return steps
        return repeated(steps, times, step.span, self.report) if times else None

    def _layer(self, layer: s.Layer, columns: Columns) -> tuple[Step, ...] | None:
        op = _find(layer)
        if op is None:
            assert layer.op is not None
            self.report.add(say.unknown_op(layer.op.span, layer.op.text))
            return None
        args = [*layer.args, *columns.values()]
        left_out = [a for a in args if isinstance(a, s.Without) and not _switch(op, a.name)]
        use = [*self._short(layer, op), *(a for a in args if a not in left_out)]
        steps = [self._apply(part, batches, layer.span) for part, batches in self._parts(op, use)]
        if op.spelled() in self.spoilt:
            return None
        for arg in left_out:
            gone = ops.find(arg.name)
            kept = [step for step in steps if step is None or gone is None or step.op != gone.spelled()]
            if len(kept) == len(steps) or gone is op:
                self.report.add(say.nothing_to_leave_out(arg.span, arg.name, self._choices(op)))
            steps = kept
        if None in steps:
            return None
        whole = tuple(step for step in steps if step is not None)
        return whole if len(whole) < 2 else (Group(rule=op.spelled(), steps=whole, span=layer.span),)

    def _parts(self, op: type[Op], use: list[s.Arg]) -> Iterator[tuple[type[Op], list[list[s.Arg]]]]:
        """The ops that a use stands for, each with its arguments; those of the use overrule those of the rule."""
        chain = self.rules.get(op.spelled())
        self.unused_rules.pop(op.spelled(), None)
        if chain is None:
            yield op, [use]
        for step in chain or ():
            assert isinstance(step.unit, s.Layer)
            found = _find(step.unit)
            assert found is not None
            ruled = [*self._short(step.unit, found), *step.unit.args]
            yield found, [ruled, use] if found is op else [ruled]

    def _choices(self, op: type[Op]) -> list[str]:
        switches = [name for name in op.arguments if _switch(op, name)]
        chain = self.rules.get(op.spelled(), ())
        return [found.spelled() for step in chain if (found := _find(step.unit)) and found is not op] + switches

    def _apply(self, op: type[Op], batches: list[list[s.Arg]], span: Span) -> Apply | None:
        """One op with its arguments, the later batches overruling the earlier; None where one is wrong."""
        args: dict[str, Arg] = {}
        for batch in batches:
            read = self._arguments(op, batch)
            if read is None:
                return None
            args |= read
        apply = Apply(op=op.spelled(), args=args, span=span)
        return apply if self._fits(apply, span) else None

    def _short(self, layer: s.Layer, op: type[Op]) -> list[s.Arg]:
        """The arguments inside a short form: 3 and 64 in ``conv3-64``, ``classes`` in ``FC-classes``."""
        if layer.op is None or ops.find(layer.op.text) is op:
            return []
        match = SHORT.fullmatch(layer.op.text)
        assert match is not None
        numbers = [(match[group], match.span(group)) for group in ("tail", "middle") if match[group]]
        found: list[s.Arg] = []
        for name, (text, (start, end)) in zip(op.short, numbers, strict=False):
            at = layer.op.span.within(start, end)
            value: s.Value
            if "x" in text and text[0].isdecimal():
                value = s.Size(at, tuple(s.Number(at, number_of(n)) for n in text.split("x")))
            else:
                value = s.Number(at, number_of(text)) if text.isdecimal() else s.Name(at, text)
            found.append(s.Named(at, name, at, value))
        return found

    def _arguments(self, op: type[Op], args: list[s.Arg]) -> dict[str, Arg] | None:
        """Arguments by the names of the op's fields; None where one is wrong."""
        found: dict[str, Arg] = {}
        failed = False
        for arg in args:
            try:
                name, value = self._argument(op, arg, found)
                if name in found:
                    raise Wrong(say.given_twice(arg.span, name, found[name].place))
                found[name] = value
            except Wrong as wrong:
                self.report.add(wrong.diagnostic)
                failed = True
        return None if failed else found

    def _argument(self, op: type[Op], arg: s.Arg, found: Mapping[str, Arg]) -> tuple[str, Arg]:
        fields = op.arguments
        if isinstance(arg, s.Without):
            if not _switch(op, arg.name):
                raise Wrong(say.nothing_to_leave_out(arg.span, arg.name, self._choices(op)))
            return arg.name, Arg(value=False, span=arg.span)
        if isinstance(arg, s.Named):
            if arg.name not in fields:
                raise Wrong(say.unknown_argument(arg.name_span, op.spelled(), arg.name, fields))
            return arg.name, self._typed(op, arg.name, arg.value)
        if isinstance(arg, s.Stride):
            if "stride" not in fields:
                raise Wrong(say.no_such_form(arg.span, op.spelled(), "stride", fields))
            return "stride", self._typed(op, "stride", arg.value)
        if isinstance(arg.value, s.Name) and not self.scope.knows(arg.value) and _switch(op, arg.value.id):
            return arg.value.id, Arg(value=True, span=arg.span)
        word = text_of(arg.span)
        if isinstance(arg.value, s.Name | s.Binary) and not self.scope.knows(arg.value) and ops.find(word):
            raise Wrong(say.layer_as_argument(arg.span, op.spelled(), word))
        if isinstance(arg.value, s.Name):
            self.scope.lookup(arg.value)
        value = self.scope.value(arg.value)
        free = [op.sized] if isinstance(value.value, tuple) else [name for name in op.bare if name not in found]
        if not free or free[0] is None:
            form, any_ = ("size", op.sized) if isinstance(value.value, tuple) else ("number", op.bare)
            raise Wrong(say.no_such_form(arg.span, op.spelled(), form, fields, bool(any_), op.sized))
        return free[0], value

    def _typed(self, op: type[Op], name: str, value: s.Value) -> Arg:
        if isinstance(value, s.Name) and not self.scope.knows(value) and not _words(op, name):
            self.scope.lookup(value)
        return self.scope.value(value)

    def _fits(self, apply: Apply, span: Span) -> bool:
        """Whether the op accepts its arguments; reports each that it does not."""
        try:
            apply.layer()
        except Misfit as misfit:
            for name, expected in misfit.problems.items():
                arg = apply.args.get(name)
                if arg is None:
                    self.report.add(say.missing_argument(span, apply.op, name, expected))
                else:
                    self.report.add(say.wrong_argument(arg.place or span, apply.op, name, arg, expected))
            return False
        return True


SHORT = re.compile(r"(?P<name>[^\W\d]+(?:-[^\W\d]+)*?)(?P<middle>\d+(?:x\d+)?)?-(?P<tail>\d+|[^\W\d]\w*)")


def repeated(steps: tuple[Step, ...], times: Arg, span: Span, report: Report) -> tuple[Step, ...] | None:
    """Steps under a repetition; a written stride stays in the first one alone, as in every paper that prints one."""
    if not isinstance(times.value, int) or times.value < 1:
        report.add(say.no_repetition(times.place or span, times))
        return None
    if times.value == 1 and times.text is None:
        return steps
    later = tuple(_without_stride(step) for step in steps)
    first = steps if later != steps else None
    return (Repeat(times=times, steps=later, first=first, span=span),)


def _without_stride(step: Step) -> Step:
    if isinstance(step, Apply):
        found = ops.find(step.op)
        if "stride" not in step.args or (found and found.keeps_stride):
            return step
        return replace(step, args=step.args | {"stride": Arg(value=1, span=step.args["stride"].span)})
    if isinstance(step, Repeat):
        return replace(step, first=None)  # its other repetitions have no stride already
    return replace(step, steps=tuple(_without_stride(inner) for inner in step.steps))


def _find(layer: Any) -> type[Op] | None:
    """The op of a layer of syntax, by its name, its short form or, without a name, its shape."""
    if not isinstance(layer, s.Layer):
        return None
    return ops.nameless() if layer.op is None else find_op(layer.op.text)


@cache
def find_op(word: str) -> type[Op] | None:
    """The op that a word means: ``conv``, ``soft-max``, ``conv3-64``, ``FC-4096``, ``FC-classes``."""
    op = ops.find(word)
    match = SHORT.fullmatch(word)
    if op is None and match:
        short = ops.find(match["name"])
        filled = 2 if match["middle"] else 1
        op = short if short and len(short.short) == filled else None
    return op


def _takes(step: s.Step, name: str) -> bool:
    op = _find(step.unit)
    return op is not None and name in op.arguments


def _switch(op: type[Op], name: str) -> bool:
    return name in op.arguments and op.arguments[name].is_switch


def _words(op: type[Op], name: str) -> bool:
    """Whether an argument takes words at all, such as `pad=same`, or truth values."""
    return bool(op.arguments[name].words) or op.arguments[name].is_switch
