"""What the author wrote, with its places; names as in ``grammar.lark``. Nothing here is checked or evaluated."""

from __future__ import annotations

from typing import TypeAlias, dataclass_transform

from archspec.diagnostics import Diagnostic, Span
from archspec.expressions import (
    FUNCTIONS,
    Binary,
    Choice,
    Comparison,
    Condition,
    Expr,
    Function,
    Logic,
    Name,
    Negation,
    Negative,
    Number,
    Size,
)
from archspec.support.frozen import Frozen, keyword, lazy

__all__ = [
    "Binary",
    "Choice",
    "Comparison",
    "Condition",
    "Expr",
    "Function",
    "Logic",
    "Name",
    "Negation",
    "Negative",
    "Number",
    "Size",
]

# `variant` and `input` are what `archspec.load` takes beside the parameters of a network.
RESERVED = frozenset(
    {"x", "no", "yes", "true", "false", "with", "like", "if", "else", "and", "or", "not", "in", "from", "then"}
    | {"variant", "input", "True", "False", *FUNCTIONS}
)
"""Words of the language, which no parameter can be called."""


@dataclass_transform(frozen_default=True, field_specifiers=(keyword,))
class Syntax(Frozen):
    """A part of what the author wrote; its place comes first."""

    span: Span


class Text(Syntax):
    span: Span
    text: str


Value: TypeAlias = Expr | Size | Text


class Stride(Syntax):
    span: Span
    value: Value


class Without(Syntax):
    span: Span
    name: str


class Named(Syntax):
    span: Span
    name: str
    name_span: Span
    value: Value


class Plain(Syntax):
    """An argument that says what it is by its form: a size or an expression."""

    span: Span
    value: Value


class Words(Syntax):
    """Words with blanks between them, and what stands behind the last: ``stride 2``."""

    span: Span
    words: tuple[Text, ...]
    args: tuple[Arg, ...] = ()


class Many(Syntax):
    """``(x96)``, as papers print how many filters there are."""

    span: Span
    value: Number


class Between(Syntax):
    """An argument that is a range, ``1..c``: the first and the last of what it takes."""

    span: Span
    first: Expr
    last: Expr


class Layer(Syntax):
    """``conv3-64``; ``op`` is None where the step starts with a size, as in ``7x7, 64, /2``.

    A layer among the arguments of another is one that papers print behind a comma: ``average pool, 1000-d fc``.
    """

    span: Span
    op: Text | None
    args: tuple[Arg, ...]


One: TypeAlias = Stride | Without | Named | Plain
"""An argument that gives one value."""
Arg: TypeAlias = One | Between | Words | Many | Layer


class Bracket(Syntax):
    span: Span
    chain: Chain


class Step(Syntax):
    span: Span
    unit: Layer | Bracket
    times: Expr | None
    condition: Condition | None = None
    bypass: bool = False
    """Whether the input takes the place of the step where the condition does not hold."""


Chain: TypeAlias = tuple[Step, ...]


class Rule(Syntax):
    """One item of a counting rule: ``no fc``, ``no fc weights``, ``with statistics``, ``cs231n``."""

    span: Span
    verb: str
    name: str
    what: str | None = None


class Share(Syntax):
    """``share of conv 1x1``, ``share of rows conv1, conv2``: of a layer, or of rows by their names."""

    span: Span
    layer: Layer | None
    rows: tuple[Text, ...] = ()


class Each(Syntax):
    """``4 bytes each``."""

    span: Span
    bytes: Number


class Beside(Syntax):
    """``ratio to "resnet.arch:50" with r=8``; ``file`` is None where this network is meant."""

    span: Span
    relation: str
    file: Text | None
    variant: Text | None
    settings: tuple[Parameter, ...] = ()


class Formula(Syntax):
    """``49*C^2 / (27*C^2)``."""

    span: Span
    value: Expr


Figure: TypeAlias = Share | Each | Bracket | Beside | Formula
"""What of a quantity a claim prints, where that is not its total."""


class Range(Syntax):
    """``256..512``."""

    span: Span
    low: Number
    high: Number


Word: TypeAlias = Text | Size | Range | Expr
"""One word of a recipe: a name, a number, or an expression in parentheses."""


class Phrase(Syntax):
    """``divide by 10 on plateau``."""

    span: Span
    words: tuple[Word, ...]


class Option(Syntax):
    """``momentum=0.9``; the values are separated by blanks."""

    span: Span
    name: Text
    values: tuple[Word, ...]


class Clause(Syntax):
    """What a recipe says between semicolons: phrases and options, separated by commas."""

    span: Span
    said: tuple[Phrase | Option, ...]
    condition: Condition | None


class Cell(Syntax):
    """One cell of a table, its text stripped; it is parsed when the kind of its column is known."""

    span: Span
    text: str
    read_as: Chain | None = None
    """The layers that it stands for, where its text says them in a way of its own."""


class Table(Syntax):
    span: Span
    header: tuple[Cell, ...] | None
    rows: tuple[tuple[Cell, ...], ...]
    inherited: bool = False
    """Whether it is that of another network, whose printed figures are not this one's."""
    spanned: tuple[Cell, ...] | None = None
    """The second line of the header, which names variants below headers that span several columns."""
    resized: bool = False
    """Whether it is that of a network with another input, so that its printed shapes are not this one's either."""

    @lazy
    def columns(self) -> tuple[tuple[str, ...], ...]:
        """The texts of each column, every one once: cells repeat each other, and each variant looks at all of them."""
        columns: list[dict[str, None]] = [{} for _ in range(max(map(len, self.rows), default=0))]
        for row in self.rows:
            for texts, cell in zip(columns, row, strict=False):
                texts[cell.text] = None
        return tuple(map(tuple, columns))

    @lazy
    def first_words(self) -> frozenset[str]:
        """The first words of the steps in cells, of which some are layers and blocks."""
        steps = (part for texts in self.columns for text in texts for part in text.strip("[]").split(";"))
        return frozenset(part.strip(" [").split(",")[0].split(" ")[0] for part in steps) - {""}


class Parameter(Syntax):
    span: Span
    name: str
    value: Value
    one_of: tuple[Value, ...] = ()
    """What it may be set to, where its spec says so."""
    chosen: str = ""
    """The name of the choice that it is, by which other rows may have parameters of their own."""


class Network(Syntax):
    span: Span
    name: Text
    parameters: tuple[Parameter, ...]
    like: Text | None = None


class Title(Syntax):
    span: Span
    text: str


class Paper(Syntax):
    span: Span
    title: str
    references: tuple[str, ...]


class Input(Syntax):
    span: Span
    size: Size
    order: Text | None = None
    """``hwc`` or ``chw``, where it is said."""


class Every(Syntax):
    span: Span
    op: Text
    chain: Chain


class Let(Syntax):
    span: Span
    name: Text
    value: Expr


class Choose(Syntax):
    """``choose k by row = one of 3x3, 5x5``: a parameter of a search space, or one for each row that uses the name."""

    span: Span
    name: Text
    by_row: bool
    values: tuple[Value, ...]


class Variants(Syntax):
    span: Span
    names: tuple[Text, ...]
    table: Table | None = None


class Counted(Syntax):
    span: Span
    rules: tuple[Rule, ...]


class Claims(Syntax):
    span: Span
    table: Table | None = None
    others: tuple[Library, ...] = ()
    """The networks of other files that its figures are compared with."""


class Formal(Syntax):
    """A parameter of a block, with or without a default."""

    span: Span
    name: str
    value: Value | None


class Block(Syntax):
    """``block basic(c, stride=1) = add of``, its table and its ``then``."""

    span: Span
    name: Text
    formals: tuple[Formal, ...]
    join: Text | None
    table: Table | None = None
    then: Chain = ()
    chains: tuple[tuple[str, Chain], ...] = ()
    """The branches of a block that stands for a bracket, which has no table."""


class Then(Syntax):
    span: Span
    chain: Chain


class Head(Syntax):
    span: Span
    name: Text
    source: Text
    settings: tuple[Named, ...]
    table: Table | None = None


class Brackets(Syntax):
    span: Span
    kind: Text
    settings: tuple[tuple[Text, Expr], ...]


class Ignore(Syntax):
    """Columns of tables that hold what nothing checks: ``ignore depth, "# bits"``."""

    span: Span
    columns: tuple[Text, ...]


class TakenFrom(Syntax):
    """Where figures come from, all or those of columns and sources: ``taken from program: torchvision``."""

    span: Span
    kind: tuple[Text, ...]
    names: tuple[Text, ...]


class StrideAt(Syntax):
    """A stride that the text gives to rows of the table: ``stride 2 at conv3_x, conv4_x``."""

    span: Span
    value: Value
    rows: tuple[Text, ...]
    inherited: bool = False
    """Whether it is that of another network, whose rows may be given anew with a stride of their own."""


class At(Syntax):
    """Arguments that the text gives to the layers of rows: ``at conv5: pad=0, no relu``."""

    span: Span
    rows: tuple[Text, ...]
    args: tuple[Arg, ...]
    inherited: bool = False
    """Whether it is that of another network, whose rows may have been given anew."""


class StridesFrom(Syntax):
    """The column of resolutions from which the strides follow: ``strides from resolution``."""

    span: Span
    column: Text


class Units(Syntax):
    """What a unit means in the printed cells of the table: ``units K=1024``."""

    span: Span
    name: Text
    value: Number


class TakenOut(Syntax):
    """Rows of another network that this one is without: ``without conv2, relu2``."""

    span: Span
    rows: tuple[Text, ...]


class Added(Syntax):
    """A table whose rows stand after or before a row of another network: ``| after conv1 | op |``."""

    span: Span
    before: bool
    row: Text
    table: Table


class Changes(Syntax):
    """What a network does to the rows of the one that it is like, below whose tables this stands."""

    span: Span
    anew: tuple[Table, ...]
    """Tables whose rows stand in the place of those of the same name."""
    added: tuple[Added, ...]
    taken_out: tuple[Text, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables of layers that it brings."""
        return (*self.anew, *(added.table for added in self.added))


class Use(Syntax):
    span: Span
    path: Text


class Train(Syntax):
    """The recipe by its table; ``above`` are those of the networks that this one is like, whose rows it may replace."""

    span: Span
    table: Table | None = None
    above: tuple[Table, ...] = ()


class Library(Syntax):
    """The statements of a file that `use` names; None where it could not be read, which was reported."""

    span: Span
    path: Text
    statements: tuple[Statement, ...] | None


class Broken(Syntax):
    """A statement that could not be read, for this reason: what it would have said is missed without a word."""

    span: Span
    keyword: str
    name: str
    reason: Diagnostic


Statement: TypeAlias = (
    Network
    | Title
    | Paper
    | Input
    | Ignore
    | TakenFrom
    | Every
    | Let
    | Choose
    | Variants
    | Counted
    | Claims
    | Table
    | Block
    | Then
    | Head
    | Brackets
    | StrideAt
    | At
    | StridesFrom
    | Units
    | TakenOut
    | Changes
    | Use
    | Train
    | Library
    | Broken
)
