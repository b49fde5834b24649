"""Layers and chains: names to ops, arguments to their fields by form, `every` rules, `no`, repeats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any

from archspec import ops
from archspec.arguments import Misfit
from archspec.budget import current, spend
from archspec.diagnostics import Report, Source, Span, has_error
from archspec.elaborate import messages as say
from archspec.elaborate.arguments import number_for_size, read_arguments
from archspec.elaborate.block_messages import no_layer_in
from archspec.elaborate.blocks import Blocks
from archspec.elaborate.brackets import meant
from archspec.elaborate.mending import mended, of_op, of_word
from archspec.elaborate.printed import plainly
from archspec.elaborate.repeats import repeated
from archspec.elaborate.scope import Scope, Wrong
from archspec.elaborate.shortcut import SHORTCUT, projection
from archspec.elaborate.target import Columns, Target, name_of, parameters_of, restates, switch
from archspec.elaborate.words import filled, find_op
from archspec.ir.messages import misfits
from archspec.ir.network import Apply, Arg, Group, Step, When
from archspec.ir.walking import applied, opened
from archspec.language import syntax as s
from archspec.language.messages import FEWER, too_deep
from archspec.language.parse import parse_cell
from archspec.op import Activation, Join, Op
from archspec.support.limits import ARGUMENT, DEEPEST_SYNTAX, LONGEST_LINE, MADE, MISTAKE, NAME, STEP

ARITHMETIC = frozenset({"E0202", "E0204", "E0205", "E0606", "E0611"})
"""What is said of numbers, which do not matter where a step is left out."""


class Layers:
    """Turns chains of syntax into steps of the IR, under the `every` rules of one file."""

    def __init__(self, scope: Scope, report: Report, blocks: Blocks) -> None:
        self.scope = scope
        self.report = report
        self.blocks = blocks
        self.rules: dict[str, s.Chain] = {}
        """Chains by the canonical name of an op, the name of a block, or that of a branch."""
        self.places: dict[str, Span] = {}
        self.unused_rules: dict[str, s.Text] = {}
        self.spoilt: set[str] = set()
        """Targets whose rule is wrong: what stands for them is not known, and no second mistake."""
        self.brackets: s.Brackets | None = None
        self.unclear_brackets = False
        """Whether it is not known what a bracket means: the statement that says it is wrong."""
        self.ignored: dict[str, s.Text] = {}
        """The columns that nothing reads, by their headers in lower case."""
        self.seen: set[str] = set()
        """Those of them that a table has."""
        self.made: tuple[str, int] | None = None
        """The cell of the row that is read, and the channels that the row prints as its output, if it does."""
        self.may_lack = False
        """Whether an argument that a layer needs may stand in a column that means nothing, which is said."""
        self.trying = False
        """Whether what is read is a suggestion, for which none is made again."""

    def inside(self, scope: Scope) -> Layers:
        """The same rules over another scope: that of a block."""
        inner = copy(self)
        inner.scope = scope
        return inner

    def add_rule(self, every: s.Every) -> None:
        """Keep an `every` rule; its chain must hold what it is for, once."""
        spend(STEP * (1 + len(every.chain)), every.span)
        name = self.canonical(every.op.text)
        plain = plainly(every.chain, self)
        if plain is None:
            self.spoil(every.op.text)
            return
        every = every.replaced(chain=plain)
        if name is None:
            if not self.blocks.missing:
                more = self.blocks.branches
                word, mend = every.op.text, of_word(every.op.text, self, more)
                self.report.add(say.unknown_op(every.op.span, word, self.blocks.names, mend))
            return
        if name in self.rules:
            self.report.add(say.second_rule(every.op.span, name, self.places[name]))
        self.spoilt.add(name)
        found = [self._rule_step(step, name) for step in every.chain]
        for step in every.chain:
            op = step.unit.op if isinstance(step.unit, s.Layer) else None
            if op is not None and op.text != name and self.target(step.unit) is None:
                self.report.add(say.unknown_op(op.span, op.text, self.blocks.names, of_word(op.text, self)))
                return
        if None in found or found.count(name) != 1:
            others = {} if {None, name} & {*found} else dict.fromkeys(step.span.text for step in every.chain)
            self.report.add(say.rule_without_op(every.span, name, [*others]))
            return
        self.spoilt.remove(name)
        self.rules[name], self.places[name] = every.chain, every.op.span
        self.unused_rules[name] = every.op

    def spoil(self, name: str) -> None:
        """Note that the rule for a layer, a block or a branch is wrong."""
        self.spoilt.add(self.canonical(name) or name)

    def chain(self, chain: s.Chain, columns: Columns = {}) -> tuple[Step, ...] | None:
        """The steps of a chain, or None where one of them could not be understood."""
        plain = plainly(chain, self, columns.keys())
        return None if plain is None else self.plain_chain(plain, columns)

    def plain_chain(self, chain: s.Chain, columns: Columns = {}) -> tuple[Step, ...] | None:
        """The same of a chain that is in the forms of the language already."""
        if chain and self.blocks.depth > DEEPEST_SYNTAX:
            self.report.add(too_deep(chain[0].span, FEWER))
            return None
        if chain:
            spend(STEP * len(chain), chain[0].span)
        owners = self._owners(chain, columns)
        if owners is None:
            return None  # which step lacks the argument is not known
        self.blocks.depth += 1
        steps = [self._step(step, owners.get(i, {})) for i, step in enumerate(chain)]
        self.blocks.depth -= 1
        return None if None in steps else tuple(step for found in steps if found for step in found)

    def branch(self, name: str, steps: tuple[Step, ...]) -> tuple[Step, ...] | None:
        """The steps of a branch under the rule for branches of its name, if there is one.

        A branch that drops out of its join takes its rule along.
        """
        self.unused_rules.pop(name, None)
        if not steps:
            return ()
        only = steps[0]
        if len(steps) == 1 and isinstance(only, When) and not only.bypass:
            ruled = self.branch(name, only.steps)
            return None if ruled is None else (only.replaced(steps=ruled),)
        if name in self.spoilt or name not in self.rules:
            return None if name in self.spoilt else steps
        found: list[Step] = []
        for step in self.rules[name]:
            unit = step.unit
            assert isinstance(unit, s.Layer)
            own = unit.op is not None and unit.op.text == name
            made = steps if own else self._wrapped(step, self._plain(unit), kept=False)
            if made is None:
                return None
            found += made
        return tuple(found)

    def whole(self, expr: s.Expr) -> Arg | None:
        """An expression as a whole number, or None where it is none, which is reported."""
        try:
            return self.scope.whole(expr)
        except Wrong as wrong:
            self.report.add(wrong.diagnostic)
            return None

    def target(self, layer: Any) -> Target | None:
        """What a layer of syntax names: a block, or an op by its name, its short form or, without a name, its shape."""
        if not isinstance(layer, s.Layer):
            return None
        if layer.op is None:
            return ops.nameless()
        word = self._word(layer.op.text)
        return self.blocks.find(word) or find_op(word)

    def activations(self, op: type[Op]) -> list[str]:
        """The non-linearities that follow a layer under its rule, by name."""
        return [found.spelled() for found in self._after(op) if issubclass(found, Activation)]

    def beside(self, op: type[Op]) -> list[str]:
        """What a projection leaves out of the rule: what comes before the layer, and the non-linearities after it."""
        chain = [self.target(step.unit) for step in self.rules.get(op.spelled(), ())]
        before = chain[: chain.index(op)] if op in chain else []
        return [name_of(found) for found in before if found] + self.activations(op)

    def reads(self, text: str) -> bool:
        """Whether a cell of this text could be read in the place of one that is wrong."""
        budget = current()
        if self.trying or len(text) > LONGEST_LINE or (budget is not None and not budget.may_suggest()):
            return False
        apart = copy(self)
        apart.report, apart.trying = Report(), True
        apart.blocks = self.blocks.reporting_to(apart.report)
        whole = Source("a suggestion", text).at(0, len(text))
        chain = parse_cell(s.Cell(whole, text), "chain", apart.report)
        return chain is not None and apart.chain(chain) is not None and not apart.report.failed

    def _after(self, op: type[Op]) -> list[type[Op]]:
        chain = [self.target(step.unit) for step in self.rules.get(op.spelled(), ())]
        after = chain[chain.index(op) + 1 :] if op in chain else []
        return [found for found in after if isinstance(found, type)]

    def canonical(self, word: str) -> str | None:
        """The name of the layer, the block or the branch that a word means; None where it means none."""
        found = self.blocks.find(word) or ops.find(word)
        if found is not None:
            return name_of(found)
        return word if word in self.blocks.branches else None

    def _rule_step(self, step: s.Step, target: str) -> str | None:
        """The name of one step of a rule: of the rule's target, of a layer or of a block."""
        if not isinstance(step.unit, s.Layer):
            return None
        if step.unit.op is not None and step.unit.op.text == target:
            return target if step.times is None and step.condition is None else None
        found = self.target(step.unit)
        return name_of(found) if found is not None else None

    def _word(self, word: str) -> str:
        """A word, or what a parameter of that name stands for: ``nl`` for ``hard-swish``."""
        known = self.scope.args.get(word)
        if known is None or not isinstance(known.value, str):
            return word
        self.scope.used.add(word)
        self.scope.structural |= known.names
        return known.value

    def _owners(self, chain: s.Chain, columns: Columns) -> dict[int, Columns] | None:
        """Which step takes which column: the one step whose op has an argument of that name; None if several do."""
        if not columns:
            return {}
        owners: dict[int, dict[str, s.Named]] = {}
        ambiguous = False
        taking: dict[str, list[int]] = {}
        for i, step in enumerate(chain):
            names = parameters_of(self.target(step.unit))
            spend(NAME * len(names), step.span)
            for name in names:
                taking.setdefault(name, []).append(i)
        for name, arg in columns.items():
            takers = taking.get(name, [])
            if len(takers) > 1:  # one that only says it again leaves it to one that needs it
                takers = [i for i in takers if not restates(self.target(chain[i].unit), name)] or takers
            if len(takers) == 1:
                owners.setdefault(takers[0], {})[name] = arg
            elif all(self.target(step.unit) or isinstance(step.unit, s.Bracket) for step in chain):
                self.report.add(say.column_without_taker(arg.span, name, len(takers)))
                ambiguous |= len(takers) > 1
        return None if ambiguous else dict(owners)

    def _step(self, step: s.Step, columns: Columns) -> tuple[Step, ...] | None:
        if step.condition is not None and (failing := self.failing(step.condition)):
            return self._left_out(step, failing, columns)
        unit = step.unit
        if isinstance(unit, s.Bracket):
            if self.unclear_brackets:
                return None
            unit = meant(unit, self)
        steps = self.plain_chain(unit.chain) if isinstance(unit, s.Bracket) else self._layer(unit, columns)
        if step.times is not None and isinstance(unit, s.Layer) and steps:
            steps = steps if self._repeatable(unit, step.times, steps) else None
        return self._wrapped(step, steps)

    def _repeatable(self, layer: s.Layer, times: s.Expr, steps: Sequence[Step]) -> bool:
        """Whether `x N` behind a layer can only be a repetition; `upsample x 2` may be meant as its factor."""
        op = self.target(layer)
        name = op.written_to_repeat if isinstance(op, type) else None
        found = next((apply for apply in applied(steps) if apply.kind_of_layer is op), None) if name else None
        if found is None or name in found.args:
            return True
        default, more = found.kind_of_layer.arguments[name or ""].default, [arg.span.text for arg in layer.args]
        at = layer.span.to(times.span)
        self.report.add(say.factor_or_repetition(at, found.op, name or "", times.span.text, default, more))
        return False

    def failing(self, condition: s.Condition) -> Arg | None:
        """A condition that is known not to hold; what is wrong with one is said where it is read."""
        try:
            found = self.scope.expression(condition)
        except Wrong:
            return None
        return found if found.value is False else None

    def _left_out(self, step: s.Step, failing: Arg, columns: Columns) -> tuple[Step, ...] | None:
        """A step whose condition does not hold: its words must mean something, and its arithmetic need not come out.

        Where it does, the step is kept under its condition, which other numbers of parameters may turn.
        """
        apart = copy(self)
        apart.report = Report()
        found = apart._step(step.replaced(condition=None), columns)
        wrong = [diagnostic for diagnostic in apart.report if diagnostic.code not in ARITHMETIC]
        for diagnostic in wrong:
            self.report.add(diagnostic)
        if found and not has_error(apart.report) and self._may_turn(failing, found):
            return (When(condition=failing, steps=found, bypass=step.bypass, span=step.span),)
        self.scope.structural |= failing.names
        return None if found is None and has_error(wrong) else ()

    def _may_turn(self, condition: Arg, steps: Sequence[Step]) -> bool:
        """Whether a condition stays one in the network: it is known by numbers of parameters, and not around a join."""
        values = (known.value for name in condition.names if (known := self.scope.args.get(name)) is not None)
        first, _ = opened(steps)
        joins = first is not None and issubclass(first.kind_of_layer, Join)
        return not joins and bool(condition.names) and all(type(value) in (int, float, type(None)) for value in values)

    def _wrapped(self, step: s.Step, steps: tuple[Step, ...] | None, kept: bool = True) -> tuple[Step, ...] | None:
        """Steps under the repetition and the condition that were written after them.

        A condition of a rule that is known is not ``kept``: what it says is one module with the rest of the rule.
        """
        times = self.whole(step.times) if step.times else None
        if step.times and steps:
            steps = repeated(steps, times, step.span, self, self.blocks) if times else None
        if step.condition is None:
            return steps
        try:
            condition = self.scope.expression(step.condition)
        except Wrong as wrong:
            self.report.add(wrong.diagnostic)
            return None
        if condition.value is None or steps is None:
            return steps and (When(condition=condition, steps=steps, bypass=step.bypass, span=step.span),)
        if condition.expression is not None:
            self.scope.record.decides(condition.expression)
        if steps and kept and self._may_turn(condition, steps):
            return (When(condition=condition, steps=steps, bypass=step.bypass, span=step.span),)
        self.scope.structural |= condition.names
        return steps if condition.value else ()

    def _layer(self, layer: s.Layer, columns: Columns) -> tuple[Step, ...] | None:
        if layer.op is not None and layer.op.text == SHORTCUT:
            chain = projection(layer, self)
            return self.chain(chain) if chain is not None else None
        target = self.target(layer)
        if target is None:
            assert layer.op is not None
            spend(MISTAKE, layer.span)
            known = self.scope.args.get(layer.op.text)
            if known is not None:
                self.report.add(no_layer_in(layer.op.span, layer.op.text, known.value))
            elif not self.blocks.missing and layer.op.text not in self.blocks.broken:
                mend = of_op(layer, self, [SHORTCUT])
                self.report.add(say.unknown_op(layer.op.span, layer.op.text, self.blocks.names, mend))
            return None
        name = name_of(target)
        args = [*layer.args, *columns.values()]
        left_out = [a for a in args if isinstance(a, s.Without) and not switch(target, a.name)]
        without = set(map(id, left_out))
        use = [*self.short(layer, target), *(a for a in args if id(a) not in without)]
        parts = [*self._parts(target, name, use, layer.span)]
        if name in self.spoilt:
            return None
        for arg in left_out:
            spend(NAME * len(parts), arg.span)
            gone = self.canonical(arg.name)
            kept = [part for part in parts if gone is None or part[0] != gone]
            if len(kept) == len(parts) or gone == name:
                self.report.add(say.nothing_to_leave_out(arg.span, arg.name, self.choices(target)))
            parts = kept
        if any(steps is None for _, steps in parts):
            return None
        whole = tuple(step for _, steps in parts for step in steps or ())
        return whole if len(whole) < 2 else (Group(rule=name, steps=whole, span=layer.span),)

    def _parts(
        self, target: Target, name: str, use: list[s.Arg], span: Span
    ) -> Iterator[tuple[str, tuple[Step, ...] | None]]:
        """What a use stands for, step by step, each with its name; the arguments of the use overrule the rule's."""
        chain = self.rules.get(name)
        self.unused_rules.pop(name, None)
        if chain is None:
            yield name, self._made(target, [use], span)
        for step in chain or ():
            assert isinstance(step.unit, s.Layer)
            found = self.target(step.unit)
            if found is target:
                ruled = [*self.short(step.unit, found), *step.unit.args]
                yield name, self._made(target, [ruled, use], span)
            elif found is not None:
                yield name_of(found), self._wrapped(step, self._plain(step.unit, span), kept=False)

    def _plain(self, layer: s.Layer, span: Span | None = None) -> tuple[Step, ...] | None:
        """A layer as it stands, without a rule of its own: a step of a rule."""
        found = self.target(layer)
        assert found is not None
        return self._made(found, [[*self.short(layer, found), *layer.args]], span or layer.span)

    def _made(self, target: Target, batches: list[list[s.Arg]], span: Span) -> tuple[Step, ...] | None:
        """One op or one use of a block with its arguments, the later batches overruling the earlier."""
        args: dict[str, Arg] = {}
        given = [arg for batch in batches for arg in batch]
        spend(MADE + ARGUMENT * len(given), span)
        if isinstance(target, type) and (wrong := number_for_size(target, given, self)):
            if not self.may_lack:
                self.report.add(wrong)
            return None
        for batch in batches:
            read = read_arguments(target, batch, span, self)
            if read is None:
                return None
            args |= read
        if not isinstance(target, type):
            return self.blocks.use(target, args, span, self)
        apply = Apply(op=target.spelled(), args=args, span=span)
        return (apply,) if self._fits(apply, batches[-1], span) else None

    def choices(self, target: Target) -> list[str]:
        """What a use may be without: the other steps of its rule, and its switches."""
        spend(STEP * len(self.rules.get(name_of(target), ())))
        switches = [name for name in parameters_of(target) if switch(target, name)]
        chain = self.rules.get(name_of(target), ())
        found = [self.target(step.unit) for step in chain]
        return [name_of(x) for x in found if x is not None and x is not target] + switches

    def short(self, layer: s.Layer, target: Target) -> list[s.Arg]:
        """The arguments inside a short form: 3 and 64 in ``conv3-64``, ``classes`` in ``FC-classes``."""
        if layer.op is None or not isinstance(target, type) or ops.find(self._word(layer.op.text)) is target:
            return []
        return [*filled(layer.op, target)]

    def _fits(self, apply: Apply, args: list[s.Arg], span: Span) -> bool:
        """Whether the op accepts the arguments that are known; reports each that it does not."""
        self.scope.record.checked(apply)
        known = {name: arg.value for name, arg in apply.args.items() if arg.value is not None}
        try:
            if len(known) < len(apply.args):
                apply.layer(known)
            else:
                _ = apply.own  # which is asked for again
        except Misfit as misfit:
            wrong = {name: why for name, why in misfit.problems.items() if name in known or name not in apply.args}
            told = {name: why for name, why in wrong.items() if name in apply.args or not self.may_lack}
            said = [*misfits(apply, told, span)]
            for diagnostic in mended(said, span, apply.kind_of_layer, args, self):
                self.report.add(diagnostic)
            return not wrong
        return True
