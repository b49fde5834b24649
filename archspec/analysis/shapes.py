"""IR to shapes. Cost grows with the rows of the table: a repetition is walked until nothing changes any more, and a
block once for equal arguments and input shapes.

What depends on a mistake stays silent: after one, rows have no shape until a printed output gives one again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from archspec.analysis.applied import Applied, applied
from archspec.analysis.inferred import (
    Flow,
    Inferred,
    Inside,
    Key,
    Shaped,
    Stopped,
    Stored,
    Tally,
    Trace,
    Values,
)
from archspec.analysis.messages import join_of_one, no_branch_left, refused_by, row_without_use, too_many
from archspec.analysis.receptive_field import Lens
from archspec.analysis.shortcuts import shortcut_for
from archspec.analysis.values import Settling
from archspec.budget import spend, spent
from archspec.counting.printed import dims_of
from archspec.counting.quantities import OUTPUT
from archspec.diagnostics import Diagnostic, Report, Span
from archspec.ir.messages import no_repetition, too_large
from archspec.ir.network import Apply, Branch, Branches, Graph, Group, Instance, Network, Repeat, Row, Step, When
from archspec.ir.node import IN
from archspec.ir.walking import inputs_of, is_left, opened
from archspec.language.messages import FEWER, too_deep
from archspec.op import Op, Refused, Shape
from archspec.support.bound import largest
from archspec.support.limits import APPLIED, DEEPEST_STEPS, LARGEST, LETTER, MOST_APPLICATIONS, NAME, USE, WALKED


def infer(network: Network, report: Report, before: Inferred | None = None, same: int = 0) -> Inferred:
    """The shapes of all rows; what torch would refuse goes to the report.

    The first ``same`` rows are taken from what was inferred ``before``, of a network in which they and the input are
    the same and in which nothing was wrong.
    """
    walk = Walk(network, report)
    if before is not None and same:
        walk.resume(before, same)
    return Inferred(*walk.network(), walk.inside, walk.trace)


def follow(network: Network, rows: Iterable[Row], x: Shape) -> list[Shape | None]:
    """The output shapes of rows for a given input, without a word about mistakes."""
    walk = Walk(network, Report())
    found = walk.rows([row.replaced(sources=()) for row in rows], Flow(x), {})
    return [item.y for item in found]


def again(network: Network, row: Row, inputs: Sequence[Flow], inside: Mapping[Key, Inside]) -> Shaped:
    """One row by itself, of what enters it, without a word about mistakes.

    ``inside`` holds what uses of blocks come to, as far as that is known.
    """
    walk = Walk(network, Report())
    walk.inside = dict(inside)
    spend(NAME * len(inside), row.place)
    flows = [Flow(x.shape, x.lens, Stored(), x.depth) for x in inputs]
    return walk._row(row, flows, network.parameters)[0]


class Walk(Settling):
    """Applies steps to shapes, and keeps every use of an op with its number of layers."""

    def __init__(self, network: Network, report: Report) -> None:
        self.report = report
        self.inside: dict[Key, Inside] = {}
        """Every use of a block that is like no other."""
        self.trace = Trace()
        self._network = network
        self._known: list[Shaped] = []
        """The first rows, where they are known."""
        self._row_number = 0
        self._kept: list[Stored] = []
        """What the row that is walked keeps for the backward pass."""
        self._applications = 0
        self._before = spent()
        self._depth = 0
        self._within: list[Span | None] = []
        self._inside_blocks: dict[tuple[str, Span | None], Diagnostic] = {}
        """The mistakes inside blocks that were reported, by their code and place."""

    def resume(self, before: Inferred, rows: int) -> None:
        """Start behind the first rows of another walk, as that one left them."""
        later = {stored for kept in (*before.trace.kept[rows:], before.trace.kept_by_heads) for stored in kept}
        memory: dict[Stored, Stored] = {}
        for flow in before.trace.flows[: rows + 1]:
            assert flow is not None
            stored = memory.setdefault(flow.stored, Stored(flow.kept and flow.stored not in later))
            self.trace.flows.append(Flow(flow.shape, flow.lens, stored, flow.depth))
        self.trace.work, self.trace.spent = before.trace.work[:rows], before.trace.spent[:rows]
        spend(before.trace.spent[rows - 1])
        self.trace.kept = [[memory[stored] for stored in kept if stored in memory] for kept in before.trace.kept[:rows]]
        self.inside = {key: inside for key, inside in before.inside.items() if inside.row < rows}
        self._known, self._row_number = before.rows[:rows], rows
        self._applications = before.trace.work[rows - 1]

    def network(self) -> tuple[list[Shaped], dict[str, list[Shaped]]]:
        """The rows and, by name, the rows of the heads."""
        network, trace = self._network, self.trace
        cells = () if network.overridden else network.cells  # printed for the file's own parameters and input
        printed = {cell.row: cell.printed for cell in cells if cell.quantity == OUTPUT.name and not cell.marked}
        if not trace.flows:
            trace.flows.append(Flow(network.input_shape) if network.input else None)
        flows: dict[str, Flow | None] = {}
        rows = self.rows(network.rows, trace.flows[0], network.parameters, printed, flows, trace)
        heads = {head.name: self.rows(head.rows, flows.get(head.source), network.parameters) for head in network.heads}
        taken = {IN, *(source for row in network.rows for source in row.sources), *(h.source for h in network.heads)}
        self._complain_of_unused(network.rows, taken, "network")
        return rows, heads

    def rows(
        self,
        rows: Sequence[Row],
        entry: Flow | None,
        values: Values,
        printed: Mapping[int, str] = {},
        flows: dict[str, Flow | None] | None = None,
        trace: Trace | None = None,
    ) -> list[Shaped]:
        """The shapes of named rows, each of which takes the row above or those that it names."""
        known = flows if flows is not None else {}
        known[IN] = entry
        found, flow = [*self._known] if trace else [], entry
        if trace and found:
            known |= {row.layer: after for row, after in zip(rows, trace.flows[1:], strict=False)}
            flow = trace.flows[-1]
        for i, row in enumerate(rows[len(found) :], len(found)):
            self._kept = []
            inputs = [known.get(source) for source in row.sources] or [flow]
            shaped, flow = self._row(row, inputs, values)
            found.append(shaped)
            if flow is None:
                restored = _restored(printed.get(i))
                flow = Flow(restored) if restored else None
            known[row.layer] = flow
            self._row_number += 1
            if trace is None:
                self.trace.kept_by_heads += self._kept
            else:
                trace.flows.append(flow)
                trace.kept.append(self._kept)
                trace.work.append(self._applications)
                trace.spent.append(spent() - self._before)
        return found

    def _row(self, row: Row, inputs: Sequence[Flow | None], values: Values) -> tuple[Shaped, Flow | None]:
        given = [flow for flow in inputs if flow is not None]
        shaped = Shaped(row, given[0].shape if len(given) == len(inputs) else None)
        if shaped.x is None or row.steps is None:
            return shaped, None
        tally = Tally()
        try:
            flow = self._chain(row.steps, given, values, tally, row)
        except Stopped as stopped:
            self.report.add(self._placed(stopped.diagnostic, row))
            return shaped, None
        shaped.y, shaped.lens, shaped.uses, shaped.kept = flow.shape, flow.lens, tally.uses, tally.kept
        shaped.depth = flow.depth
        return shaped, flow

    def _placed(self, diagnostic: Diagnostic, row: Row) -> Diagnostic:
        """A mistake inside a block also says which use brought it up; what has no place is the row's."""
        diagnostic = replace(diagnostic, span=diagnostic.span or row.place)
        use = next((span for span in self._within if span is not None), None)
        self._within.clear()
        self._depth = 0
        if use is None or diagnostic.second is not None or diagnostic.span == use:
            return diagnostic
        first = self._inside_blocks.setdefault((diagnostic.code, diagnostic.span), diagnostic)
        if first is not diagnostic:
            return first  # one mistake, however many uses of the block bring it up
        placed = diagnostic.used(use)
        self._inside_blocks[diagnostic.code, diagnostic.span] = placed
        return placed

    def _chain(self, steps: Sequence[Step], xs: Sequence[Flow], values: Values, tally: Tally, row: Row) -> Flow:
        """The steps of a row, the first of which takes all inputs."""
        if len(xs) == 1:
            return self.steps(steps, xs[0], values, tally)
        first, rest = opened(steps)
        if first is None:
            raise Stopped(join_of_one(row.place, row.op, len(xs)))
        joined = self._apply(first, xs, {**values, IN: xs[0].shape.channels}, tally, row.sources)
        return self.steps(rest, joined, {**values, IN: joined.shape.channels}, tally)

    def steps(self, steps: Sequence[Step], x: Flow, values: Values, tally: Tally) -> Flow:
        """What steps make of an input; ``in`` is the number of channels that enter them."""
        if IN not in values:
            values = {**values, IN: x.shape.channels}
        for step in steps:
            x = self._step(step, x, values, tally)
        return x

    def _step(self, step: Step, x: Flow, values: Values, tally: Tally) -> Flow:
        spend(WALKED + NAME * len(values), step.span)
        self._depth += 1
        if self._depth > DEEPEST_STEPS:
            raise Stopped(too_deep(step.place, FEWER))
        found = self._apply(step, (x,), values, tally) if type(step) is Apply else self._stepped(step, x, values, tally)
        self._depth -= 1
        return found

    def _stepped(self, step: Step, x: Flow, values: Values, tally: Tally) -> Flow:
        match step:
            case Apply():
                return self._apply(step, (x,), values, tally)
            case Group():
                return self.steps(step.steps, x, values, tally)
            case Repeat():
                return self._repeat(step, x, values, tally)
            case When():
                return self.steps(step.steps, x, values, tally) if self.value(step.condition, values) else x
            case Instance():
                return self._instance(step, x, values, tally)
            case Branches():
                return self._branches(step, x, values, tally)
            case Graph():
                return self._graph(step, x, values, tally)

    def _repeat(self, step: Repeat, x: Flow, values: Values, tally: Tally) -> Flow:
        times = self.whole(step.times, values)
        if times < 1:
            raise Stopped(no_repetition(step.times.place or step.place, step.times.replaced(value=times)))
        for count, body in step.runs(times):
            x = self._times(body, count, x, values, tally)
        return x

    def _times(self, body: Sequence[Step], times: int, x: Flow, values: Values, tally: Tally) -> Flow:
        for left in range(times, 0, -1):
            once, entered = Tally(), x.kept
            entry = Flow(x.shape, stored=Stored(x.kept))
            y = self.steps(body, entry, {**values, IN: x.shape.channels}, once)
            self._note(x.stored, entry.kept)
            stays = y.shape == x.shape and y.kept == entered
            same = left if stays else 1  # nothing changes: every repetition that is left is this one
            spend(USE * len(once) + NAME * len(values))
            self._ran(same)
            tally.merge(once, same)
            stored = x.stored if y.stored is entry.stored else y.stored
            x = Flow(y.shape, x.lens.then(y.lens.power(same)), stored, x.depth + y.depth * same)
            if stays:
                break
        return x

    def _instance(self, step: Instance, x: Flow, values: Values, tally: Tally) -> Flow:
        block = self._network.blocks[step.block]
        args = tuple(self.arguments(step, block, values, x.shape.channels).items())
        key = Key(step.block, args, x.shape)
        if key not in self.inside:
            self._count(step)
            self._within.append(step.place)
            inner, entry = Tally(), Flow(x.shape)
            bound = {**self._network.parameters, **dict(args)}
            y = self.steps(block.steps, entry, {**bound, IN: x.shape.channels}, inner)
            self.inside[key] = Inside(inner, y, entry, self._row_number)
            self._within.pop()
        found = self.inside[key]
        spend(USE * len(found.tally), step.place)
        tally.merge(found.tally)
        if found.x.kept:
            self._keep(x, tally, counted=True)
        return found.after(x)

    def _branches(self, step: Branches, x: Flow, values: Values, tally: Tally) -> Flow:
        ends: dict[str, Flow] = {}
        for i, branch in enumerate(step.branches):
            tallied = Tally()
            y = self._branch(branch, x, {**values, IN: x.shape.channels}, tallied)
            spend(USE * len(tallied) + NAME * len(values), branch.place)
            tally.merge(tallied)
            known = {**values, IN: x.shape.channels}
            if is_left(branch.steps, lambda step: bool(self.value(step.condition, known))):  # noqa: B023
                ends[branch.name if branch.name not in ends else f"{branch.name} ({i + 1})"] = y
        if len(ends) == 1:
            return next(iter(ends.values()))
        if not ends:
            raise Stopped(no_branch_left(step.join.place, step.join.op))
        try:
            return self._apply(step.join, [*ends.values()], values, tally, [*ends])
        except Stopped as stopped:
            mend = self._shortcut(step, x, ends, values)
            raise Stopped(replace(stopped.diagnostic, help=mend) if mend else stopped.diagnostic) from None

    def _shortcut(self, step: Branches, x: Flow, ends: Mapping[str, Flow], values: Values) -> str | None:
        """How to mend a join of an identity with a strided branch, if that is what is wrong."""
        if len(ends) != len(step.branches) or not step.join.kind_of_layer.joins_residual:
            return None
        shapes = {name: (branch, y.shape) for branch, (name, y) in zip(step.branches, ends.items(), strict=True)}
        known = {**values, IN: x.shape.channels}
        mend = shortcut_for(x.shape, shapes, lambda arg: self.value(arg, known))
        return mend and f"write `{mend}` in the place of the identity"

    def _branch(self, branch: Branch, x: Flow, values: Values, tally: Tally) -> Flow:
        return self.steps(branch.steps, x, values, tally)

    def _ran(self, times: int) -> None:
        """A repetition was walked once, and stands for so many."""

    def _graph(self, step: Graph, x: Flow, values: Values, tally: Tally) -> Flow:
        flows: dict[str, Flow] = {IN: x}
        flow = x
        for row in step.rows:
            spend(WALKED + NAME * len(values), row.place)
            inputs = inputs_of(row, flows, flow)
            flow = self._chain(row.steps or (), inputs, {**values, IN: inputs[0].shape.channels}, tally, row)
            flows[row.layer] = flow
        self._complain_of_unused(step.rows, {source for row in step.rows for source in row.sources}, "block")
        return flow

    def _complain_of_unused(self, rows: Sequence[Row], taken: set[str], of: str) -> None:
        """A row that nobody takes: the next one has sources of its own, and no later one names it."""
        before: Row | None = None
        for row, after in pairwise(rows):
            if after.sources and row.layer not in taken:
                self.report.add(row_without_use(row.place, row.layer, of, _as_head(row, before)))
            before = row

    def _apply(self, step: Apply, xs: Sequence[Flow], values: Values, tally: Tally, names: Sequence[str] = ()) -> Flow:
        self._count(step)
        op = self._op(step, xs, values)
        if (op.arity == 1) != (len(xs) == 1):
            raise Stopped(join_of_one(step.place, step.op, len(xs)))
        shapes = (xs[0].shape,) if len(xs) == 1 else tuple([x.shape for x in xs])
        try:
            layer = self._layer(op, shapes)
        except Refused as refused:
            arg = step.args.get(refused.param or "")
            at = arg.place if arg and arg.place else step.place
            raise Stopped(refused_by(at, step.op, shapes, refused, names)) from None
        if layer.largest > LARGEST:
            raise Stopped(too_large(step.place))
        tally.add(layer)
        lens, depth = xs[0].lens, xs[0].depth
        if len(xs) > 1:
            lens, depth = self._joined(xs, shapes)
        stored = xs[0].stored if op.view else Stored()
        found = Flow(layer.y, lens.then(layer.lens) if layer.lens else lens, stored, depth + layer.weight_layers)
        if layer.keeps_input:
            for flow in xs:
                self._keep(flow, tally)
        if layer.keeps_output:
            self._keep(found, tally)
        tally.kept += layer.masks
        return found

    def _op(self, step: Apply, xs: Sequence[Flow], values: Values) -> Op:
        own, letters = step.own
        spend(APPLIED + USE * len(xs) + LETTER * letters, step.span)
        return own or self.layer(step, values)

    def _layer(self, op: Op, xs: tuple[Shape, ...]) -> Applied:
        return applied(op, xs)

    def _joined(self, xs: Sequence[Flow], shapes: Sequence[Shape]) -> tuple[Lens, int]:
        return Lens.joined([x.lens for x in xs], shapes), largest(x.depth for x in xs)

    def _count(self, step: Step) -> None:
        """Note some work, and stop where it is too much."""
        self._applications += 1
        if self._applications > MOST_APPLICATIONS:
            raise Stopped(too_many(step.place))

    def _keep(self, flow: Flow, tally: Tally, counted: bool = False) -> None:
        """Note that the backward pass needs what flows here; it is stored once, whoever needs it.

        ``counted`` where a block's own tally has it already.
        """
        stored = flow.stored
        if stored.kept and counted:
            tally.kept -= flow.shape.size
        elif not stored.kept and not counted:
            tally.kept += flow.shape.size
        self._note(stored, True)

    def _note(self, stored: Stored, kept: bool) -> None:
        if kept and not stored.kept:
            self._kept.append(stored)
            stored.kept = True


def _restored(printed: str | None) -> Shape | None:
    dims = dims_of(printed) if printed else []
    if len(dims) == 3:
        return Shape(dims[2], dims[0], dims[1])
    return Shape(dims[0]) if len(dims) == 1 else None


def _as_head(row: Row, before: Row | None) -> str | None:
    """The lines of a head that is what a row is; None where a head cannot be so called, or joins several rows."""
    sources = row.sources or ((before.layer,) if before is not None else ())
    if len(sources) != 1 or not row.op or not re.fullmatch(r"[^\W\d]\w*", row.layer):
        return None
    source = sources[0] if re.fullmatch(r"[^\W\d]\w*", sources[0]) else f'"{sources[0]}"'
    return f"`head {row.layer} from {source}, weight=0.3` and below it `| {row.op} |`"
