"""IR to shapes. Cost grows with the rows of the table: a repetition is walked until nothing changes any more, and a
block once for equal arguments and input shapes.

What depends on a mistake stays silent: after one, rows have no shape until a printed output gives one again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, NamedTuple

from archspec.arguments import Misfit
from archspec.diagnostics import Diagnostic, Report, Span, explained
from archspec.elaborate.block_messages import join_of_one, no_branch_left, row_without_use
from archspec.elaborate.messages import misfits
from archspec.elaborate.messages import no_repetition as no_repetition
from archspec.elaborate.scope import IN, LARGEST, not_a_number, not_whole, too_large, unfit_expression
from archspec.expressions import Unfit, evaluate
from archspec.ir import Apply, Arg, Block, Branches, Graph, Group, Instance, Network, Repeat, Row, Step, When
from archspec.lens import Lens
from archspec.op import Op, Refused, Shape, Weighted
from archspec.parse.messages import too_deep
from archspec.printed import dims_of

MOST_APPLICATIONS = 100_000
MOST_LAYERS = 10**15
DEEPEST = 120
Values = Mapping[str, Any]
"""The values of parameters where a step stands."""


class Use(NamedTuple):
    """One op on one list of input shapes, and how many layers of the network it stands for."""

    op: Op
    xs: tuple[Shape, ...]
    y: Shape
    times: int

    @property
    def x(self) -> Shape:
        """The input; of a join, the first of them."""
        return self.xs[0]


@dataclass
class Stored:
    """The memory of what flows: ``kept`` once something keeps it for the backward pass."""

    kept: bool = False


@dataclass
class Flow:
    """What flows from one layer to the next; views of the same elements share their memory.

    ``depth`` is the number of weight layers on the longest way here.
    """

    shape: Shape
    lens: Lens = Lens()  # noqa: RUF009
    stored: Stored = field(default_factory=Stored)
    depth: int = 0

    @property
    def kept(self) -> bool:
        """Whether something keeps it for the backward pass."""
        return self.stored.kept


class Tally:
    """Every use of an op with its number of layers, and the elements that training keeps."""

    def __init__(self) -> None:
        self._times: dict[tuple[Op, tuple[Shape, ...], Shape], int] = {}
        self.kept = 0

    def add(self, op: Op, xs: tuple[Shape, ...], y: Shape, times: int = 1) -> None:
        """Note layers."""
        key = op, xs, y
        self._times[key] = self._times.get(key, 0) + times
        if self._times[key] > MOST_LAYERS:
            raise _Stopped(too_many(None, "layers", MOST_LAYERS))

    def merge(self, other: Tally, times: int = 1) -> None:
        """All of another one, so many times."""
        for (op, xs, y), count in other._times.items():
            self.add(op, xs, y, count * times)
        self.kept += other.kept * times

    @property
    def uses(self) -> list[Use]:
        """The uses in the order in which they first stand."""
        return [Use(*key, times) for key, times in self._times.items()]


@dataclass
class Shaped:
    """A row with its shapes; ``x`` and ``y`` are None where a mistake hides them."""

    row: Row
    x: Shape | None
    y: Shape | None = None
    uses: list[Use] = field(default_factory=list)
    lens: Lens | None = None
    kept: int = 0
    depth: int = 0
    """Weight layers on the longest way from the input of the network through this row."""


class Key(NamedTuple):
    """One use of a block that is like no other: its arguments by name, and the shape that enters."""

    block: str
    args: tuple[tuple[str, Any], ...]
    x: Shape


@dataclass
class Inside:
    """What one use of a block comes to, seen from its input."""

    tally: Tally
    y: Flow
    x: Flow
    """The input, kept by something inside or not."""

    def after(self, x: Flow) -> Flow:
        """What comes out where ``x`` enters."""
        stored = x.stored if self.y.stored is self.x.stored else Stored(self.y.kept)
        return Flow(self.y.shape, x.lens.then(self.y.lens), stored, x.depth + self.y.depth)


class Inferred(NamedTuple):
    """A network with its shapes: its rows, the rows of its heads, and every use of a block that is like no other."""

    rows: list[Shaped]
    heads: dict[str, list[Shaped]]
    inside: dict[Key, Inside]


def infer(network: Network, report: Report) -> Inferred:
    """The shapes of all rows; what torch would refuse goes to the report."""
    walk = Walk(network, report)
    return Inferred(*walk.network(), walk.inside)


def follow(network: Network, rows: Iterable[Row], x: Shape) -> list[Shape | None]:
    """The output shapes of rows for a given input, without a word about mistakes."""
    walk = Walk(network, Report())
    found = walk.rows([replace(row, sources=()) for row in rows], Flow(x), {})
    return [item.y for item in found]


class Walk:
    """Applies steps to shapes, and keeps every use of an op with its number of layers."""

    def __init__(self, network: Network, report: Report) -> None:
        self.report = report
        self.inside: dict[Key, Inside] = {}
        """Every use of a block that is like no other."""
        self._network = network
        self._applications = 0
        self._depth = 0
        self._within: list[Span | None] = []
        self._inside_blocks: dict[tuple[str, Span | None], Diagnostic] = {}
        """The mistakes inside blocks that were reported, by their code and place."""

    def network(self) -> tuple[list[Shaped], dict[str, list[Shaped]]]:
        """The rows and, by name, the rows of the heads."""
        network = self._network
        printed = {cell.row: cell.printed for cell in network.cells if cell.quantity == "output" and not cell.marked}
        entry = Flow(network.input_shape) if network.input else None
        flows: dict[str, Flow | None] = {}
        rows = self.rows(network.rows, entry, network.parameters, printed, flows)
        heads = {head.name: self.rows(head.rows, flows.get(head.source), network.parameters) for head in network.heads}
        taken = {IN, *(source for row in network.rows for source in row.sources), *(h.source for h in network.heads)}
        self._complain_of_unused(network.rows, taken)
        return rows, heads

    def rows(
        self,
        rows: Sequence[Row],
        entry: Flow | None,
        values: Values,
        printed: Mapping[int, str] = {},
        flows: dict[str, Flow | None] | None = None,
    ) -> list[Shaped]:
        """The shapes of named rows, each of which takes the row above or those that it names."""
        known = flows if flows is not None else {}
        known[IN] = entry
        found: list[Shaped] = []
        flow = entry
        for i, row in enumerate(rows):
            inputs = [known.get(source) for source in row.sources] or [flow]
            shaped, flow = self._row(row, inputs, values)
            found.append(shaped)
            if flow is None:
                restored = _restored(printed.get(i))
                flow = Flow(restored) if restored else None
            known[row.layer] = flow
        return found

    def _row(self, row: Row, inputs: Sequence[Flow | None], values: Values) -> tuple[Shaped, Flow | None]:
        given = [flow for flow in inputs if flow is not None]
        shaped = Shaped(row, given[0].shape if len(given) == len(inputs) else None)
        if shaped.x is None or row.steps is None:
            return shaped, None
        tally = Tally()
        try:
            flow = self._chain(row.steps, given, values, tally, row)
        except _Stopped as stopped:
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
        first = steps[0] if steps else None
        if isinstance(first, Group):
            return self._chain((*first.steps, *steps[1:]), xs, values, tally, row)
        if not isinstance(first, Apply):
            raise _Stopped(join_of_one(row.place, row.op, len(xs)))
        joined = self._apply(first, xs, {**values, IN: xs[0].shape.channels}, tally, row.sources)
        return self.steps(steps[1:], joined, {**values, IN: xs[0].shape.channels}, tally)

    def steps(self, steps: Sequence[Step], x: Flow, values: Values, tally: Tally) -> Flow:
        """What steps make of an input; ``in`` is the number of channels that enter them."""
        if IN not in values:
            values = {**values, IN: x.shape.channels}
        for step in steps:
            x = self._step(step, x, values, tally)
        return x

    def _step(self, step: Step, x: Flow, values: Values, tally: Tally) -> Flow:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _Stopped(too_deep(step.place))
        found = self._stepped(step, x, values, tally)
        self._depth -= 1
        return found

    def _stepped(self, step: Step, x: Flow, values: Values, tally: Tally) -> Flow:
        match step:
            case Apply():
                return self._apply(step, [x], values, tally)
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
            raise _Stopped(no_repetition(step.times.place or step.place, replace(step.times, value=times)))
        for count, body in step.runs(times):
            x = self._times(body, count, x, values, tally)
        return x

    def _times(self, body: Sequence[Step], times: int, x: Flow, values: Values, tally: Tally) -> Flow:
        for left in range(times, 0, -1):
            once, entered = Tally(), x.kept
            entry = Flow(x.shape, stored=Stored(x.kept))
            y = self.steps(body, entry, {**values, IN: x.shape.channels}, once)
            x.stored.kept = entry.kept
            stays = y.shape == x.shape and y.kept == entered
            same = left if stays else 1  # nothing changes: every repetition that is left is this one
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
            self.inside[key] = Inside(inner, y, entry)
            self._within.pop()
        found = self.inside[key]
        tally.merge(found.tally)
        if found.x.kept:
            self._keep(x, tally, counted=True)
        return found.after(x)

    def _branches(self, step: Branches, x: Flow, values: Values, tally: Tally) -> Flow:
        ends: dict[str, Flow] = {}
        for i, branch in enumerate(step.branches):
            tallied = Tally()
            y = self.steps(branch.steps, x, {**values, IN: x.shape.channels}, tallied)
            tally.merge(tallied)
            if not self._nothing(branch.steps, {**values, IN: x.shape.channels}):
                ends[branch.name if branch.name not in ends else f"{branch.name} ({i + 1})"] = y
        if len(ends) == 1:
            return next(iter(ends.values()))
        if not ends:
            raise _Stopped(no_branch_left(step.join.place, step.join.op))
        return self._apply(step.join, [*ends.values()], values, tally, [*ends])

    def _nothing(self, steps: Sequence[Step], values: Values) -> bool:
        """Whether nothing is left of a branch, because none of its conditions holds."""
        return all(
            isinstance(step, When) and not step.bypass and not self.value(step.condition, values) for step in steps
        )

    def _graph(self, step: Graph, x: Flow, values: Values, tally: Tally) -> Flow:
        flows: dict[str, Flow] = {IN: x}
        flow = x
        for row in step.rows:
            inputs = [flows[source] for source in row.sources] or [flow]
            flow = self._chain(row.steps or (), inputs, {**values, IN: inputs[0].shape.channels}, tally, row)
            flows[row.layer] = flow
        self._complain_of_unused(step.rows, {source for row in step.rows for source in row.sources})
        return flow

    def _complain_of_unused(self, rows: Sequence[Row], taken: set[str]) -> None:
        """A row that nobody takes: the next one has sources of its own, and no later one names it."""
        for row, after in pairwise(rows):
            if after.sources and row.layer not in taken:
                self.report.add(row_without_use(row.place, row.layer))

    def _apply(self, step: Apply, xs: Sequence[Flow], values: Values, tally: Tally, names: Sequence[str] = ()) -> Flow:
        self._count(step)
        op = self.layer(step, values)
        if (op.arity == 1) != (len(xs) == 1):
            raise _Stopped(join_of_one(step.place, step.op, len(xs)))
        shapes = tuple(x.shape for x in xs)
        try:
            y = op.infer(*shapes)
        except Refused as refused:
            arg = step.args.get(refused.param or "")
            at = arg.place if arg and arg.place else step.place
            raise _Stopped(refused_by(at, step.op, shapes, refused, names)) from None
        if max(y.dims) > LARGEST:
            raise _Stopped(too_large(step.place))
        tally.add(op, shapes, y)
        lens = Lens.joined([x.lens for x in xs], shapes).then(Lens.of(op.window(*shapes)))
        keeps = op.keeping(*shapes)
        depth = max(x.depth for x in xs) + isinstance(op, Weighted)
        found = Flow(y, lens, xs[0].stored if op.view else Stored(), depth)
        for flow in (*xs, found):
            if ("output" if flow is found else "input") in keeps:
                self._keep(flow, tally)
        tally.kept += op.masks(y, *shapes) if "mask" in keeps else 0
        return found

    def _count(self, step: Step) -> None:
        """Note some work, and stop where it is too much."""
        self._applications += 1
        if self._applications > MOST_APPLICATIONS:
            raise _Stopped(too_many(step.place))

    def _keep(self, flow: Flow, tally: Tally, counted: bool = False) -> None:
        """Note that the backward pass needs what flows here; it is stored once, whoever needs it.

        ``counted`` where a block's own tally has it already.
        """
        if flow.kept and counted:
            tally.kept -= flow.shape.size
        elif not flow.kept and not counted:
            tally.kept += flow.shape.size
        flow.stored.kept = True

    def layer(self, step: Apply, values: Values) -> Op:
        """The op with the values of its arguments here."""
        if step.settled:
            return step.layer()
        known = {name: self.value(arg, values) for name, arg in step.args.items()}
        try:
            return step.layer(known)
        except Misfit as misfit:
            settled = {name: replace(arg, value=known[name]) for name, arg in step.args.items()}
            name, why = next(iter(misfit.problems.items()))
            wrong = next(misfits(replace(step, args=settled), {name: why}, step.place))
            raise _Stopped(_with_values(wrong, settled.get(name), values)) from None

    def arguments(self, step: Instance, block: Block, values: Values, channels: int) -> dict[str, Any]:
        """The parameters of a block at one of its uses: what is given, and the defaults of the others.

        In a default, ``in`` is what enters the block; in what is given, what enters the row of the use.
        """
        found: dict[str, Any] = {}
        for name, default in block.parameters.items():
            if name in step.args:
                found[name] = self.value(step.args[name], values)
            else:
                assert default is not None
                inner = {**self._network.parameters, **found, IN: channels}
                found[name] = self.value(default, inner)
            if not isinstance(found[name], int | float):
                raise _Stopped(not_a_number(step.place, found[name]))
        return found

    def whole(self, arg: Arg, values: Values) -> int:
        """A number of repetitions."""
        value = self.value(arg, values)
        if type(value) is not int:
            found = replace(arg, value=value)
            raise _Stopped(_with_values(not_whole(arg.place, found), found, values))
        return value

    def value(self, arg: Arg, values: Values) -> Any:
        """The value of an argument here."""
        if arg.value is not None or arg.text is None:
            return arg.value
        try:
            if " x " in arg.text:
                return tuple(evaluate(part, values) for part in arg.text.split(" x "))
            return evaluate(arg.text, values)
        except Unfit as unfit:
            raise _Stopped(unfit_expression(arg.place, unfit)) from None


def _with_values(wrong: Diagnostic, arg: Arg | None, values: Values) -> Diagnostic:
    """The arithmetic of an argument with what its names stand for here: ``in / r = 2.5, with in = 40, r = 16``."""
    names = sorted(arg.names - {arg.text}) if arg is not None else ()
    known = ", ".join(f"{name} = {values[name]}" for name in names if type(values.get(name)) in (int, float))
    if not known or not wrong.notes:
        return wrong
    return replace(wrong, notes=(f"{wrong.notes[0]}, with {known}", *wrong.notes[1:]))


class _Stopped(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def _restored(printed: str | None) -> Shape | None:
    dims = dims_of(printed) if printed else []
    if len(dims) == 3:
        return Shape(dims[2], dims[0], dims[1])
    return Shape(dims[0]) if len(dims) == 1 else None


@explained("E0701")
def refused_by(
    span: Span | None, op: str, xs: Sequence[Shape], refused: Refused, names: Sequence[str] = ()
) -> Diagnostic:
    """A layer cannot take its input: channels that do not split into groups, a window larger than its map.

    archspec refuses what torch would refuse, with the arithmetic.
    """
    if len(xs) == 1:
        inputs = f"the input of this `{op}` is {xs[0]}"
    else:
        inputs = ", ".join(f"input {i} is `{name}`, {x}" for i, (name, x) in enumerate(zip(names, xs, strict=True), 1))
    notes = tuple(filter(None, (inputs, refused.why)))
    return Diagnostic("E0701", refused.message, span, "refused", notes=notes, help=refused.help)


@explained("E0702")
def too_many(span: Span | None, what: str = "different layers", most: int = MOST_APPLICATIONS) -> Diagnostic:
    """A repetition changes its shape every time, so often that the analysis stops: more than 100,000 different layers.

    Repetitions that keep their shape cost nothing, up to a thousand million million layers in all.
    """
    return Diagnostic("E0702", f"too many {what}", span, "stopped here", notes=(f"more than {most:,}",))


@explained("E0703")
def too_many_settings(span: Span | None, settings: int, layers: int) -> Diagnostic:
    """Claims set parameters in so many ways that they are not checked: more than 100,000 layers to analyse.

    The network is analysed once for each setting of parameters that a claim names; a layer that is repeated counts
    once. Claims without settings are checked all the same.
    """
    message = "the claims set parameters in too many ways"
    notes = (f"{settings:,} settings of {layers:,} layers are more than {MOST_APPLICATIONS:,}",)
    return Diagnostic("E0703", message, span, "too many here", notes=notes, help="split the claims over several files")
