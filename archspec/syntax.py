"""What the author wrote, with its places; names as in ``grammar.lark``. Nothing here is checked or evaluated."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from archspec.diagnostics import Diagnostic, Span


class Number(NamedTuple):
    span: Span
    value: int | float
    depth: int = 1


class Name(NamedTuple):
    span: Span
    id: str
    depth: int = 1


class Binary(NamedTuple):
    span: Span
    operator: str
    left: Expr
    right: Expr
    depth: int


class Negative(NamedTuple):
    span: Span
    inner: Expr
    depth: int


Expr: TypeAlias = Number | Name | Binary | Negative


class Size(NamedTuple):
    """``3x3``, or the parts of ``resolution x resolution x 3``."""

    span: Span
    parts: tuple[Expr, ...]


class Text(NamedTuple):
    span: Span
    text: str


Value: TypeAlias = Expr | Size | Text


class Stride(NamedTuple):
    span: Span
    value: Value


class Without(NamedTuple):
    span: Span
    name: str


class Named(NamedTuple):
    span: Span
    name: str
    name_span: Span
    value: Value


class Plain(NamedTuple):
    """An argument that says what it is by its form: a size or an expression."""

    span: Span
    value: Value


Arg: TypeAlias = Stride | Without | Named | Plain


class Layer(NamedTuple):
    """``conv3-64``; ``op`` is None where the step starts with a size, as in ``7x7, 64, /2``."""

    span: Span
    op: Text | None
    args: tuple[Arg, ...]


class Bracket(NamedTuple):
    span: Span
    chain: Chain


class Step(NamedTuple):
    span: Span
    unit: Layer | Bracket
    times: Expr | None


Chain: TypeAlias = tuple[Step, ...]


class Rule(NamedTuple):
    """One item of a counting rule: ``no fc``, ``no fc weights``, ``with statistics``, ``cs231n``."""

    span: Span
    verb: str
    name: str
    what: str | None = None


class Cell(NamedTuple):
    """One cell of a table, its text stripped; it is parsed when the kind of its column is known."""

    span: Span
    text: str


class Table(NamedTuple):
    span: Span
    header: tuple[Cell, ...] | None
    rows: tuple[tuple[Cell, ...], ...]


class Parameter(NamedTuple):
    span: Span
    name: str
    value: Value


class Network(NamedTuple):
    span: Span
    name: Text
    parameters: tuple[Parameter, ...]


class Title(NamedTuple):
    span: Span
    text: str


class Paper(NamedTuple):
    span: Span
    title: str
    references: tuple[str, ...]


class Input(NamedTuple):
    span: Span
    size: Size


class Every(NamedTuple):
    span: Span
    op: Text
    chain: Chain


class Let(NamedTuple):
    span: Span
    name: Text
    value: Expr


class Variants(NamedTuple):
    span: Span
    names: tuple[Text, ...]
    table: Table | None = None


class Counted(NamedTuple):
    span: Span
    rules: tuple[Rule, ...]


class Claims(NamedTuple):
    span: Span
    table: Table | None = None


class Broken(NamedTuple):
    """A statement that could not be read, for this reason: what it would have said is missed without a word."""

    span: Span
    keyword: str
    name: str
    reason: Diagnostic


Statement: TypeAlias = Network | Title | Paper | Input | Every | Let | Variants | Counted | Claims | Table | Broken
