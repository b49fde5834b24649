"""Steps to items: the ops of a network run on symbols along its rows, and along the bodies of its blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from archspec.analysis.inferred import Key
from archspec.arguments import Misfit
from archspec.budget import spend
from archspec.expressions import Expression, Truth, Unfit
from archspec.expressions.code import integral
from archspec.expressions.polynomial import TooLong
from archspec.expressions.symbols import Ledger, Symbol
from archspec.ir import network as ir
from archspec.ir.node import IN
from archspec.ir.walking import as_bypass, conditions_of, inputs_of, is_left, joined_conditions
from archspec.op import Join, Refused
from archspec.support.limits import EMITTED
from archspec.targets.torch.bindings import Bindings, Decides, passed_to
from archspec.targets.torch.conditional import Guarded, under
from archspec.targets.torch.decisions import Decisions
from archspec.targets.torch.forks import Walked, fork_of
from archspec.targets.torch.influence import NOTHING, Reach, note_use
from archspec.targets.torch.items import Branch, Graph, Item, Leaf, Made, Node, Placed, Ruled, UsedClass, settled
from archspec.targets.torch.leaves import joined, named, needs_of, ops_of, ruled
from archspec.targets.torch.places import Place, bare, plain
from archspec.targets.torch.runs import Runs

Find = Callable[[Placed], UsedClass]
"""The class that one use of a block is an object of."""


class Walk:
    """Runs the ops on symbols and gathers the torch modules, for one class."""

    def __init__(
        self,
        network: ir.Network,
        values: Mapping[str, Any],
        ledger: Ledger,
        taken: frozenset[str],
        find: Find,
        place: int,
        fixed: bool,
        reach: Reach = {},
        hidden: Mapping[str, frozenset[str]] = {},
        closed: frozenset[str] = NOTHING,
        outer: Mapping[str, Any] | None = None,
        asked: frozenset[Expression] = frozenset(),
    ) -> None:
        self._network, self._values, self._ledger, self._taken, self._find = network, values, ledger, taken, find
        self._outer = values if outer is None else outer
        """The values of the network's parameters, which blocks may use without being given them."""
        self._here = Decisions(values, fixed, reach, hidden, closed, asked)
        self._place, self._closed = place, closed
        """That of the network in the file."""
        self.uses: dict[Key, dict[str, frozenset[str]]] = {}
        """Every use of a block: the names that its parameters and `in` depend on."""
        self._supposing = False
        """Whether the steps are not taken here, so that no use of a block is one of the network's."""

    @property
    def chosen(self) -> frozenset[Expression]:
        """The conditions on which widths in the code hang."""
        return frozenset(self._here.chosen)

    def steps(self, steps: Sequence[ir.Step], at: Place, names: Bindings | None = None) -> tuple[list[Item], Place]:
        """The items of steps, and what comes out; ``in`` is what enters the first of them."""
        names = names or self._names(at)
        items: list[Item] = []
        for step in joined_conditions(steps):
            spend(EMITTED, step.place)
            found, at = self._step(step, at, names)
            items += found
        return items, at

    def _names(self, at: Place) -> Bindings:
        return Bindings({**self._values, IN: at.shape.channels}, self._ledger)

    def _step(self, step: ir.Step, at: Place, names: Bindings) -> tuple[list[Item], Place]:
        match step:
            case ir.Apply():
                return self._apply(step, [at], names)
            case ir.Group():
                items, at = self.steps(step.steps, at, names)
                return [ruled(step, items)] if all(isinstance(item, Leaf) for item in items) else items, at
            case ir.Repeat():
                return self._repeats(step, at, names)
            case ir.When():
                return self._when(step, at, names)
            case ir.Instance():
                return self._instance(step, at, names)
            case ir.Branches():
                return self._fork(step, at)
            case ir.Graph():
                nodes, ends = self.rows(step.rows, at)
                return [Graph(nodes)], ends

    def rows(self, rows: Sequence[ir.Row], at: Place, shared: frozenset[str] = frozenset()) -> tuple[list[Node], Place]:
        """Named rows as nodes; nothing writes over what a row gives that others take too, or that is ``shared``."""
        taken = shared.union(*(row.sources for row in rows))
        places = {IN: at._replace(fresh=False)}
        if IN in taken:
            at = places[IN]
        nodes: list[Node] = []
        for row in rows:
            spend(EMITTED, row.place)
            inputs = inputs_of(row, places, at)
            join, rest, entry = joined(row, inputs, self._names(inputs[0]), self._here)
            items, at = self.steps(rest, entry)
            at = at._replace(fresh=at.fresh and row.layer not in taken)
            places[row.layer] = at
            shapes = tuple(bare(place.shape) for place in inputs)
            needs = needs_of(join, [place.shape for place in inputs], self._ledger) if join else ()
            nodes.append(Node(row.layer, row.sources, join, shapes, items, at.shape, needs))
        return nodes, at

    def _apply(self, step: ir.Apply, at: Sequence[Place], names: Bindings) -> tuple[list[Item], Place]:
        shapes = [place.shape for place in at]
        known, shaping, op = ops_of(step, names, self._here)
        if self._supposing:
            known.check(*map(bare, shapes))
        calls = [named(call, at[0].fresh, self._taken) for call in op.torch(*shapes)]
        y = shaping.infer(*shapes)
        shaping.restated(y)  # which notes for what numbers the code is right
        gives = y.channels if isinstance(y.channels, Symbol) and not integral(y.channels.polynomial.tree) else None
        needs = needs_of(op, shapes, self._ledger)
        end = Place(plain(y), fresh=op.known and not op.in_place)
        return [Leaf(op, call, gives=gives, needs=needs) for call in calls], end

    def _repeats(self, step: ir.Repeat, at: Place, names: Bindings) -> tuple[list[Item], Place]:
        times = names.symbol(step.times, names.number(step.times), int)
        items: list[Item] = []
        for count, body in step.runs(times):
            runs = Runs(partial(self.steps, body), count, at)
            found, at = runs.items(self._here, self._ledger, times, len(items))
            items += found
        return items, at

    def _when(self, step: ir.When, at: Place, names: Bindings, adds: bool = True) -> tuple[list[Item], Place]:
        """Steps under a condition. Where what bypasses them is added, its sum with the rest has their shape."""
        if self._here.fixed and (of_table := names.names(step.condition) & self._closed):
            raise Decides(of_table)  # a number of a table, whose rows are written as they are
        found = names.condition(step.condition)
        condition = Truth(found) if isinstance(found, bool) else found
        deciding = self._here.open(condition)
        holds = self._holds(step, names)
        done = self.steps(step.steps, at, names) if holds else self._suppose(step.steps, at, names, bool(deciding))
        maybe, end = under(Guarded(condition, holds, deciding, step.bypass, adds), at, done, self._here)
        return [maybe], end

    def _holds(self, step: ir.When, names: Bindings) -> bool:
        return bool(names.number(step.condition))

    def _suppose(
        self, steps: Sequence[ir.Step], at: Place, names: Bindings, asked: bool
    ) -> tuple[list[Item], Place] | None:
        """Walks steps that this use skips; None where they cannot be walked here, or use blocks.

        What is decided on the way is forgotten, unless code asks: that of this use does not hang on it.
        """
        outer, self._supposing = self._supposing, True
        noted = dict(self._ledger.decided)
        try:
            return self.steps(steps, at, names)
        except (Refused, Misfit, Unfit, TooLong, _Unknown):
            return None
        finally:
            self._supposing = outer
            if not asked:
                self._ledger.decided = noted

    def _instance(self, step: ir.Instance, at: Place, names: Bindings) -> tuple[list[Item], Place]:
        if self._supposing:
            raise _Unknown
        block = self._network.blocks[step.block]
        spend(EMITTED * (2 + len(block.parameters)), step.place)
        values = passed_to(step, block, names, {**self._outer, IN: at.shape.channels}, self._here.hidden)
        plain = Bindings(values, self._ledger).plain
        key = Key(step.block, tuple(plain.items()), bare(at.shape))
        use = self._place, key
        of = self._find(use)
        note_use(self.uses, key, {**self._values, **values, IN: at.shape.channels})
        written_out = self._written_out(block, of, values, at)
        if written_out is not None:
            items, end = written_out
            return items, self._here.plainest(end, [*values.values(), at.shape.channels])
        made = Made(of, of.bound(use, values, at.shape, self._values))
        for name in of.arguments:
            self._here.check(of, name, made.values[name])
        end = of.end(use)
        end = end._replace(shape=end.shape._replace(channels=of.output(made.values, use, self._ledger)))
        return [made], self._here.plainest(end, [*values.values(), at.shape.channels])

    def _written_out(
        self, block: ir.Block, of: UsedClass, values: Mapping[str, Any], at: Place
    ) -> tuple[list[Item], Place] | None:
        """What a block is at this use, where that is one module alone: a class around it would say nothing.

        None where it is more, or where arguments of the network decide there, which a class can ask.
        """
        inner = settled(of.items)
        if self._here.hidden or len(inner) != 1 or not isinstance(inner[0], Leaf | Ruled | Made):
            return None
        outer, noted = self._values, dict(self._ledger.decided)
        self._values = {**self._outer, **values}
        try:
            items, end = self.steps(block.steps, at)
        except TooLong:
            items = []
        finally:
            self._values = outer
        if len(settled(items)) != 1 or self._ledger.decided != noted:
            self._ledger.decided = noted
            return None
        return settled(items), end

    def _fork(self, step: ir.Branches, at: Place) -> tuple[list[Item], Place]:
        op = step.join.layer({name: arg.value for name, arg in step.join.args.items()})
        assert isinstance(op, Join)
        walked: list[Walked] = []
        names = self._names(at)
        for place, branch in enumerate(step.branches, 1):
            if not branch.steps:
                continue
            steps = as_bypass(branch.steps)
            items, end = self._branch(steps, at._replace(fresh=False), names, op.sums)
            left = is_left(steps, lambda step: self._holds(step, names))
            conditional = conditions_of(steps) is not None
            asked = self._here.asked(items) if conditional else NOTHING
            made = Branch(branch.name, items, end.shape, frozenset({True, False} if asked else {left}), place)
            walked.append(Walked(made, end, left, conditional, asked))
        if not any(each.left for each in walked):
            raise _Unknown  # which is refused where shapes are found, unless nothing gets here
        fork, end = fork_of(op, at, walked, self._ledger)
        return [fork], end

    def _branch(self, steps: Sequence[ir.Step], at: Place, names: Bindings, adds: bool) -> tuple[list[Item], Place]:
        """One branch of a join that adds them, or does not."""
        if len(steps) == 1 and isinstance(steps[0], ir.When):
            return self._when(steps[0], at, names, adds)
        return self.steps(steps, at)


class _Unknown(Exception):
    """What a step that is not taken would be cannot be said."""
