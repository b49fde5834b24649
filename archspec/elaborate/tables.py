"""Tables to rows: columns by their kind, variants as columns with spanning cells, arguments, printed checks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from archspec.budget import spend
from archspec.counting.quantities import CHECKS, SHAPES
from archspec.diagnostics import Report, Span
from archspec.elaborate import messages as say
from archspec.elaborate.block_messages import ambiguous_source, check_in_block, unknown_source
from archspec.elaborate.headers import folded, header_of
from archspec.elaborate.layers import Layers
from archspec.elaborate.marks import figure_of
from archspec.elaborate.repeats import repeated
from archspec.elaborate.target import parameters_of
from archspec.elaborate.words import find_op, names_layers
from archspec.ir.network import Apply, Cell, Instance, Row, Step
from archspec.ir.node import IN
from archspec.ir.walking import every_step
from archspec.language import syntax as s
from archspec.language.parse import parse_cell
from archspec.naming import Names
from archspec.support.limits import CELL, MISTAKE, NAME, ROW, SORTED

BLANK = frozenset({"", "-", "–", "—"})
FIXED = ("layer", "op", "from", "repeat")
"""The columns whose meaning is their own."""


class Tables:
    """Collects the rows and printed cells of the tables of one network, for one variant."""

    def __init__(
        self, layers: Layers, variants: tuple[str, ...], variant: str | None, report: Report, block: bool = False
    ) -> None:
        self.layers, self.variants, self.variant, self.report = layers, variants, variant, report
        self._block = block
        """Whether the rows are those of a block or a head, which have no printed figures."""
        self.complete = True
        """Whether every row could be understood."""
        self.rows: list[Row] = []
        self.cells: list[Cell] = []
        self._family = frozenset(variants)
        self._fixed = {*FIXED, *CHECKS, *variants}
        """The columns that are no arguments of layers."""
        self._above = Names()
        self._kinds: dict[tuple[int, int], list[str]] = {}
        """The columns of a table, which may come in as many pieces as it has rows."""
        self._units: dict[int, dict[str, str]] = {}
        """The units of columns, by the header of their table."""
        self._unnamed: dict[str, int] = {}
        self._names: set[str] = set()
        """What stands in the first columns: the names of rows, also of those that are still to come."""

    def add(self, table: s.Table) -> None:
        """Append the rows of a table; without a header it has the columns `op`, or `layer` and `op`."""
        self._names.update(row[0].text for row in table.rows)
        if table.header is None and table.rows and self._is_header(table.rows[0]):
            self.report.add(say.no_rule(_whole(table.rows[0])))
            return
        if table.header is None:
            for row in table.rows:
                if len(row) == 2 and names_layers(row[0], self.layers):
                    self.report.add(say.layers_as_name(row[0].span, row[0].text, row[1].text))
                elif 1 <= len(row) <= 2:
                    self._row(dict(zip(("layer", "op")[-len(row) :], row, strict=True)))
                else:
                    self.report.add(say.cells_without_header(_whole(row), len(row)))
            return
        key = id(table.header), id(table.whole or table.rows)
        if key not in self._kinds:
            self._kinds[key] = self._columns(table)
        columns = self._kinds[key]
        for row in table.rows:
            cells = aligned(row, columns, self._family, self.report)
            self.complete &= cells is not None
            if cells is not None:
                self._row(cells, table)

    def _is_header(self, row: tuple[s.Cell, ...]) -> bool:
        """Whether a row has the words of a header: `op`, or variants, unless only in its first cell, a name."""
        variants = [cell.text in self._family for cell in row]
        return any(cell.text == "op" for cell in row) or any(variants[1:]) or all(variants)

    def _columns(self, table: s.Table) -> list[str]:
        """The kind of each column by its header; an unknown one is reported and its cells are passed over."""
        assert table.header is not None
        spend(CELL * len(table.header), table.span)
        names: dict[str, None] = {}
        arguments = self._arguments(table)
        known = Names(self._fixed | arguments)
        own = self._family | arguments
        units: dict[str, str] = {}
        for cell in table.header:
            if (word := folded(cell.text)) in self.layers.ignored:
                self.layers.seen.add(word)
                names[f"?{len(names)}"] = None
                continue
            name, unit = header_of(cell.text, own, known)
            if self._block and name in CHECKS:
                self.report.add(check_in_block(cell.span, name))
                name = f"?{len(names)}"
            elif name not in known:
                self.report.add(say.unknown_column(cell.span, cell.text, known))
                name = f"?{len(names)}"
            elif name in names:
                self.report.add(say.second_column(cell.span, name))
                name = f"?{len(names)}"
            names[name] = None
            if unit:
                units[name] = unit
        if "layer" not in names and len(names) > 1 and next(iter(names)) == "?0":
            names = dict.fromkeys(("layer", *list(names)[1:]))  # most likely the names of rows, which others name
        self._units[id(table.header)] = units
        if "op" not in names and not self._family & names.keys():
            self.report.add(say.no_op_column(_whole(table.header)))
        return [*names]

    def _row(self, cells: dict[str, s.Cell], table: s.Table | None = None) -> None:
        spend(ROW, next(iter(cells.values())).span)
        op = cells.get("op")
        if self.variant in cells:
            op = cells[self.variant]
            if op.text in BLANK:
                return  # this variant does not have the layer
        blank = op is not None and op.text in BLANK
        steps = () if blank else self._steps(op, cells) if op else None
        named = cells.get("layer")
        name = named.text if named and named.text else self._numbered(steps)
        text = self._said(op, cells) if op else ""
        whole = _whole(tuple(cells.values()))
        sources = self._sources(cells["from"]) if "from" in cells else ()
        if sources is None:  # what enters is not known, which was said
            sources, steps = (), None
        self.complete &= steps is not None
        at = named.span if named and named.text else whole
        self._above.add(name)
        self.rows.append(Row(layer=name, op=text, steps=steps, sources=sources, span=at))
        own = table is None or not table.inherited
        shapes = SHAPES if table is None or not table.resized else ()
        units = self._units.get(id(table.header), {}) if table is not None else {}
        self.cells.extend(self._printed({n: c for n, c in cells.items() if own or n in shapes}, units))

    def _sources(self, cell: s.Cell) -> tuple[str, ...] | None:
        """The rows that a cell of `from` names, or None where one of them is unknown, which is reported."""
        if cell.text in BLANK:
            return ()
        found: list[str] = []
        failed = False
        for match in re.finditer(r"[^,]+", cell.text):
            name, start = match[0].strip(), match.start() + len(match[0]) - len(match[0].lstrip())
            at = cell.span.within(start, start + len(name))
            spend(CELL, at)
            if self._above.count(name) > 1:
                self.report.add(ambiguous_source(at, name))
            elif name not in self._above and name != IN:
                self.report.add(unknown_source(at, name, self._above, below=name in self._names))
            found.append(name)
            failed |= self._above.count(name) != 1 and name != IN
        return None if failed else tuple(found)

    def _said(self, op: s.Cell, cells: dict[str, s.Cell]) -> str:
        """The layers of a row with what its other columns say of them: ``conv, kernel=3x3, channels=64 x 2``."""
        given = [f"{name}={cells[name].text}" for name in self._argument_columns(cells)]
        text = ", ".join([op.text, *given]) if ";" not in op.text else " ".join([op.text, *(f"({g})" for g in given)])
        times = cells.get("repeat")
        if times is None or times.text in BLANK:
            return text
        return f"[{text}] x {times.text}" if ";" in text else f"{text} x {times.text}"

    def _argument_columns(self, cells: dict[str, s.Cell]) -> list[str]:
        return [name for name, c in cells.items() if name not in self._fixed and name[0] != "?" and c.text not in BLANK]

    def _steps(self, op: s.Cell, cells: dict[str, s.Cell]) -> tuple[Step, ...] | None:
        columns = dict(self._given(cells))
        chain = parse_cell(op, "chain", self.report)
        if chain is None:
            return None
        steps = self.layers.chain(chain, columns)
        times = cells.get("repeat")
        if not times or times.text in BLANK or not steps:
            return steps
        expr = parse_cell(times, "expr", self.report)
        whole = self.layers.whole(expr) if expr else None
        return repeated(steps, whole, times.span, self.layers, self.layers.blocks) if whole else None

    def _given(self, cells: dict[str, s.Cell]) -> Iterator[tuple[str, s.Named]]:
        for name in self._argument_columns(cells):
            cell = cells[name]
            value = parse_cell(cell, "value", self.report)
            if value is not None:
                yield name, s.Named(cell.span, name, cell.span, value)

    def _printed(self, cells: dict[str, s.Cell], units: Mapping[str, str]) -> Iterator[Cell]:
        for name, cell in cells.items():
            if name in CHECKS and cell.text not in BLANK:
                figure = figure_of(cell, name, units.get(name, ""), self.report)
                if figure is not None:
                    yield Cell(row=len(self.rows) - 1, quantity=name, **figure._asdict(), span=cell.span)

    def _arguments(self, table: s.Table) -> set[str]:
        """The arguments of every layer and block that the table's cells name, by a look at their words alone."""
        blocks = self.layers.blocks
        words = _words((*table.rows, *table.whole))
        spend(SORTED * (len(words) + len(blocks.arguments)), table.span)
        found = (blocks.find(word) or find_op(word) for word in words)
        # A row that names no block, by a slip, would make its columns unknown as well.
        return {name for target in found for name in parameters_of(target)} | blocks.arguments

    def _numbered(self, steps: tuple[Step, ...] | None) -> str:
        """A name for a row that has none: its first layer or block with a number, ``conv2``."""
        op = next((self._named(step) for step in every_step(steps or ()) if isinstance(step, Apply | Instance)), "row")
        self._unnamed[op] = self._unnamed.get(op, 0) + 1
        return f"{op}{self._unnamed[op]}"

    def _named(self, step: Apply | Instance) -> str:
        return step.op if isinstance(step, Apply) else self.layers.blocks.built[step.block].name


def _words(rows: tuple[tuple[s.Cell, ...], ...]) -> frozenset[str]:
    """The first words of the steps in cells, of which some are layers and blocks."""
    steps = (part for row in rows for cell in row for part in cell.text.strip("[]").split(";"))
    return frozenset(part.strip(" [").split(",")[0].split(" ")[0] for part in steps) - {""}


def aligned(
    row: tuple[s.Cell, ...], columns: list[str], variants: Collection[str], report: Report
) -> dict[str, s.Cell] | None:
    """The cells of a row by column; one cell may stand for all variants."""
    spend(NAME * len(columns), row[0].span)
    spanned = [i for i, name in enumerate(columns) if name in variants]
    if len(spanned) > 1 and len(row) == len(columns) - len(spanned) + 1:
        first = spanned[0]
        row = row[:first] + (row[first],) * len(spanned) + row[first + 1 :]
    if len(row) != len(columns):
        spend(MISTAKE, row[0].span)
        report.add(say.wrong_cells(_whole(row), len(row), len(columns)))
        return None
    return dict(zip(columns, row, strict=True))


def _whole(row: tuple[s.Cell, ...]) -> Span:
    return row[0].span.to(row[-1].span)
