"""The rows of a network opened: the layers of blocks, rules and repetitions with what each costs, level by level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archspec.analysis.cost import amounts
from archspec.analysis.inferred import Flow, Inferred, Shaped, Tally, Use, Values, ends_in_loss
from archspec.analysis.shapes import Walk
from archspec.budget import spend
from archspec.counting.conventions import Counting
from archspec.counting.quantities import SUMS
from archspec.diagnostics import Report
from archspec.ir.network import Apply, Arg, Branch, Branches, Graph, Group, Instance, Network, Repeat, Row, Step, When
from archspec.ir.node import IN
from archspec.ir.walking import is_left
from archspec.op import Op, Shape
from archspec.render.columns import Part
from archspec.reports.diff.spoken import STRIDE, Words
from archspec.support.limits import COUNTED, WALKED

FIELDS = tuple(quantity.field for quantity in SUMS)


class Line(NamedTuple):
    """A step of a row with its output, and the steps inside it; its costs are those of all its repetitions."""

    name: str
    """The branch or the row of a block that it begins, or which repetitions it is."""
    text: str
    output: Shape
    uses: Sequence[Use]
    inner: Sequence[Line] = ()
    times: int = 1

    def cost(self, counting: Counting, field: str) -> int:
        """What it has of a quantity, however often it stands there."""
        spend(COUNTED * (1 + len(self.uses)))
        column = FIELDS.index(field)
        return self.times * sum(use.times * amounts(counting.rules, use.layer)[column] for use in self.uses)

    def repeated(self, times: int) -> Line:
        """It and all inside so many times."""
        return self._replace(times=self.times * times, inner=[line.repeated(times) for line in self.inner])


class _Frame:
    """What is being opened: its lines so far, and whether one step is all of it, which then shows its own steps."""

    def __init__(self, level: int, alone: bool, name: str = "") -> None:
        self.level, self.alone, self.name = level, alone, name
        self.text = ""
        """The one step, with the values that its arguments have."""
        self.lines: list[Line] = []
        self.runs: list[tuple[list[Line], str, int]] = []


def opened(network: Network, inferred: Inferred, depth: int) -> list[list[Line]]:
    """For each row of a network what is inside, down to a depth at which a row is 1; raises ArchError for too much."""
    walk = _Opening(network, inferred, depth)
    walk.rows(network.rows, Flow(network.input_shape), network.parameters)
    walk.report.raise_if_failed()
    return walk.found


def parts(network: Network, inferred: Inferred, counting: Counting, depth: int) -> list[list[Part]]:
    """The same as lines of a table, under a counting rule; a loss that the rule does not see costs nothing."""
    found = opened(network, inferred, depth)
    for row, lines in zip(network.rows[-1:], found[-1:], strict=True):
        if lines and counting.runs and ends_in_loss(row):
            lines[-1] = lines[-1]._replace(uses=())
    return [[*_parts(lines, counting)] for lines in found]


def _parts(lines: Sequence[Line], counting: Counting, level: int = 1) -> Iterator[Part]:
    for line in lines:
        yield Part(
            level, line.name, line.text, line.output, line.cost(counting, "params"), line.cost(counting, "mult_adds")
        )
        yield from _parts(line.inner, counting, level + 1)


class _Opening(Walk):
    """Walks every row once more, and notes what is inside it; what lies deeper than wanted is known."""

    def __init__(self, network: Network, inferred: Inferred, depth: int) -> None:
        super().__init__(network, Report())
        self.inside = dict(inferred.inside)
        self.found: list[list[Line]] = []
        self._words = Words(network.blocks)
        self._deepest = depth
        self._frame: _Frame | None = None
        """What takes the lines; None where nothing is noted."""

    def _row(self, row: Row, inputs: Sequence[Flow | None], values: Values) -> tuple[Shaped, Flow | None]:
        alone = len(row.steps or ()) == 1
        self._frame = frame = _Frame(1, alone)
        done = super()._row(row, inputs, values)
        self._frame = None
        # A row that is one layer has nothing inside.
        single = alone and len(frame.lines) == 1 and not (frame.lines[0].inner or frame.lines[0].name)
        self.found.append([] if single else frame.lines)
        return done

    def _chain(self, steps: Sequence[Step], xs: Sequence[Flow], values: Values, tally: Tally, row: Row) -> Flow:
        if self._frame is not None and self._depth:
            self._frame.name = row.layer
        return super()._chain(steps, xs, values, tally, row)

    def _branch(self, branch: Branch, x: Flow, values: Values, tally: Tally) -> Flow:
        frame = self._frame
        if frame is None:
            return super()._branch(branch, x, values, tally)
        self._frame = _Frame(frame.level, alone=False, name=branch.name)
        y = super()._branch(branch, x, values, tally)
        lines = self._frame.lines
        if not lines and is_left(branch.steps, lambda step: bool(self.value(step.condition, values))):
            lines = [Line(branch.name, "identity", y.shape, ())]
        frame.lines += lines
        self._frame = frame
        return y

    def _apply(self, step: Apply, xs: Sequence[Flow], values: Values, tally: Tally, names: Sequence[str] = ()) -> Flow:
        own = Tally()
        y = super()._apply(step, xs, values, own, names)
        tally.merge(own)
        self._note_line(step, xs[0], y, values, own)
        return y

    def _stepped(self, step: Step, x: Flow, values: Values, tally: Tally) -> Flow:
        frame = self._frame
        if frame is None or isinstance(step, Apply | When | Branches | Graph):
            return super()._stepped(step, x, values, tally)
        level = frame.level + (not frame.alone)
        inner = _Frame(level, len(self._body(step)) == 1) if level < self._deepest else None
        own, self._frame = Tally(), inner
        y = self._inner(step, x, values, own)
        self._frame = frame
        tally.merge(own)
        lines = _taken(inner) if inner is not None else []
        if frame.alone:
            frame.text = self._said(step, x, values)
            frame.lines += lines
        else:
            self._note_line(step, x, y, values, own, lines)
        return y

    def _inner(self, step: Step, x: Flow, values: Values, tally: Tally) -> Flow:
        """A step with what is inside; a block is known already, so that it is walked for its lines alone."""
        frame = self._frame
        if isinstance(step, Instance) and frame is not None:
            block = self._network.blocks[step.block]
            args = self.arguments(step, block, values, x.shape.channels)
            bound = {**self._network.parameters, **args, IN: x.shape.channels}
            self.steps(block.steps, Flow(x.shape), bound, Tally())
            self._frame = None
        return super()._stepped(step, x, values, tally)

    def _body(self, step: Step) -> Sequence[Step]:
        if isinstance(step, Instance):
            return self._network.blocks[step.block].steps
        return step.steps if isinstance(step, Group | Repeat) else ()

    def _ran(self, times: int) -> None:
        frame = self._frame
        if frame is not None:
            frame.runs.append((frame.lines, frame.text, times))
            frame.lines = []

    def _note_line(self, step: Step, x: Flow, y: Flow, values: Values, own: Tally, inner: Sequence[Line] = ()) -> None:
        frame = self._frame
        if frame is not None:
            spend(WALKED, step.place)
            frame.lines.append(Line(frame.name, self._whole(step, x, values), y.shape, own.uses, inner))
            frame.name = ""

    def _whole(self, step: Step, x: Flow, values: Values) -> str:
        """What a line is called: a rule by all of its steps, since all of them count in it."""
        if not isinstance(step, Group):
            return self._said(step, x, values)
        rule = next((each for each in step.steps if self._words.label(each) == step.rule), None)
        return "; ".join(
            self._said(each, x, values) if each is rule else self._words.label(each) for each in step.steps
        )

    def _said(self, step: Step, x: Flow, values: Values) -> str:
        return self._words.said(self._settled(step, {**values, IN: x.shape.channels}))

    def _settled(self, step: Step, values: Values) -> Step:
        """A step with the values that its arguments have here; of a rule, the step that it is about."""
        if isinstance(step, Group):
            inner = next((each for each in step.steps if self._words.label(each) == step.rule), None)
            return step if inner is None else self._settled(inner, values)
        if isinstance(step, Repeat):
            first, *more = step.first or step.steps
            times = Arg(value=self.value(step.times, values))
            return step.replaced(times=times, first=(self._settled(first, values), *more))
        if isinstance(step, Apply | Instance):
            args = {name: Arg(value=self.value(arg, values)) for name, arg in step.args.items()}
            if isinstance(step, Apply):
                return step.replaced(args=_as_written(step, args))
            own = self._network.blocks[step.block].parameters.get(STRIDE)
            usual = own is not None and STRIDE in args and args[STRIDE].value == own.value
            return step.replaced(args={name: arg for name, arg in args.items() if name != STRIDE or not usual})
        return step


def _as_written(step: Apply, args: dict[str, Arg]) -> dict[str, Arg]:
    """The arguments of a layer in the order of a cell, switches last; without a stride that it has by itself."""
    kind = step.kind_of_layer
    found = {n: x for n, x in args.items() if n != STRIDE or kind.arguments[n].accept(x.value) != _usual(kind, n)}
    size = found.get(kind.sized or "")
    if size is not None and isinstance(size.value, int):
        found[kind.sized or ""] = Arg(value=(size.value, size.value))
    order = {name: i for i, name in enumerate((kind.sized, *kind.bare, STRIDE))}
    names = sorted(found, key=lambda name: order.get(name, len(order) + isinstance(found[name].value, bool)))
    return {name: found[name] for name in names}


def _usual(kind: type[Op], name: str) -> object:
    """The default of an argument as the layer keeps it; None where that is for the layer to work out."""
    default = kind.arguments[name].default
    return None if default is None else kind.arguments[name].accept(default)


def _taken(frame: _Frame) -> list[Line]:
    """The lines of a step; of a repetition whose runs differ, a line for each with what is inside."""
    if not frame.runs:
        return frame.lines
    if len(frame.runs) == 1:
        return [line.repeated(frame.runs[0][2]) for line in frame.runs[0][0]]
    found: list[Line] = []
    done = 0
    for lines, text, times in frame.runs:
        if lines:
            uses = [use._replace(times=use.times * line.times) for line in lines for use in line.uses]
            name = f"{done + 1}" if times == 1 else f"{done + 1} to {done + times}"
            said = text or "; ".join(line.text for line in lines)
            found.append(Line(name, said, lines[-1].output, uses, lines).repeated(times))
        done += times
    return found
