"""The network as data: rows of steps, with repeats, groups and parameters kept as they were written.

The nodes are plain classes, because making them must cost nothing; Pydantic reads and checks what comes in as
JSON, in ``archspec.ir.json``. Places in the file are not part of what a node is: two nodes are equal wherever they were
written, and JSON does not hold them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias

from archspec import ops
from archspec.expressions.tree import joined
from archspec.ir.figure import Figure
from archspec.ir.node import Arg, ByKind, Node, Value
from archspec.ir.recipe import Recipe
from archspec.naming import Starts
from archspec.op import Op, Shape, made
from archspec.support.frozen import NOTHING, keyword, lazy

__all__ = ["Arg", "Node", "Recipe", "Value"]


class Apply(Node):
    """One layer: an op by its canonical name, with the arguments that were given."""

    kind: Literal["apply"] = "apply"
    op: str
    args: dict[str, Arg] = keyword(default=NOTHING)

    @property
    def kind_of_layer(self) -> type[Op]:
        """The op."""
        found = ops.find(self.op)
        assert found is not None
        return found

    @lazy
    def mentions(self) -> frozenset[str]:
        """The names that its arguments hold."""
        return names_of(self.args)

    @lazy
    def own(self) -> tuple[Op | None, int]:
        """The op, or None where an argument is known only where the layer is used; and the letters of its words.

        Raises Misfit where its arguments do not fit.
        """
        values = {name: arg.value for name, arg in self.args.items()}
        letters = sum([len(value) for value in values.values() if isinstance(value, str)])
        return None if None in values.values() else self.layer(values), letters

    def layer(self, values: Mapping[str, Any]) -> Op:
        """The op with these values of its arguments; raises Misfit where they do not fit."""
        return made(self.kind_of_layer, values)


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

    def runs(self, times: int) -> Iterator[tuple[int, tuple[Step, ...]]]:
        """How often to apply which steps, in order, for so many times in all."""
        if self.first is not None:
            yield 1, self.first
            yield times - 1, self.steps
        else:
            yield times, self.steps


class When(Node):
    """``steps`` where a condition holds, which depends on where a block is used; nothing elsewhere."""

    kind: Literal["when"] = "when"
    condition: Arg
    steps: tuple[Step, ...]
    bypass: bool = False
    """Whether a join takes the input itself where the condition does not hold, as it does of a shortcut."""


class Instance(Node):
    """One use of a block, by its key in ``Network.blocks``, with the arguments that were given."""

    kind: Literal["instance"] = "instance"
    block: str
    args: dict[str, Arg] = keyword(default=NOTHING)

    @lazy
    def mentions(self) -> frozenset[str]:
        """The names that its arguments hold."""
        return names_of(self.args)


class Branch(Node):
    """One branch of a join; a branch with nothing left drops out of it."""

    name: str
    steps: tuple[Step, ...]


class Branches(Node):
    """Branches that all take the same input, and the layer that joins what they give."""

    kind: Literal["branches"] = "branches"
    join: Apply
    branches: tuple[Branch, ...]


class Graph(Node):
    """Named rows; each takes what the row above gives, or what the rows that it names give."""

    kind: Literal["graph"] = "graph"
    rows: tuple[Row, ...]


Step: TypeAlias = Annotated[Apply | Group | Repeat | When | Instance | Branches | Graph, ByKind()]


class Row(Node):
    """One row of the table. ``steps`` is None only where the row could not be understood, which was reported."""

    layer: str
    op: str
    steps: tuple[Step, ...] | None
    sources: tuple[str, ...] = ()
    """The rows whose outputs it takes, or ``in``; none where it takes that of the row above."""


class Block(Node):
    """What a name stands for: parameters with their defaults, and steps over those and ``in``."""

    name: str
    parameters: dict[str, Arg | None] = keyword(default=NOTHING)
    fixed: dict[str, Value] = keyword(default=NOTHING)
    """Its other parameters, with the sizes, words and truth values that decide what its layers are."""
    steps: tuple[Step, ...]


class Head(Node):
    """A side branch for training alone, from a row, with the weight of its loss."""

    name: str
    source: str
    weight: float
    rows: tuple[Row, ...]


WRONG: Final = "!"
"""The mark of a figure that is known to be wrong in print."""
UNEXPLAINED: Final = "?"
"""The mark of a figure that no counting rule was found for."""
Mark: TypeAlias = Literal["!", "?"]


class Printed(Node):
    """A figure as the paper prints it, and the mark of one that does not agree with the architecture."""

    quantity: str
    printed: str
    mark: Mark | None = None
    """`!` where the print is known to be wrong, `?` where no counting rule was found that gives it."""
    correction: str | None = None
    """What a print that is wrong should be, where the spec says so."""
    at_fault: tuple[str, ...] = ()
    """The rows whose printed figures are wrong, so that this one is."""

    @property
    def marked(self) -> bool:
        """Whether it is said not to agree."""
        return self.mark is not None


class Cell(Printed):
    """A printed cell of a row, by the row's position."""

    row: int


QUOTED = re.compile(r"[^,]{1,200}\((?:[^(),]{1,100} )?\d{4}\), *")
"""What a source begins with that is in another paper."""


def table_of(source: str) -> str:
    """The table, the figure or the section that a source names first, with the other paper that it is in."""
    quoted = QUOTED.match(source)
    start = quoted.end() if quoted else 0
    return source[:start] + source[start:].partition(",")[0]


class Part(Node):
    """One of several arguments that work where a cell is printed wrong: the layers of the row without it alone."""

    works: str
    steps: tuple[Step, ...]
    refused: str | None = None


class Misprint(Node):
    """A cell of a row that is printed wrong: what stands there, what works, and the layers of the row as printed."""

    row: int
    column: str
    """`op`, or the argument that the column is."""
    printed: str
    works: str
    steps: tuple[Step, ...]
    refused: str | None = None
    """Why the table itself refuses what is printed: resolutions from which strides follow give another one."""
    parts: tuple[Part, ...] = ()
    """Of several arguments that work each, as each has to be needed."""


class Claim(Printed):
    """A printed figure of the whole network: its source, how it counts, and the parameters it holds for."""

    source: str
    counted: tuple[str, ...] = ()
    parameters: dict[str, Value] = keyword(default=NOTHING)
    figure: Figure | None = None
    """What of the quantity is printed; None for its total."""

    @property
    def table(self) -> str:
        """The table, the figure or the section that its source names first: ``SENet (2018), Table 2``."""
        return table_of(self.source)


QUOTED_AS = re.compile(r"quoted\s+as\b\s*(.*)", re.IGNORECASE)
LECTURE = re.compile(r"\blectures?\b", re.IGNORECASE)


def quoted_as(references: Iterable[str]) -> tuple[str, ...]:
    """The names in what stands behind the title of a paper: ``quoted as SENet (2018)``; empty where one is lacking."""
    return tuple(found[1].strip() for said in references if (found := QUOTED_AS.fullmatch(said.strip())))


class Paper(Node):
    """Where the table was printed, or figures of its network."""

    title: str
    references: tuple[str, ...] = ()

    @property
    def quoted_as(self) -> tuple[str, ...]:
        """How sources of claims call another paper, which prints figures of the network: ``quoted as SENet (2018)``."""
        return quoted_as(self.references)

    @property
    def lecture(self) -> bool:
        """Whether it is a lecture, and no paper."""
        return any(LECTURE.search(text) for text in (self.title, *self.references))

    def __str__(self) -> str:
        return ", ".join((self.title, *self.references))


Provenance: TypeAlias = Literal["paper", "text copy", "lecture", "program", "memory", "author"]
"""Where a figure comes from: the paper itself, a copy of its text, a lecture, a program that counts or prints it,
the author's memory; or it is printed nowhere, and the author of the spec added it as a check."""


UNPRINTED: tuple[Provenance, ...] = ("program", "author")
"""The sources of figures that nobody prints."""


class TakenFrom(Node):
    """Where figures come from: those of sources and columns, or all others where none is named."""

    provenance: Provenance
    names: tuple[str, ...] = ()


class Network(Node):
    """A network, or one variant of a family, with the values of its parameters."""

    version: Literal[1] = 1
    """Of the JSON: another one where programs would misread it."""
    name: str
    variant: str | None = None
    title: str | None = None
    papers: tuple[Paper, ...] = ()
    parameters: dict[str, Value] = keyword(default=NOTHING)
    overridden: bool = False
    """Whether parameters or the input differ from the file's, so that its printed figures do not apply."""
    changed: tuple[str, ...] = ()
    """The parameters whose values are not the file's. What the file reports holds for those that it names alone."""
    input: tuple[int, ...]
    input_names: tuple[str, ...] = ()
    """The parameters on which the input depends."""
    counted: tuple[str, ...] = ()
    units: dict[str, int] = keyword(default=NOTHING)
    """What units mean in the printed cells of the table, where it is not a power of ten: K, and 1024."""
    structural: tuple[str, ...] = ()
    """The parameters that decide more than numbers of layers, so that emitted code cannot keep them as arguments."""
    blocks: dict[str, Block] = keyword(default=NOTHING)
    rows: tuple[Row, ...]
    heads: tuple[Head, ...] = ()
    taken_from: tuple[TakenFrom, ...] = ()
    """Of two that speak of the same figures the last holds, and one that names them before one that does not."""
    cells: tuple[Cell, ...] = ()
    misprints: tuple[Misprint, ...] = ()
    """The cells of layers and arguments that are printed wrong; the rows hold what works."""
    claims: tuple[Claim, ...] = ()
    recipe: Recipe | None = None
    """How its paper trained it."""

    @property
    def own_papers(self) -> tuple[Paper, ...]:
        """The papers of its table, without those that only quote figures of it."""
        return tuple(paper for paper in self.papers if not paper.quoted_as)

    def quoting(self, source: str) -> Paper | None:
        """The paper that prints a claim, where that is not the paper of the table."""
        names = {name: paper for paper in self.papers for name in paper.quoted_as}
        name = next(Starts(names).of(source), None)
        return None if name is None else names[name]

    @property
    def input_shape(self) -> Shape:
        """H x W x C, or a vector."""
        if len(self.input) == 1:
            return Shape(self.input[0])
        height, width, channels = self.input
        return Shape(channels, height, width)

    @property
    def display_name(self) -> str:
        """The title with the variant, ``VGG-D``; a variant that begins with the title, ``DenseNet-121``, by itself.

        The name with the variant where there is no title.
        """
        if self.title is None or self.variant is None:
            return self.title or self.label
        named = self.variant.startswith(self.title) and not self.variant[len(self.title) :][:1].isalpha()
        return self.variant if named else f"{self.title}-{self.variant}"

    @property
    def label(self) -> str:
        """The name with its variant: ``vgg_D``."""
        return f"{self.name}_{self.variant}" if self.variant else self.name


def names_of(args: Mapping[str, Arg]) -> frozenset[str]:
    """The names that the expressions of arguments hold."""
    return joined([arg.expression.names for arg in args.values() if arg.expression is not None])
