"""The network as data: rows of steps, with repeats, groups and parameters kept as they were written.

The nodes are plain dataclasses, because making them must cost nothing; Pydantic reads and checks what comes in as
JSON, in ``archspec.ir_json``. Places in the file are no part of what a node is: two nodes are equal wherever they were
written, and JSON does not hold them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from archspec import ops
from archspec.diagnostics import Span
from archspec.expressions import names_in
from archspec.op import Op, Shape

Value: TypeAlias = bool | int | float | str | tuple[int, ...]
"""What a parameter or an argument may hold; a tuple is a size."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A part of the IR, and where it was written."""

    __pydantic_config__ = {"extra": "forbid", "allow_inf_nan": False}  # noqa: RUF012

    span: Any = field(default=None, compare=False, repr=False)

    @property
    def place(self) -> Span | None:
        """Where it was written; None for a network that came from JSON."""
        return self.span if isinstance(self.span, Span) else None


@dataclass(frozen=True, kw_only=True)
class Arg(Node):
    """An argument: its value, and its text where that depends on the network's parameters."""

    value: Value
    text: str | None = None

    @property
    def names(self) -> frozenset[str]:
        """The parameters that it depends on."""
        return names_in(self.text) if self.text is not None else frozenset()


@dataclass(frozen=True, kw_only=True)
class Apply(Node):
    """One layer: an op by its canonical name, with the arguments that were given."""

    kind: Literal["apply"] = "apply"
    op: str
    args: dict[str, Arg] = field(default_factory=dict)

    def layer(self) -> Op:
        """The op with its arguments; raises Misfit where they do not fit."""
        found = ops.find(self.op)
        assert found is not None
        return found(**{name: arg.value for name, arg in self.args.items()})


@dataclass(frozen=True, kw_only=True)
class Group(Node):
    """What one layer means under its `every` rule: ``conv`` stands for conv, bn, relu."""

    kind: Literal["group"] = "group"
    rule: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True)
class Repeat(Node):
    """``steps``, ``times`` over; the first time ``first`` instead, as a stride stands in the first repetition only."""

    kind: Literal["repeat"] = "repeat"
    times: Arg
    steps: tuple[Step, ...]
    first: tuple[Step, ...] | None = None

    def runs(self) -> Iterator[tuple[int, tuple[Step, ...]]]:
        """How often to apply which steps, in order."""
        assert isinstance(self.times.value, int)
        if self.first is not None:
            yield 1, self.first
            yield self.times.value - 1, self.steps
        else:
            yield self.times.value, self.steps


Step: TypeAlias = Apply | Group | Repeat


@dataclass(frozen=True, kw_only=True)
class Row(Node):
    """One row of the table. ``steps`` is None only where the row could not be understood, which was reported."""

    layer: str
    op: str
    steps: tuple[Step, ...] | None


@dataclass(frozen=True, kw_only=True)
class Printed(Node):
    """A figure as the paper prints it; ``marked`` (`!`) where it is known to contradict the architecture."""

    quantity: str
    printed: str
    marked: bool = False


@dataclass(frozen=True, kw_only=True)
class Cell(Printed):
    """A printed cell of a row, by the row's position."""

    row: int


@dataclass(frozen=True, kw_only=True)
class Claim(Printed):
    """A printed figure of the whole network: its source, how it counts, and the parameters it holds for."""

    source: str
    counted: tuple[str, ...] = ()
    parameters: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Paper(Node):
    """Where the table was printed."""

    title: str
    references: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ", ".join((self.title, *self.references))


@dataclass(frozen=True, kw_only=True)
class Network(Node):
    """A network, or one variant of a family, with the values of its parameters."""

    name: str
    variant: str | None = None
    title: str | None = None
    papers: tuple[Paper, ...] = ()
    parameters: dict[str, Value] = field(default_factory=dict)
    overridden: bool = False
    """Whether parameters or the input differ from the file's, so that its printed figures do not apply."""
    input: tuple[int, ...]
    input_names: tuple[str, ...] = ()
    """The parameters on which the input depends."""
    counted: tuple[str, ...] = ()
    rows: tuple[Row, ...]
    cells: tuple[Cell, ...] = ()
    claims: tuple[Claim, ...] = ()

    @property
    def input_shape(self) -> Shape:
        """H x W x C, or a vector."""
        if len(self.input) == 1:
            return Shape(self.input[0])
        height, width, channels = self.input
        return Shape(channels, height, width)

    @property
    def display_name(self) -> str:
        """The title with the variant: ``VGG-D``; the name where there is no title."""
        if self.title is None:
            return self.label
        return f"{self.title}-{self.variant}" if self.variant else self.title

    @property
    def label(self) -> str:
        """The name with its variant: ``vgg_D``."""
        return f"{self.name}_{self.variant}" if self.variant else self.name


def applied(steps: tuple[Step, ...]) -> Iterator[Apply]:
    """Every layer in steps, in order, also inside groups and repeats."""
    for step in steps:
        if isinstance(step, Apply):
            yield step
        elif isinstance(step, Repeat):
            yield from applied((*(step.first or ()), *step.steps))
        else:
            yield from applied(step.steps)
