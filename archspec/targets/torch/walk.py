"""Steps to items: the ops of a network run on symbols along its rows, and along the bodies of its blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from archspec.analysis.inferred import Key
from archspec.arguments import Misfit
from archspec.budget import spend
from archspec.expressions import Expression, Truth, Unfit
from archspec.expressions.code import integral
from archspec.expressions.conditions import excludes
from archspec.expressions.functions import comparison
from archspec.expressions.polynomial import Polynomial, TooLong, number
from archspec.expressions.symbolic import decided, symbolic
from archspec.expressions.symbols import Ledger, Symbol, alike, polynomial_of, value_of
from archspec.ir import network as ir
from archspec.ir.node import IN
from archspec.ir.walking import as_bypass, conditions_of, inputs_of, is_left, joined_conditions, opened, passed
from archspec.op import Call, Join, Op, Refused, Shape
from archspec.support.limits import EMITTED
from archspec.targets.torch.bindings import Bindings, Decides
from archspec.targets.torch.influence import NOTHING, Reach, reaching
from archspec.targets.torch.items import (
    Again,
    Branch,
    Fork,
    Graph,
    Item,
    Leaf,
    Made,
    Maybe,
    Node,
    Place,
    Ruled,
    UsedClass,
    settled,
)
from archspec.targets.torch.leaves import apart, ruled
from archspec.targets.torch.loops import growing, once
from archspec.targets.torch.merging import can_ask, written

Find = Callable[[Key], UsedClass]
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
        fixed: bool,
        reach: Reach = {},
        hidden: Mapping[str, frozenset[str]] = {},
        closed: frozenset[str] = NOTHING,
        outer: Mapping[str, Any] | None = None,
    ) -> None:
        self._network, self._values, self._ledger, self._taken, self._find = network, values, ledger, taken, find
        self._outer = values if outer is None else outer
        """The values of the network's parameters, which blocks may use without being given them."""
        self._closed = closed
        """Arguments that only ever have the values of known networks, for each of which the code is found alike."""
        given = (value for value in values.values() if isinstance(value, Symbol))
        self._here = {value.text: value if fixed or value.text in reach else value.value for value in given}
        """What the names of the code stand for at this use: numbers, unless arguments of the network reach them."""
        self._fixed = fixed
        """Whether heights and widths are written in the class, so that what decides them stays a number."""
        self._reach, self._hidden = reach, hidden
        """What arguments of the network reach, and those of its parameters that the block's own hide."""
        self.uses: dict[Key, dict[str, frozenset[str]]] = {}
        """Every use of a block: the names that its parameters and `in` depend on."""
        self._supposing = False
        """Whether the steps are not taken here, so that no use of a block is one of the network's."""

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
            nodes.append(Node(row.layer, row.sources, join, shapes, items, at.shape))
        return nodes, at

    def _joined(self, row: ir.Row, inputs: Sequence[Place]) -> tuple[Join | None, Sequence[ir.Step], Place]:
        """The join that a row starts with, the other steps, and what enters them."""
        steps = row.steps or ()
        if len(inputs) == 1:
            return None, steps, inputs[0]._replace(fresh=inputs[0].fresh and not row.sources)
        first, rest = opened(steps)
        assert first is not None
        _, _, op = self._ops(first, self._names(inputs[0]))
        assert isinstance(op, Join)
        return op, rest, Place(_plain(op.infer(*(place.shape for place in inputs))), fresh=True)

    def _apply(self, step: ir.Apply, at: Sequence[Place], names: Bindings) -> tuple[list[Item], Place]:
        shapes = [place.shape for place in at]
        plain, shaping, op = self._ops(step, names)
        if self._supposing:
            plain.check(*map(bare, shapes))
        calls = [self._named(call, at[0].fresh) for call in op.torch(*shapes)]
        y = shaping.infer(*shapes)
        shaping.restated(y)  # which notes for what numbers the code is right
        return [Leaf(op, call) for call in calls], Place(_plain(y), fresh=op.known and not op.in_place)

    def _repeats(self, step: ir.Repeat, at: Place, names: Bindings) -> tuple[list[Item], Place]:
        times = names.symbol(step.times, names.number(step.times), int)
        deciding = self._deciding(times) if isinstance(times, Symbol) else NOTHING
        items: list[Item] = []
        for count, body in step.runs(times):
            found, end = self._repeat(body, count, at, deciding if isinstance(count, Symbol) else NOTHING, len(items))
            items += found
            at = end
        return items, at

    def _repeat(
        self, body: Sequence[ir.Step], times: Any, at: Place, deciding: frozenset[str], before: int
    ) -> tuple[list[Item], Place]:
        """The runs of a repetition whose code is the same; once nothing changes, the rest is not walked.

        Where arguments of the network decide how many there are, what follows must not depend on it: nothing may change
        from the second run on, nor in the first where there may be none, as others stand ``before``.
        """
        runs: list[Again] = []
        start, left, text = at, times, None
        while value_of(left) > 0:
            found, end = self.steps(body, at)
            same = left if _same(at, end) else 1
            spend(EMITTED * len(found))
            last, text = text, written(found)
            if text == last:
                runs[-1] = Again(runs[-1].times + same, runs[-1].items)
            else:
                runs.append(Again(same, found))
            left, at = left - same, end
        if not deciding:
            loops = growing(runs)
            if isinstance(times, Symbol) and len(loops) == 1 and not once(loops[0].times):
                loops, at = [loops[0]._replace(times=times)], self._grown(start, times, at)
            return [item for run in loops for item in (run.items if self._runs_once(run) else [run])], at
        changes = not _alike_shapes(start.shape, at.shape)
        if isinstance(left, Symbol) or value_of(times) < 1 or len(runs) > 2 - bool(before) or (before and changes):
            raise Decides(deciding)
        done = bool(before) + value_of(times) - value_of(runs[-1].times)
        runs[-1] = runs[-1]._replace(before=done)
        found = [item for run in runs for item in (run.items if once(run.times) else [run])]
        return found, at._replace(fresh=at.fresh and (start.fresh or not before))

    def _runs_once(self, run: Again) -> bool:
        """Whether items stand without a loop, which puts several of them into one module."""
        return once(run.times) or (len(run.items) > 1 and self._is_closed(run.times) and bool(value_of(run.times) == 1))

    def _is_closed(self, value: Any) -> bool:
        """Whether a number depends on arguments that have the values of known networks alone."""
        return isinstance(value, Symbol) and value.names <= self._closed

    def _grown(self, start: Place, times: Symbol, at: Place) -> Place:
        """What comes out of runs that each add as much to the channels, over how many there are."""
        more = polynomial_of(at.shape.channels) - polynomial_of(start.shape.channels)
        if more.constant == 0:
            return at
        grown = polynomial_of(start.shape.channels) + times.polynomial * (more / number(times.value))
        channels: Any = Symbol(value_of(at.shape.channels), grown, self._ledger)
        return at._replace(shape=at.shape._replace(channels=channels))

    def _when(self, step: ir.When, at: Place, names: Bindings) -> tuple[list[Item], Place]:
        if self._fixed and names.depends(step.condition):
            raise Decides(names.names(step.condition))  # rows are written as they are: a number must decide
        found = names.condition(step.condition)
        condition = Truth(found) if isinstance(found, bool) else found
        deciding = self._open(condition)
        holds = self._holds(step, names)
        done = self.steps(step.steps, at, names) if holds else self._suppose(step.steps, at, names)
        if deciding and (done is None or not (step.bypass or self._same_after(condition, at.shape, done[1].shape))):
            raise Decides(deciding)  # what follows depends on what the condition comes to
        maybe = Maybe(condition, frozenset({True, False} if deciding else {holds}), done and done[0], step.bypass)
        if done is None:
            return [maybe], at
        end = done[1]
        # What is joined is written as it would be where the condition holds, and so is what is equal where it does not.
        passes = bare(end.shape) == bare(at.shape) and (
            step.bypass or self._unless_equal(condition, at.shape, end.shape) or self._equal_here(at.shape, end.shape)
        )
        # Where it does not hold, the next layer gets the input, which others may need.
        return [maybe], Place(end.shape if holds or passes else at.shape, end.fresh and at.fresh)

    def _equal_here(self, at: Shape, end: Shape) -> bool:
        """Whether two widths are equal at this use whatever arguments the network has: `t * in`, where `t` is 1."""
        difference = end.channels - at.channels
        if not isinstance(difference, Symbol):
            return True
        return not self._fixed and self._polynomial_here(difference).constant is not None

    def _same_after(self, condition: Expression, at: Shape, end: Shape) -> bool:
        """Whether one text stands for what follows, whatever a condition comes to."""
        sides = (at.height, at.width) == (end.height, end.width)
        return _alike_shapes(at, end) or (sides and self._unless_equal(condition, at, end))

    def _unless_equal(self, condition: Expression, at: Shape, end: Shape) -> bool:
        """Whether a condition says that two widths differ: one expression stands for both where it does not hold."""
        sides = [self._polynomial_here(shape.channels) for shape in (at, end)]
        differ = comparison("!=", *sides), comparison("!=", *reversed(sides))
        return condition in _unequal(at, end) or self._decided_here(condition) in differ

    def _open(self, condition: Expression) -> frozenset[str]:
        """The arguments of the network that decide a condition at this use."""
        here = self._decided_here(condition)
        return reaching(here, self._reach) if isinstance(here, Expression) else NOTHING

    def _decided_here(self, condition: Expression) -> Expression | bool:
        """A condition at this use, over the names that arguments of the network reach."""
        if not reaching(condition, self._reach):
            return condition
        return decided(condition, self._here)

    def _polynomial_here(self, value: Any) -> Polynomial:
        """A number at this use, over the names that arguments of the network reach."""
        return symbolic(value.polynomial.tree, self._here) if isinstance(value, Symbol) else polynomial_of(value)

    def _holds(self, step: ir.When, names: Bindings) -> bool:
        return bool(names.number(step.condition))

    def _suppose(self, steps: Sequence[ir.Step], at: Place, names: Bindings) -> tuple[list[Item], Place] | None:
        """Walks steps that this use skips; None where they cannot be walked here, or use blocks.

        What is decided on the way is forgotten: the code of this use does not hang on it.
        """
        outer, self._supposing = self._supposing, True
        noted = dict(self._ledger.decided)
        try:
            return self.steps(steps, at, names)
        except (Refused, Misfit, Unfit, TooLong, _Unknown):
            return None
        finally:
            self._supposing = outer
            self._ledger.decided = noted

    def _instance(self, step: ir.Instance, at: Place, names: Bindings) -> tuple[list[Item], Place]:
        if self._supposing:
            raise _Unknown
        block = self._network.blocks[step.block]
        spend(EMITTED * (2 + len(block.parameters)), step.place)
        values = self._arguments(step, block, names, at.shape.channels)
        plain = Bindings(values, self._ledger).plain
        key = Key(step.block, tuple(plain.items()), bare(at.shape))
        of = self._find(key)
        self._note(key, {**self._values, **values, IN: at.shape.channels})
        written_out = self._written_out(block, of, values, at)
        if written_out is not None:
            items, end = written_out
            return items, self._plainest(end, [*values.values(), at.shape.channels])
        made = Made(of, of.bound(key, values, at.shape, self._values))
        for name in of.arguments:
            self._check(of, name, made.values[name])
        end = of.end(key)
        end = end._replace(shape=end.shape._replace(channels=of.output(made.values, key, self._ledger)))
        return [made], self._plainest(end, [*values.values(), at.shape.channels])

    def _plainest(self, end: Place, values: Iterable[Any]) -> Place:
        """A place with the channels of known networks by their name: ``widths[1]`` for ``2 * (widths[1] // 2)``."""
        channels = end.shape.channels
        if not (isinstance(channels, Symbol) and self._is_closed(channels)):
            return end
        same = (v for v in values if isinstance(v, Symbol) and v.names <= channels.names and v.value == channels.value)
        plain: Any = min((channels, *same), key=lambda value: len(str(value.text)))
        return end._replace(shape=end.shape._replace(channels=plain))

    def _written_out(
        self, block: ir.Block, of: UsedClass, values: Mapping[str, Any], at: Place
    ) -> tuple[list[Item], Place] | None:
        """What a block is at this use, where that is one module alone: a class around it would say nothing.

        None where it is more, or where arguments of the network decide there, which a class can ask.
        """
        inner = settled(of.items)
        if self._hidden or len(inner) != 1 or not isinstance(inner[0], Leaf | Ruled | Made):
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

    def _check(self, of: UsedClass, name: str, value: Any) -> None:
        """See to it that a class gets what it takes, also for other arguments of the network."""
        if name in self._hidden and name not in of.block.parameters:
            raise Decides(self._hidden[name])  # the parameter of the network, which has no name here
        if not isinstance(value, Symbol) or not value.whole or integral(value.polynomial.tree) or of.demands(name):
            return
        deciding = self._deciding(value)
        if deciding:
            raise Decides(deciding)  # it is whole by chance

    def _decide(self, names: Bindings, arg: ir.Arg) -> None:
        """See to it that what is written as it is here is the same for other arguments of the network."""
        values = (names.values.get(name) for name in arg.names)
        deciding = frozenset[str]().union(*(self._deciding(value) for value in values if isinstance(value, Symbol)))
        if deciding:
            raise Decides(deciding)

    def _deciding(self, value: Symbol) -> frozenset[str]:
        """The arguments of the network that a number depends on."""
        return (value.names if self._fixed else reaching(value.code, self._reach)) - self._closed

    def _arguments(self, step: ir.Instance, block: ir.Block, names: Bindings, channels: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, arg, default in passed(step, block):
            where = names
            if default:
                for other in arg.names & self._hidden.keys() - found.keys():
                    raise Decides(self._hidden[other])
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
            items, end = self.steps(steps, at._replace(fresh=False))
            left = is_left(steps, lambda step: self._holds(step, names))
            conditional = conditions_of(steps) is not None
            asked = self._asked(items) if conditional else NOTHING
            deciding |= asked
            branches.append(Branch(branch.name, items, end.shape, frozenset({True, False} if asked else {left}), place))
            ends += [end] * left
            sure += [end] * (not conditional)
        if not ends:
            raise _Unknown  # which is refused where shapes are found, unless nothing gets here
        end = self._joint(op, ends)
        sure = sure or [Place(branch.shape) for branch in branches if branch.left == {True}]
        if op.sums and sure and bare((least := self._joint(op, sure)).shape) == bare(end.shape):
            end = end._replace(shape=least.shape)  # as it is written where the others are left out
        if deciding:
            if not (op.sums and can_ask(branches)) or _stretches(at, self._joint(op, sure), end):
                raise Decides(deciding)  # what the join gives depends on it
            end = end._replace(fresh=False)
        return [Fork(op, branches)], end

    def _asked(self, items: Sequence[Item]) -> frozenset[str]:
        """The arguments of the network that decide whether anything is left of items under conditions."""
        here = [self._decided_here(item.condition) for item in items if isinstance(item, Maybe)]
        conditions = [condition for condition in here if isinstance(condition, Expression)]
        if True in here or any(excludes(one, other) for one, other in combinations(conditions, 2)):
            return NOTHING  # one of them holds, whatever the arguments are
        return NOTHING.union(*(reaching(condition, self._reach) for condition in conditions))

    def _joint(self, op: Join, ends: Sequence[Place]) -> Place:
        """What a join gives. One branch that is left is not joined: it may be the input itself, to be kept as it is."""
        if len(ends) == 1:
            return ends[0]
        return Place(_plain(op.infer(*(end.shape for end in ends))), fresh=True)

    def _ops(self, step: ir.Apply, names: Bindings) -> tuple[Op, Op, Op]:
        """The op in numbers, with symbols in all that shapes hang on, and with symbols wherever numbers depend on some.

        What decides heights and widths stays a number where shapes are concerned, as these do.
        """
        known = {name: names.number(arg) for name, arg in step.args.items()}
        op = step.layer(known)
        symbols: dict[str, Any] = {}
        for name, arg in step.args.items():
            if not names.depends(arg) or (self._fixed and name in op.fixed):
                continue
            kept = getattr(op, name)
            if isinstance(kept, tuple) and not isinstance(known[name], tuple):
                symbols[name] = (names.symbol(arg, known[name], int),) * 2
            elif op.arguments[name].numeric is not None:
                symbols[name] = names.symbol(arg, kept, op.arguments[name].numeric or int)
            else:
                self._decide(names, arg)  # a size, a word or a truth value: code has the one that it is here
        if not symbols:
            return op, op, op
        shaping = {name: value for name, value in symbols.items() if name not in op.fixed}
        return op, op.replaced(**shaping), op.replaced(**symbols)

    def _named(self, call: Call, fresh: bool) -> Call:
        """The call under a name that is free, and in place only where nobody else needs the input."""
        if call.options.get("inplace") and not fresh:
            call = call._replace(options={**call.options, "inplace": False})
        return apart(call, self._taken)


def _unequal(at: Shape, end: Shape) -> tuple[Expression | bool, ...]:
    """The conditions that say that two widths differ."""
    sides = polynomial_of(at.channels), polynomial_of(end.channels)
    return comparison("!=", *sides), comparison("!=", *reversed(sides))


def _stretches(at: Place, sure: Place, end: Place) -> bool:
    """Whether a sum may be larger than what is surely among its inputs: a vector goes to every position of a map."""
    points = (1, None)
    small = sure.shape.height in points and sure.shape.width in points
    return bare(sure.shape) != bare(end.shape) or (small and at.shape.height not in points)


class _Unknown(Exception):
    """What a step that is not taken would be cannot be said."""


def bare(shape: Shape) -> Shape:
    """The shape at the use that is being emitted, in numbers alone."""
    return _plain(shape)._replace(channels=value_of(shape.channels))


def _plain(shape: Shape) -> Shape:
    """The shape with heights and widths as numbers: a class is for one size of map, and says so in its comments."""
    if shape.height is None or shape.width is None:
        return Shape(shape.channels)
    return Shape(shape.channels, value_of(shape.height), value_of(shape.width))


def _same(a: Place, b: Place) -> bool:
    """Whether two places are equal and written the same."""
    return a.fresh == b.fresh and _alike_shapes(a.shape, b.shape)


def _alike_shapes(a: Shape, b: Shape) -> bool:
    return bare(a) == bare(b) and alike(a.channels, b.channels)
