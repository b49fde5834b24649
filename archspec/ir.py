"""The network as data: rows of steps, with repeats, groups and parameters kept as they were written.

JSON goes out with ``model_dump_json()`` and comes in with ``Network.model_validate_json``; places in the
file stay behind, and two nodes are equal wherever they were written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from archspec import ops
from archspec.diagnostics import Span
from archspec.op import Op, Shape

Value: TypeAlias = bool | int | float | str | tuple[int, ...]
"""What a parameter or an argument may hold; a tuple is a size."""


class Node(BaseModel):
    """A part of the IR; ``span`` says where it was written and is no part of what it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    span: Any = Field(default=None, exclude=True, repr=False)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and _content(self) == _content(other)

    def __hash__(self) -> int:
        return hash(self.model_dump_json())

    @property
    def place(self) -> Span | None:
        """Where it was written; None for a network that came from JSON."""
        return self.span if isinstance(self.span, Span) else None


def _content(node: Node) -> dict[str, Any]:
    return {name: value for name, value in node.__dict__.items() if name != "span"}


class Arg(Node):
    """An argument: its value, and its text where that depends on the network's parameters."""

    value: Value
    text: str | None = None


class Apply(Node):
    """One layer: an op by its canonical name, with the arguments that were given."""

    kind: Literal["apply"] = "apply"
    op: str
    args: dict[str, Arg] = {}

    def layer(self, **changed: Any) -> Op:
        """The op with its arguments; raises pydantic's ValidationError where they do not fit."""
        found = ops.find(self.op)
        assert found is not None
        return found.model_validate({name: arg.value for name, arg in self.args.items()} | changed)


class Group(Node):
    """What one layer means under its `every` rule: ``conv`` stands for conv, bn, relu."""

    kind: Literal["group"] = "group"
    rule: str
    steps: tuple[Step, ...]


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


def _kind(node: Any) -> str:
    kind: str = node["kind"] if isinstance(node, Mapping) else node.kind
    return kind


Step = Annotated[
    Annotated[Apply, Tag("apply")] | Annotated[Group, Tag("group")] | Annotated[Repeat, Tag("repeat")],
    Discriminator(_kind),
]


class Row(Node):
    """One row of the table. ``steps`` is None only where the row could not be understood, which was reported."""

    layer: str
    op: str
    steps: tuple[Step, ...] | None


class Printed(Node):
    """A figure as the paper prints it; ``marked`` (`!`) where it is known to contradict the architecture."""

    quantity: str
    printed: str
    marked: bool = False


class Cell(Printed):
    """A printed cell of a row, by the row's position."""

    row: int


class Claim(Printed):
    """A printed figure of the whole network: its source, how it counts, and the parameters it holds for."""

    source: str
    counted: tuple[str, ...] = ()
    parameters: dict[str, Value] = {}


class Paper(Node):
    """Where the table was printed."""

    title: str
    references: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ", ".join((self.title, *self.references))


class Network(Node):
    """A network, or one variant of a family, with the values of its parameters."""

    name: str
    variant: str | None = None
    title: str | None = None
    papers: tuple[Paper, ...] = ()
    parameters: dict[str, Value] = {}
    overridden: bool = False
    """Whether parameters or the input differ from the file's, so that its printed figures do not apply."""
    input: tuple[int, ...]
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
    def label(self) -> str:
        """The name with its variant: ``vgg_D``."""
        return f"{self.name}_{self.variant}" if self.variant else self.name
