"""A table as it goes into a paper, before it is TeX, Typst or HTML: its columns, cells by what they are, caption."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from archspec.counting.quantities import MULT_ADDS, PARAMS
from archspec.render import side_by_side
from archspec.render.cells import LONGEST, Laid, laid
from archspec.render.columns import Column, Inside, Part, headers
from archspec.render.formats import value_text
from archspec.render.table import TOTAL, exact, head_note
from archspec.render.units import AUTO, in_units
from archspec.support.bound import is_known
from archspec.support.terminal import printable

if TYPE_CHECKING:
    from archspec.analysis.cost import RowCost
    from archspec.analysis.result import Result
    from archspec.ir.network import Paper

Kind: TypeAlias = Literal["text", "layers", "size", "number", "right"]


class Cell(NamedTuple):
    """What one cell says."""

    kind: Kind
    """``number`` is digits, with or without decimals; ``right`` is a text that stands to the right."""
    text: str
    level: int = 0
    """How deep it stands inside a row."""
    columns: int = 1
    """How many columns it takes."""
    longest: int = LONGEST
    """Layers of more characters stand below one another."""

    @property
    def laid(self) -> Laid:
        """How its layers are set."""
        return laid(self.text, self.longest)


EMPTY = Cell("text", "")
NARROW = 14
"""So long a cell may be beside those of other networks before its steps stand below one another."""
ADDED = re.compile(r" \((\w+=[^()=,]+(?:, \w+=[^()=,]+)*)\)$")
"""What statements such as `stride` add to the layers of a row."""


class Field(NamedTuple):
    """A column: its header, and what its cells are."""

    header: str
    kind: Kind


class Sheet(NamedTuple):
    """A table that stands by itself."""

    label: str
    """What it is referred to by: letters, digits and hyphens."""
    title: str
    papers: tuple[Paper, ...]
    notes: tuple[str, ...]
    """What its caption says beside the title: the input, and how it counts, a sentence each without the full stop."""
    fields: tuple[Field, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: tuple[tuple[Cell, ...], ...]


def sheet_of(result: Result, shown: Sequence[Column], unit: str | None = None, inside: Inside = ()) -> Sheet:
    """One network: a row for each row of its table, and the totals; ``unit`` is that of all counts, or ``auto``."""
    network = result.network
    fields = [_field(column, header, unit) for column, header in zip(shown, headers(shown), strict=True)]
    rows = []
    for i, row in enumerate(result.rows):
        rows.append(_line(result, shown, row, unit))
        rows += [_line(result, shown, part, unit) for part in (inside[i] if inside else ())]
    sums = [column.total(result.totals) for column in shown]
    total = [EMPTY if number is None else counted(number, unit) for number in sums]
    total[:1] = [Cell("text", TOTAL)] if not shown[0].numeric else total[:1]
    heads = [_sentence(head_note(result, head, lambda n: f"{counted(n, unit, True).text}")) for head in network.heads]
    return Sheet(
        _label(network.label),
        printable(network.display_name),
        network.own_papers,
        (*_settings(result), _counting(result, {column.name for column in shown}), *heads),
        tuple(fields),
        tuple(rows),
        (tuple(total),) if any(sum is not None for sum in sums) else (),
    )


def family_of(results: Sequence[Result], unit: str | None = None) -> Sheet:
    """Networks of one family side by side: a column for each, and rows for their parameters and mult-adds."""
    network = results[0].network
    head, *lines = side_by_side.rows_of(results, str)
    fields = [Field(head[0], "text"), Field(head[1], "size"), *(Field(name, "layers") for name in head[2:])]
    quantities = (PARAMS, MULT_ADDS)
    rows, added = _without_added(lines[: -len(quantities)])
    sums = [(each.name, [each.of(result.totals) for result in results]) for each in quantities]
    return Sheet(
        _label(network.name),
        printable(network.title or network.name),
        network.own_papers,
        (*dict.fromkeys(_common(results)), *added),
        tuple(fields),
        tuple(map(_spanned, rows)),
        tuple((Cell("text", _with_unit(name, unit)), EMPTY, *(counted(n, unit) for n in each)) for name, each in sums),
    )


def _without_added(lines: Sequence[list[str]]) -> tuple[list[list[str]], list[str]]:
    """Rows without what statements add to all networks alike, which the caption says, as those of papers do."""
    rows, rest = [], dict[str, list[str]]()
    for name, output, *layers in lines:
        ends = {found[1] if (found := ADDED.search(text)) else "" for text in layers if text}
        if len(ends) == 1 and (end := ends.pop()):
            rest.setdefault(end, []).append(name)
            layers = [ADDED.sub("", text) for text in layers]
        rows.append([name, output, *layers])
    return rows, [f"With {end}: {', '.join(names)}" for end, names in rest.items()]


def counted(number: int, unit: str | None, said: bool = False) -> Cell:
    """A count: to its last digit, or in one unit, which its header says, or in the one that fits it."""
    if not is_known(number):  # `>= 3,200` is no number to be set by its digits
        return Cell("right", exact(number) if unit is None else in_units(number, unit))
    if unit is None:
        return Cell("number", exact(number) if said else str(number))
    text = in_units(number, unit)
    if unit == AUTO or said:
        return Cell("right", text)
    return Cell("number", text.removesuffix(unit).replace(",", ""))


def grouped(digits: str) -> str:
    """A number with a comma between its thousands."""
    whole, point, rest = digits.partition(".")
    return f"{int(whole):,}{point}{rest}"


def _field(column: Column, header: str, unit: str | None) -> Field:
    if column.kind == "count":
        return Field(_with_unit(header, unit), "right" if unit == AUTO else "number")
    if column.kind == "share":
        return Field(header, "number")
    return Field(header, "right" if column.kind == "measure" else column.kind)


def _with_unit(header: str, unit: str | None) -> str:
    return header if unit in (None, AUTO) else f"{header} ({unit})"


def _line(result: Result, shown: Sequence[Column], cost: RowCost | Part, unit: str | None) -> tuple[Cell, ...]:
    return tuple(_cell(column, column.of(result, cost), cost, unit) for column in shown)


def _cell(column: Column, said: str | int, cost: RowCost | Part, unit: str | None) -> Cell:
    if isinstance(said, int):
        return counted(said, unit)
    level = cost.level if isinstance(cost, Part) else 0
    if column.kind == "share":
        return Cell("number", said) if said else EMPTY
    if column.kind == "measure":
        return Cell("right", said)
    return Cell(column.kind, said, level if column.kind in ("text", "layers") else 0)  # type: ignore[arg-type]


def _spanned(line: Sequence[str]) -> tuple[Cell, ...]:
    """A row of a family, in which layers that are the same everywhere stand once."""
    name, output, *layers = line
    first = Cell("text", name), Cell("size", output)
    if len(layers) > 1 and len(set(layers)) == 1:
        return *first, Cell("layers", layers[0], columns=len(layers))
    return *first, *(Cell("layers", text, longest=NARROW) for text in layers)


def _settings(result: Result) -> Iterator[str]:
    """The parameters that are not those of the file, and the input."""
    network = result.network
    changed = [f"{name}={value_text(network.parameters[name])}" for name in network.changed]
    yield f"Input {network.input_shape}" + (f"; {', '.join(changed)}" if changed else "")


def _counting(result: Result, quantities: set[str]) -> str:
    """The rule, and what it counts as the quantities that are shown."""
    says = [f"{name}: {text}" for name, text in result.counting.sentences() if name in quantities or not name]
    rule = f"Counting rule: {printable(result.convention)}"
    return f"{rule} ({'; '.join(says)})" if says else rule


def _common(results: Sequence[Result]) -> Iterator[str]:
    inputs = ", ".join(dict.fromkeys(note for result in results for note in _settings(result)))
    yield inputs if inputs.count("Input") == 1 else inputs.replace(", Input", ",").replace("Input", "Inputs", 1)
    yield from dict.fromkeys(_counting(result, {PARAMS.name, MULT_ADDS.name}) for result in results)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _label(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-") or "network"
