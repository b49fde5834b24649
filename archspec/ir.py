"""The network as data: rows of steps, with repeats, groups and parameters kept as they were written.

The nodes are plain dataclasses, because making them must cost nothing; Pydantic reads and checks what comes in as
JSON, in ``from_json``. Places in the file are no part of what a node is: two nodes are equal wherever they were
written, and JSON does not hold them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal, TypeAlias

from archspec import ops
from archspec.arguments import Misfit
from archspec.diagnostics import Span
from archspec.expressions import TOKEN, names_in, tree_of
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


def to_json(network: Network) -> str:
    """The network as JSON, without the places in its file."""
    import json

    return json.dumps(_plain(network), indent=2, ensure_ascii=False)


def from_json(text: str | bytes) -> Network:
    """A network from its JSON; raises ValueError for what is none, of which pydantic's ValidationError is one."""
    from pydantic import TypeAdapter

    network = TypeAdapter(Network).validate_json(text, strict=True)
    mistake = next(_mistakes(network), None)
    if mistake is not None:
        raise ValueError(mistake)
    return network


def _mistakes(network: Network) -> Iterator[str]:
    """What is wrong with a network whose parts have the right types."""
    if len(network.input) not in (1, 3) or min(network.input) < 1:
        yield f"the input is {list(network.input)}, and must be 1 or 3 whole numbers of at least 1"
    for row in network.rows:
        for step in _every(row.steps or ()):
            yield from _wrong_step(step, frozenset(network.parameters))
    for cell in network.cells:
        if not 0 <= cell.row < len(network.rows):
            yield f"a cell is printed in row {cell.row}, and the rows are 0 to {len(network.rows) - 1}"
    for rule in (*network.counted, *(rule for claim in network.claims for rule in claim.counted)):
        if not _is_rule(rule):
            yield f"there is no counting rule `{rule}`"


def _every(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        if isinstance(step, Repeat):
            yield from _every((*(step.first or ()), *step.steps))
        elif isinstance(step, Group):
            yield from _every(step.steps)


def _wrong_step(step: Step, parameters: frozenset[str]) -> Iterator[str]:
    if isinstance(step, Apply):
        yield from _wrong_layer(step)
        for arg in step.args.values():
            yield from _wrong_text(arg, parameters)
        return
    if not step.steps or (isinstance(step, Repeat) and step.first == ()):
        yield f"a {step.kind} has no steps"
    if isinstance(step, Repeat):
        times = step.times.value
        if type(times) is not int or times < 1:
            yield f"a repeat has {times!r} times, which must be a whole number of at least 1"
        yield from _wrong_text(step.times, parameters)


def _wrong_layer(apply: Apply) -> Iterator[str]:
    found = ops.find(apply.op)
    if found is None or found.spelled() != apply.op:
        yield f"there is no layer `{apply.op}`"
        return
    unknown = sorted(apply.args.keys() - found.arguments.keys())
    if unknown:
        yield f"`{apply.op}` has no argument `{unknown[0]}`"
        return
    try:
        apply.layer()
    except Misfit as misfit:
        yield f"`{apply.op}` cannot take its arguments: {misfit}"


def _wrong_text(arg: Arg, parameters: frozenset[str]) -> Iterator[str]:
    """What is wrong with the text of an argument; a size has one for each part, ``width x 3``."""
    if arg.text is None:
        return
    sides = len(arg.value) if isinstance(arg.value, tuple) else 1
    parts = arg.text.split(" x ") if isinstance(arg.value, tuple) else [arg.text]
    if len(parts) != sides or not all(_is_arithmetic(part) for part in parts):
        yield f"`{arg.text}` is no arithmetic of numbers and parameters"
    for name in sorted(frozenset().union(*map(names_in, parts)) - parameters):
        yield f"`{arg.text}` names `{name}`, which is no parameter of the network"


def _is_arithmetic(text: str) -> bool:
    """Whether a text is a plain expression, of no more than emitted code may hold."""
    import ast

    if not re.fullmatch(r"[\w .()+*/-]+", text):
        return False
    apart = TOKEN.sub(r" \g<0> ", text).strip()  # so that `2width` is not taken for one number or name
    try:
        nodes = [*ast.walk(tree_of(apart))]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    allowed = (ast.BinOp, ast.UnaryOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.USub, ast.Name, ast.Load)
    return all(
        isinstance(node, allowed) or (isinstance(node, ast.Constant) and type(node.value) in (int, float))
        for node in nodes
    )


RULES = frozenset({"paper", "cs231n", "no bias", "with bias", "with statistics", "with input"})
"""The counting rules that name no layer: those of ``archspec.conventions``, which no file above it may import."""


def _is_rule(rule: str) -> bool:
    name = rule.removeprefix("no ").removesuffix(" weights")
    found = ops.find(name)
    return rule in RULES or (found is not None and rule.startswith("no ") and found.spelled() == name)


def applied(steps: tuple[Step, ...]) -> Iterator[Apply]:
    """Every layer in steps, in order, also inside groups and repeats."""
    for step in steps:
        if isinstance(step, Apply):
            yield step
        elif isinstance(step, Repeat):
            yield from applied((*(step.first or ()), *step.steps))
        else:
            yield from applied(step.steps)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value) if item.name != "span"}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
