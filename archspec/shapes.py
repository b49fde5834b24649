"""IR to shapes. Cost grows with the rows of the table: a repetition is walked until its shape stays the same.

What depends on a mistake stays silent: after one, rows have no shape until a printed output gives one again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from archspec.diagnostics import Diagnostic, Report, Span, explained
from archspec.ir import Apply, Network, Repeat, Row, Step
from archspec.op import Op, Refused, Shape
from archspec.printed import dims_of

MOST_APPLICATIONS = 100_000
FARTHEST = 10**15
"""Where receptive fields stop growing, so that no repetition makes numbers without end."""


class Lens(NamedTuple):
    """What layers together see, (H, W) each: the input beyond its one position, and the step from one to the next."""

    reach: tuple[int, int] = (0, 0)
    stride: tuple[int, int] = (1, 1)

    def then(self, after: Lens) -> Lens:
        """This one and the layers after it, each of whose steps is as long as this one's stride."""
        axes = zip(self.reach, self.stride, after.reach, after.stride, strict=True)
        rows, columns = (
            (min(reach + stride * more, FARTHEST), min(stride * by, FARTHEST)) for reach, stride, more, by in axes
        )
        return Lens((rows[0], columns[0]), (rows[1], columns[1]))

    def power(self, times: int) -> Lens:
        """The same ``times`` over, by squaring: composition is associative, also where it stops growing."""
        result, square = Lens(), self
        while times:
            result = result.then(square) if times % 2 else result
            square, times = square.then(square), times // 2
        return result

    @property
    def field(self) -> tuple[int, int]:
        """Height and width of the input that one position sees."""
        return self.reach[0] + 1, self.reach[1] + 1


class Use(NamedTuple):
    """One op on one input shape, and how many layers of the network it stands for."""

    op: Op
    x: Shape
    y: Shape
    times: int


@dataclass
class Shaped:
    """A row with its shapes; ``x`` and ``y`` are None where a mistake hides them."""

    row: Row
    x: Shape | None
    y: Shape | None = None
    uses: list[Use] = field(default_factory=list)
    lens: Lens = field(default_factory=Lens)


def infer(network: Network, report: Report) -> list[Shaped]:
    """The shapes of all rows; what torch would refuse goes to the report."""
    printed = {cell.row: cell.printed for cell in network.cells if cell.quantity == "output" and not cell.marked}
    walk = Walk(report)
    found: list[Shaped] = []
    x = network.input_shape if network.input else None
    for i, row in enumerate(network.rows):
        found.append(walk.row(row, x))
        x = found[-1].y or _restored(printed.get(i))
    return found


def follow(rows: Iterable[Row], x: Shape) -> list[Shape | None]:
    """The output shapes of rows for a given input, without a word about mistakes."""
    walk = Walk(Report())
    shapes: list[Shape | None] = []
    y: Shape | None = x
    for row in rows:
        y = walk.row(row, y).y
        shapes.append(y)
    return shapes


class Walk:
    """Applies steps to shapes, and keeps every use of an op with its number of layers."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._applications = 0

    def row(self, row: Row, x: Shape | None) -> Shaped:
        shaped = Shaped(row, x)
        if x is not None and row.steps is not None:
            try:
                shaped.y, shaped.lens = self._steps(row.steps, x, shaped.uses)
            except _Stopped as stopped:
                self.report.add(stopped.diagnostic)
        return shaped

    def _steps(self, steps: Sequence[Step], x: Shape, uses: list[Use]) -> tuple[Shape, Lens]:
        lens = Lens()
        for step in steps:
            x, seen = self._step(step, x, uses)
            lens = lens.then(seen)
        return x, lens

    def _step(self, step: Step, x: Shape, uses: list[Use]) -> tuple[Shape, Lens]:
        if isinstance(step, Apply):
            return self._apply(step, x, uses)
        if not isinstance(step, Repeat):
            return self._steps(step.steps, x, uses)
        lens = Lens()
        for times, body in step.runs():
            x, seen = self._repeat(body, times, x, uses)
            lens = lens.then(seen)
        return x, lens

    def _repeat(self, body: Sequence[Step], times: int, x: Shape, uses: list[Use]) -> tuple[Shape, Lens]:
        lens = Lens()
        for left in range(times, 0, -1):
            once: list[Use] = []
            y, seen = self._steps(body, x, once)
            same = left if y == x else 1  # the shape stays: every repetition that is left is this one
            uses.extend(use._replace(times=use.times * same) for use in once)
            lens = lens.then(seen.power(same))
            if same == left:
                return y, lens
            x = y
        return x, lens

    def _apply(self, step: Apply, x: Shape, uses: list[Use]) -> tuple[Shape, Lens]:
        self._applications += 1
        if self._applications > MOST_APPLICATIONS:
            raise _Stopped(too_many(step.place))
        op = step.layer()
        try:
            y = op.infer(x)
        except Refused as refused:
            arg = step.args.get(refused.param or "")
            raise _Stopped(refused_by(arg.place if arg and arg.place else step.place, step.op, x, refused)) from None
        uses.append(Use(op, x, y, 1))
        window = op.window(x)
        return y, Lens((window.extent[0] - 1, window.extent[1] - 1), window.stride)


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
def refused_by(span: Span | None, op: str, x: Shape, refused: Refused) -> Diagnostic:
    """A layer cannot take its input: channels that do not split into groups, a window larger than its map.

    archspec refuses what torch would refuse, with the arithmetic.
    """
    notes = tuple(filter(None, (f"the input of this `{op}` is {x}", refused.why)))
    return Diagnostic("E0701", refused.message, span, "refused", notes=notes, help=refused.help)


@explained("E0702")
def too_many(span: Span | None) -> Diagnostic:
    """A repetition changes its shape every time, so often that the analysis stops: more than 100,000 different layers.

    Repetitions that keep their shape cost nothing, however many they are.
    """
    return Diagnostic(
        "E0702", "too many different layers", span, "stopped here", notes=(f"more than {MOST_APPLICATIONS:,}",)
    )


@explained("E0703")
def too_many_settings(span: Span | None, settings: int, layers: int) -> Diagnostic:
    """Claims set parameters in so many ways that they are not checked: more than 100,000 layers to analyse.

    The network is analysed once for each setting of parameters that a claim names; a layer that is repeated counts
    once. Claims without settings are checked all the same.
    """
    message = "the claims set parameters in too many ways"
    notes = (f"{settings:,} settings of {layers:,} layers are more than {MOST_APPLICATIONS:,}",)
    return Diagnostic("E0703", message, span, "too many here", notes=notes, help="split the claims over several files")
