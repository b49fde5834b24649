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
from archspec.ir.walking import as_bypass, conditions_of, inputs_of, is_left, joined_conditions, opened, passed
from archspec.op import Join, Refused
from archspec.support.limits import EMITTED
from archspec.targets.torch.bindings import Bindings, Decides
from archspec.targets.torch.decisions import Decisions
from archspec.targets.torch.influence import NOTHING, Reach
from archspec.targets.torch.items import (
    Branch,
    Fork,
    Graph,
    Item,
    Leaf,
    Made,
    Maybe,
    Node,
    Placed,
    Ruled,
    UsedClass,
    settled,
)
from archspec.targets.torch.leaves import named, needs_of, ops_of, ruled
from archspec.targets.torch.merging import can_ask
from archspec.targets.torch.places import Place, bare, joint, plain, stretches
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
        self._place = place
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
            join, rest, entry = self._joined(row, inputs)
            items, at = self.steps(rest, entry)
            at = at._replace(fresh=at.fresh and row.layer not in taken)
            places[row.layer] = at
            shapes = tuple(bare(place.shape) for place in inputs)
            needs = needs_of(join, [place.shape for place in inputs], self._ledger) if join else ()
            nodes.append(Node(row.layer, row.sources, join, shapes, items, at.shape, needs))
        return nodes, at

    def _joined(self, row: ir.Row, inputs: Sequence[Place]) -> tuple[Join | None, Sequence[ir.Step], Place]:
        """The join that a row starts with, the other steps, and what enters them."""
        steps = row.steps or ()
        if len(inputs) == 1:
            return None, steps, inputs[0]._replace(fresh=inputs[0].fresh and not row.sources)
        first, rest = opened(steps)
        assert first is not None
        _, _, op = ops_of(first, self._names(inputs[0]), self._here)
        assert isinstance(op, Join)
        return op, rest, Place(plain(op.infer(*(place.shape for place in inputs))), fresh=True)

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
        if self._here.fixed and names.depends(step.condition):
            raise Decides(names.names(step.condition))  # rows are written as they are: a number must decide
        found = names.condition(step.condition)
        condition = Truth(found) if isinstance(found, bool) else found
        deciding = self._here.open(condition)
        holds = self._holds(step, names)
        done = self.steps(step.steps, at, names) if holds else self._suppose(step.steps, at, names, bool(deciding))
        after = done and self._here.after(condition, holds, at.shape, done[1].shape)
        bypass = step.bypass and adds
        if deciding and not (done and (bypass or after)):
            raise Decides(deciding)  # what follows depends on what the condition comes to
        maybe = Maybe(condition, frozenset({True, False} if deciding else {holds}), done and done[0], step.bypass)
        if done is None:
            return [maybe], at
        end = done[1]
        if after and not bypass and (deciding or condition in self._here.chosen):
            self._here.chosen.add(condition)
            return [maybe], Place(after, end.fresh and at.fresh)
        # What is joined is written as it would be where the condition holds, and so is what is equal where it does not.
        passes = bare(end.shape) == bare(at.shape) and (
            step.bypass
            or self._here.unless_equal(condition, at.shape, end.shape)
            or self._here.equal(at.shape, end.shape)
        )
        # Where it does not hold, the next layer gets the input, which others may need.
        return [maybe], Place(end.shape if holds or passes else at.shape, end.fresh and at.fresh)

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
        values = self._arguments(step, block, names, at.shape.channels)
        plain = Bindings(values, self._ledger).plain
        key = Key(step.block, tuple(plain.items()), bare(at.shape))
        use = self._place, key
        of = self._find(use)
        self._note(key, {**self._values, **values, IN: at.shape.channels})
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

    def _note(self, key: Key, values: Mapping[str, Any]) -> None:
        """Keep what a use depends on, together with other uses that are equal in numbers."""
        known = self.uses.setdefault(key, {})
        for name, value in values.items():
            if isinstance(value, Symbol):
                known[name] = known.get(name, NOTHING) | value.names

    def _arguments(self, step: ir.Instance, block: ir.Block, names: Bindings, channels: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, arg, default in passed(step, block):
            where = names
            if default:
                for other in arg.names & self._here.hidden.keys() - found.keys():
                    raise Decides(self._here.hidden[other])
                where = Bindings({**self._outer, **found, IN: channels}, self._ledger)
            number = where.number(arg)
            found[name] = where.symbol(arg, number, float if isinstance(number, float) else int)
        return found

    def _fork(self, step: ir.Branches, at: Place) -> tuple[list[Item], Place]:
        op = step.join.layer({name: arg.value for name, arg in step.join.args.items()})
        assert isinstance(op, Join)
        branches: list[Branch] = []
        ends: list[Place] = []
        names = self._names(at)
        sure: list[Place] = []
        deciding: frozenset[str] = NOTHING
        for place, branch in enumerate(step.branches, 1):
            if not branch.steps:
                continue
            steps = as_bypass(branch.steps)
            items, end = self._branch(steps, at._replace(fresh=False), names, op.sums)
            left = is_left(steps, lambda step: self._holds(step, names))
            conditional = conditions_of(steps) is not None
            asked = self._here.asked(items) if conditional else NOTHING
            deciding |= asked
            branches.append(Branch(branch.name, items, end.shape, frozenset({True, False} if asked else {left}), place))
            ends += [end] * left
            sure += [end] * (not conditional)
        if not ends:
            raise _Unknown  # which is refused where shapes are found, unless nothing gets here
        end = joint(op, ends)
        sure = sure or [Place(branch.shape) for branch in branches if branch.left == {True}]
        if op.sums and sure and bare((least := joint(op, sure)).shape) == bare(end.shape):
            end = end._replace(shape=least.shape)  # as it is written where the others are left out
        if deciding:
            if not (op.sums and can_ask(branches)) or stretches(at, joint(op, sure), end):
                raise Decides(deciding)  # what the join gives depends on it
            end = end._replace(fresh=False)
        joined = [place.shape for place in (sure if deciding else ends)]
        needs = needs_of(op, joined, self._ledger) if len(joined) > 1 else ()
        return [Fork(op, branches, needs)], end

    def _branch(self, steps: Sequence[ir.Step], at: Place, names: Bindings, adds: bool) -> tuple[list[Item], Place]:
        """One branch of a join that adds them, or does not."""
        if len(steps) == 1 and isinstance(steps[0], ir.When):
            return self._when(steps[0], at, names, adds)
        return self.steps(steps, at)


class _Unknown(Exception):
    """What a step that is not taken would be cannot be said."""
