"""Tables to rows: columns by their kind, variants as columns with spanning cells, arguments, printed checks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import count

from archspec.budget import spend
from archspec.counting.quantities import CHECKS, SHAPES, readable
from archspec.diagnostics import Report
from archspec.elaborate import messages as say
from archspec.elaborate.block_messages import ambiguous_source, check_in_block, unknown_source
from archspec.elaborate.cells import BLANK, aligned, marked_figure, whole
from archspec.elaborate.headers import folded, header_of, with_unit
from archspec.elaborate.layers import Layers
from archspec.elaborate.like_messages import taken_out_and_needed
from archspec.elaborate.repeats import repeated
from archspec.elaborate.rows import Change, Entry
from archspec.elaborate.target import parameters_of
from archspec.elaborate.words import find_op, names_layers
from archspec.ir.network import Apply, Cell, Instance, Row, Step
from archspec.ir.node import IN
from archspec.ir.walking import every_step
from archspec.language import syntax as s
from archspec.language.parse import parse_cell
from archspec.naming import Names
from archspec.support.limits import CELL, ROW, SORTED

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
        """The printed figures of the rows."""
        self.taken_out: dict[str, s.Text] = {}
        """The rows of another network that this one is without."""
        self._family = frozenset(variants)
        self._fixed = {*FIXED, *CHECKS, *variants}
        """The columns that are no arguments of layers."""
        self._entries: list[Entry] = []
        self._unnamed: dict[str, int] = {}
        self._others: frozenset[str] = frozenset()
        """The names of the rows of another network, which one that is added cannot have by chance."""
        self._names: set[str] = set()
        """What stands in the first columns: the names of rows, also of those that are still to come."""

    def add(self, table: s.Table, gone: frozenset[str] = frozenset()) -> None:
        """Append the rows of a table; those whose names are ``gone`` are not read, as they are given anew or taken out.

        Without a header it has the columns `op`, or `layer` and `op`.
        """
        self._entries += self._read(table, gone)

    def change(self, changes: s.Changes, gone: frozenset[str]) -> None:
        """Do to the rows what a network does to those of another that it is like."""
        change = Change(self._entries, changes, self.report)
        self._others = frozenset(entry.name for entry in self._entries)
        self.taken_out |= change.taken_out
        self._entries = change.rows(lambda table: [*self._read(table, gone)])

    def close(self) -> None:
        """Note that no row is missing: each is in its place, so that what it takes by `from` is known."""
        above = Names()
        for entry in self._entries:
            if entry.row is None:
                continue
            sources = self._sources(entry, above) if entry.sources is not None else ()
            known = sources is not None  # else what enters is not known, which was said
            self.complete &= known and entry.row.steps is not None
            above.add(entry.name)
            self.rows.append(entry.row.replaced(sources=sources) if known else entry.row.replaced(steps=None))
            self.cells.extend(self._printed(entry))

    def _read(self, table: s.Table, gone: frozenset[str]) -> Iterator[Entry]:
        """The rows of a table."""
        self._names.update(row[0].text for row in table.rows)
        if table.header is None and table.rows and self._is_header(table.rows[0]):
            self.report.add(say.no_rule(whole(table.rows[0])))
            return
        if table.header is None:
            for row in table.rows:
                if len(row) == 2 and names_layers(row[0], self.layers):
                    self.report.add(say.layers_as_name(row[0].span, row[0].text, row[1].text))
                elif 1 <= len(row) <= 2:
                    yield self._row(row, dict(zip(("layer", "op")[-len(row) :], row, strict=True)), table, {}, gone)
                else:
                    self.report.add(say.cells_without_header(whole(row), len(row)))
            return
        columns, units = self._columns(table)
        for row in table.rows:
            cells = aligned(row, columns, self._family, self.report)
            self.complete &= cells is not None
            yield Entry(row[0].text, row[0]) if cells is None else self._row(row, cells, table, units, gone)

    def _is_header(self, row: tuple[s.Cell, ...]) -> bool:
        """Whether a row has the words of a header: `op`, or variants, unless only in its first cell, a name."""
        variants = [cell.text in self._family for cell in row]
        return any(cell.text == "op" for cell in row) or any(variants[1:]) or all(variants)

    def _columns(self, table: s.Table) -> tuple[list[str], dict[str, str]]:
        """The kind of each column by its header, and the units of those that have one.

        An unknown column is reported, and its cells are passed over.
        """
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
        if "op" not in names and not self._family & names.keys():
            self.report.add(say.no_op_column(whole(table.header)))
        return [*names], units

    def _row(
        self,
        row: tuple[s.Cell, ...],
        cells: dict[str, s.Cell],
        table: s.Table,
        units: Mapping[str, str],
        gone: frozenset[str],
    ) -> Entry:
        op = cells.get("op")
        named = cells.get("layer")
        if self.variant in cells:
            op = cells[self.variant]
        lacking = self.variant in cells and op is not None and op.text in BLANK
        if lacking or (named and named.text in gone):
            spend(ROW)  # without its place: this variant does not have the layer, or this network another one
            return Entry(named.text if named else "", row[0])
        spend(ROW, row[0].span)
        blank = op is not None and op.text in BLANK
        steps = () if blank else self._steps(op, cells) if op else None
        name = named.text if named and named.text else self._numbered(steps)
        if name in gone:
            return Entry(name, row[0])
        text = self._said(op, cells) if op else ""
        at = named.span if named and named.text else whole(tuple(cells.values()))
        shapes = SHAPES if not table.resized else ()
        printed = {n: c for n, c in cells.items() if n in CHECKS and (not table.inherited or n in shapes)}
        found = Row(layer=name, op=text, steps=steps, span=at)
        return Entry(name, row[0], found, cells.get("from"), printed, units)

    def _sources(self, entry: Entry, above: Names) -> tuple[str, ...] | None:
        """The rows that a cell of `from` names, or None where one of them is unknown, which is reported."""
        cell = entry.sources
        if cell is None or cell.text in BLANK:
            return ()
        found: list[str] = []
        failed = False
        for match in re.finditer(r"[^,]+", cell.text):
            name, start = match[0].strip(), match.start() + len(match[0]) - len(match[0].lstrip())
            at = cell.span.within(start, start + len(name))
            spend(CELL, at)
            if above.count(name) > 1:
                self.report.add(ambiguous_source(at, name))
            elif name not in above and name in self.taken_out:
                taken_out = self.taken_out[name]
                self.report.add(taken_out_and_needed(taken_out.span, name, f"the row `{entry.name}`", at))
            elif name not in above and name != IN:
                self.report.add(unknown_source(at, name, above, below=name in self._names))
            found.append(name)
            failed |= above.count(name) != 1 and name != IN
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

    def _printed(self, entry: Entry) -> Iterator[Cell]:
        """The printed figures of the row that was added last."""
        for name, cell in entry.printed.items():
            if cell.text not in BLANK:
                text, marked = marked_figure(cell.text)
                text = with_unit(text, entry.units.get(name, ""))
                if readable(name, text):
                    row = len(self.rows) - 1
                    yield Cell(row=row, quantity=name, printed=text, marked=marked, span=cell.span)
                else:
                    self.report.add(say.wrong_figure(cell.span, text, name))

    def _arguments(self, table: s.Table) -> set[str]:
        """The arguments of every layer and block that the table's cells name, by a look at their words alone."""
        blocks = self.layers.blocks
        words = _words(table.rows)
        spend(SORTED * (len(words) + len(blocks.arguments)), table.span)
        found = (blocks.find(word) or find_op(word) for word in words)
        # A row that names no block, by a slip, would make its columns unknown as well.
        return {name for target in found for name in parameters_of(target)} | blocks.arguments

    def _numbered(self, steps: tuple[Step, ...] | None) -> str:
        """A name for a row that has none: its first layer or block with a number, ``conv2``."""
        op = next((self._named(step) for step in every_step(steps or ()) if isinstance(step, Apply | Instance)), "row")
        number = next(n for n in count(self._unnamed.get(op, 0) + 1) if f"{op}{n}" not in self._others)
        self._unnamed[op] = number
        return f"{op}{number}"

    def _named(self, step: Apply | Instance) -> str:
        return step.op if isinstance(step, Apply) else self.layers.blocks.built[step.block].name


def _words(rows: tuple[tuple[s.Cell, ...], ...]) -> frozenset[str]:
    """The first words of the steps in cells, of which some are layers and blocks."""
    steps = (part for row in rows for cell in row for part in cell.text.strip("[]").split(";"))
    return frozenset(part.strip(" [").split(",")[0].split(" ")[0] for part in steps) - {""}
