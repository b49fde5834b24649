"""The columns that a table of layers may have: what each is called, and what it says of a row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from archspec.counting.quantities import FILTER_SHAPE, INPUT, OUTPUT, RECEPTIVE_FIELD, SUMS
from archspec.diagnostics import Report, Said, Span
from archspec.render.messages import column_twice, no_whole, unknown_column
from archspec.support.bound import is_known
from archspec.support.terminal import printable

if TYPE_CHECKING:
    from archspec.analysis.cost import RowCost, Totals
    from archspec.analysis.result import Result
    from archspec.op import Shape

Kind: TypeAlias = Literal["text", "layers", "size", "count", "share", "measure"]
SHARE = "%"
"""The header of a share, which is that of the count before it."""


class Part(NamedTuple):
    """A step inside a row, which stands below it."""

    level: int
    """How deep: 1 right inside the row."""
    layer: str
    """The branch or the row of a block that it begins, or which repetitions it is."""
    op: str
    output: Shape
    params: int
    mult_adds: int


Inside: TypeAlias = Sequence[Sequence[Part]]
"""What stands below each row."""


class Column(NamedTuple):
    """A column of a table of layers."""

    name: str
    """What it is asked for by."""
    field: str
    """What the costs of rows call it, and CSV."""
    kind: Kind
    opened: bool = False
    """Whether what stands inside a row has it too."""

    @property
    def numeric(self) -> bool:
        """Whether its cells are numbers, which stand to the right."""
        return self.kind in ("count", "share", "measure")

    @property
    def in_csv(self) -> str:
        """Its header in CSV."""
        return f"{self.field}_share" if self.kind == "share" else self.field

    def of(self, result: Result, cost: RowCost | Part) -> str | int:
        """What it says of a row: a count is a number, all else is a text."""
        if self.name in OF_NETWORK:
            return printable(OF_NETWORK[self.name](result))
        value: Any = getattr(cost, self.field)
        if value is None:
            return UNKNOWN
        if self.kind == "count":
            return value  # type: ignore[no-any-return]
        if self.kind == "share":
            return _share(value, getattr(result.totals, self.field))
        return pair(value) if self.kind == "measure" else printable(str(value))

    def total(self, totals: Totals) -> int | None:
        """The sum of a count over all rows; None for all else."""
        if self.kind != "count":
            return None
        count: int = getattr(totals, self.field)
        return count


UNKNOWN = "?"
"""What stands for what nobody knows."""
OF_NETWORK = {"network": lambda result: result.name, "convention": lambda result: result.convention}
"""What is the same for all rows of a network."""
_COUNTS = [(sum.name, sum.field) for sum in SUMS] + [("kept for backward", "kept")]
EVERY = (
    Column("network", "network", "text"),
    Column("layer", "layer", "text", True),
    Column("op", "op", "layers", True),
    Column(INPUT.name, INPUT.field, "size"),
    Column(OUTPUT.name, OUTPUT.field, "size", True),
    *(
        Column(name + share, field, "share" if share else "count", field in Part._fields)
        for name, field in _COUNTS
        for share in ("", f" {SHARE}")
    ),
    Column(RECEPTIVE_FIELD.name, RECEPTIVE_FIELD.field, "measure"),
    Column("stride", "stride", "measure"),
    Column("centre", "centre", "measure"),
    Column(FILTER_SHAPE.name, FILTER_SHAPE.field, "text"),
    Column("convention", "convention", "text"),
)
NAMED = {column.name: column for column in EVERY}
DEFAULT = "layer, op, output, params, %, mult-adds, %"
IN_CSV = "network, layer, op, output, params, mult-adds, activations, convention"


def chosen(asked: str | Sequence[str] | None, where: str = "columns", default: str = DEFAULT) -> tuple[Column, ...]:
    """The columns of some names, ``"layer, params, %"``; a ``%`` is the share of the count before it.

    Raises ArchError where a name is none, and where a column stands twice.
    """
    text = default if asked is None else asked if isinstance(asked, str) else ",".join(asked)
    text = re.sub(r"\s", " ", text)
    report, found = Report(), list[Column]()
    for name, span in _names(text, Said(where, text)):
        before = found[-1] if found else None
        whole = before.name if before and before.kind == "count" else ""
        if name == SHARE and not whole:
            report.add(no_whole(span))
            continue
        column = _BY_WORD.get(_word(f"{whole} {SHARE}" if name == SHARE else name))
        if column is None:
            report.add(unknown_column(span, name, NAMED))
        elif column in found:
            report.add(column_twice(span, column.name))
        else:
            found.append(column)
    report.raise_if_failed()
    return tuple(found)


def headers(shown: Sequence[Column]) -> list[str]:
    """What stands above columns: a share that stands behind its count is ``%`` alone."""
    before = [None, *shown]
    return [
        SHARE if column.kind == "share" and last and last.name == column.name.removesuffix(f" {SHARE}") else column.name
        for last, column in zip(before, shown, strict=False)
    ]


def _names(text: str, source: Said) -> Iterator[tuple[str, Span]]:
    """The names between commas, each with its place."""
    at = 0
    for said in text.split(","):
        name = said.strip()
        start = at + len(said) - len(said.lstrip()) if name else max(at - 1, 0)
        yield name, Span(source, 1, start, start + max(len(name), 1))
        at += len(said) + 1


def _word(name: str) -> str:
    return " ".join(re.split(r"[-_\s]+", name.strip().casefold()))


_BY_WORD = {_word(column.name): column for column in EVERY}


def _share(part: int, whole: int) -> str:
    """A part of a total in percent; nothing where that is a lower bound, of which nobody knows the parts."""
    return f"{100 * part / whole:.1f}" if part and is_known(whole) else ""


def pair(sides: Sequence[float] | None) -> str:
    """Height and width, said once where they are the same; ``?`` where they are not known."""
    if sides is None:
        return UNKNOWN
    height, width = (f"{value:g}" for value in sides)
    return height if height == width else f"{height} x {width}"
