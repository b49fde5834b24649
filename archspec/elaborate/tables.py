"""Tables to rows: columns by their kind, variants as columns with spanning cells, arguments, printed checks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from archspec.budget import spend
from archspec.counting.quantities import CHECKS, INPUT, SHAPES, readable
from archspec.diagnostics import Report, Span
from archspec.elaborate import messages as say
from archspec.elaborate.additions import Additions
from archspec.elaborate.block_messages import ambiguous_source, check_in_block, unknown_source
from archspec.elaborate.headers import BLANK, COLUMNS, FORM, folded, header_of, with_unit
from archspec.elaborate.layers import Layers
from archspec.elaborate.named_layers import NamedLayers, formed, labelled, unnumbered
from archspec.elaborate.printed import plainly, size_of_map
from archspec.elaborate.repeats import repeated
from archspec.elaborate.resolutions import Printed, followed
from archspec.elaborate.spanning import column_of, heads_of, of_variant, span_of
from archspec.elaborate.strides import Line, Strides, spelled
from archspec.elaborate.target import Target, name_of, parameters_of
from archspec.elaborate.totals import totals_in
from archspec.elaborate.words import find_op, find_printed, names_layers
from archspec.ir.network import Apply, Cell, Claim, Instance, Row, Step
from archspec.ir.node import IN
from archspec.ir.walking import every_step
from archspec.language import syntax as s
from archspec.language.parse import parse_cell
from archspec.naming import Names
from archspec.support.limits import CELL, MISTAKE, NAME, ROW, SORTED

RESOLUTION = "?resolution"
"""The column from which the strides of its rows follow."""
FIXED = ("layer", "op", "from", "repeat", FORM)
"""The columns whose meaning is their own."""


class Tables:
    """Collects the rows and printed cells of the tables of one network, for one variant."""

    def __init__(
        self,
        layers: Layers,
        variants: tuple[str, ...],
        variant: str | None,
        report: Report,
        block: bool = False,
        strides: Strides | None = None,
        additions: Additions | None = None,
    ) -> None:
        self.layers, self.variants, self.variant, self.report = layers, variants, variant, report
        self._additions = additions
        self._strides = strides
        """The strides that statements give to rows; those of blocks and heads get none."""
        self._block = block
        """Whether the rows are those of a block or a head, which have no printed figures."""
        self.complete = True
        """Whether every row could be understood."""
        self.rows: list[Row] = []
        self.cells: list[Cell] = []
        self.totals: list[Claim] = []
        """What rows of totals print of the whole network."""
        self._family = frozenset(variants)
        self._fixed = {*FIXED, *CHECKS, *variants}
        """The columns that are no arguments of layers."""
        self._above = Names()
        self._kinds: dict[tuple[int, int], list[str]] = {}
        """The columns of a table, which may come in as many pieces as it has rows."""
        self._units: dict[int, dict[str, str]] = {}
        """The units of columns, by the header of their table."""
        self._names_of: dict[int, dict[str, tuple[str, ...]]] = {}
        """The arguments that columns may be, by the header of their table."""
        self._open_names: dict[str, tuple[str, ...]] = {}
        """Those of the table that is read."""
        self._by_name: set[int] = set()
        """The headers of tables whose rows are called after their layers."""
        self._unnamed: dict[str, int] = {}
        self._names: set[str] = set()
        """What stands in the first columns: the names of rows, also of those that are still to come."""
        self._given_names: set[str] = set()
        """The names that rows are given, also those of other variants."""
        self._map: Span | None = None
        """The size of the map that the layers of the last row print: ``7x7 global average pool``."""
        self._place = 0
        """How many rows were read, those that this variant does not have among them."""
        self._checked: frozenset[int] = frozenset()
        """The places of rows whose resolution is a check."""

    def add_all(self, tables: Sequence[s.Table]) -> None:
        """Append the rows of all tables of layers, with the strides that statements give to them."""
        strides = self._strides
        if strides is not None and strides.column is not None:
            rows = [*self._resolutions(tables)]
            if strides.has_column(tables):
                strides.following, self._checked = followed(rows, strides.complain)
        for table in tables:
            self.add(table)
        for given in (strides, self._additions):
            if given is not None:
                given.complain_of_names(self._above, self._given_names)

    def _resolutions(self, tables: Sequence[s.Table]) -> Iterator[Printed]:
        """The rows that this variant has, each with what the column of resolutions says of it."""
        for place, cells in enumerate(cells for table in tables for cells in self._lines(table)):
            op, resolution = cells.get(self.variant or "op", cells.get("op")), cells.get(RESOLUTION)
            printed = resolution if resolution is not None and resolution.text not in BLANK else None
            absent = op is None or op.text in BLANK
            if absent and (printed is None or self.variant in cells):
                continue  # it holds no layer
            named = cells.get("layer", op)
            yield Printed(place, named.text if named else "", printed, resolution or next(iter(cells.values())))

    def add(self, table: s.Table) -> None:
        """Append the rows of a table; without a header it has the columns `op`, or `layer` and `op`."""
        self._names.update(row[0].text for row in table.rows)
        for cells in self._lines(table):
            self._row(cells, table, self._place)
            self._place += 1

    def _lines(self, table: s.Table) -> Iterator[dict[str, s.Cell]]:
        """The rows of a table, each as its cells by their columns."""
        if table.header is None and table.rows and self._is_header(table.rows[0]):
            self.report.add(say.no_rule(_whole(table.rows[0])))
            return
        if table.header is None:
            for row in table.rows:
                if len(row) == 2 and names_layers(row[0], self.layers):
                    self.report.add(say.layers_as_name(row[0].span, row[0].text, row[1].text))
                elif 1 <= len(row) <= 2:
                    yield dict(zip(("layer", "op")[-len(row) :], row, strict=True))
                else:
                    self.report.add(say.cells_without_header(_whole(row), len(row)))
            return
        key = id(table.header), id(table.whole or table.rows)
        if key not in self._kinds:
            self._kinds[key] = self._columns(table)
        columns = self._kinds[key]
        self._open_names = self._names_of[id(table.header)]
        named = NamedLayers(self.layers) if id(table.header) in self._by_name else None
        for row in table.rows:
            cells = aligned(row, columns, self._family, self.report) if columns else None
            self.complete &= cells is not None
            if cells is not None:
                cells = dict(of_variant(cells, self.variant)) if table.spanned else cells
                yield cells | self._layers_by_name(cells, named)

    def _layers_by_name(self, cells: dict[str, s.Cell], named: NamedLayers | None) -> dict[str, s.Cell]:
        """The layers of a row that is called after them, or its name where it is a layer with a label."""
        if named is not None:
            if not self._block and totals_in(cells["layer"], None, cells) is not None:
                return {}
            op = named.cell(cells["layer"])
            return {} if op is None else {"op": op}
        if "layer" in cells or "op" not in cells:
            return {}
        op = labelled(cells["op"], self.layers)
        return {} if op is None else {"op": op, "layer": cells["op"]}

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
        arguments_of: dict[str, tuple[str, ...]] = {}
        heads = heads_of(table, self._family, self.report)
        clear = whole = True
        for cell, variant in heads or ():
            if RESOLUTION not in names and self._strides is not None and self._strides.follow_from(cell):
                names[RESOLUTION] = None
                continue
            if (word := folded(cell.text)) in self.layers.ignored:
                self.layers.seen.add(word)
                names[f"?{len(names)}"] = None
                continue
            name, unit, others = header_of(cell.text, own, known)
            if self._block and name in CHECKS:
                self.report.add(check_in_block(cell.span, name))
                name = f"?{len(names)}"
            elif name not in known:
                self.report.add(say.unknown_column(cell.span, cell.text, known))
                name, clear = f"?{len(names)}", False
            elif (column := column_of(name, variant.text) if variant else name) in names or name in names:
                self.report.add(say.second_column(cell.span, name))
                name = f"?{len(names)}"
            names[name if name[0] == "?" else column] = None
            if unit:
                units[name] = unit
            if others:
                arguments_of[name] = others
        if "layer" not in names and len(names) > 1 and next(iter(names)) == "?0":
            names = dict.fromkeys(("layer", *list(names)[1:]))  # most likely the names of rows, which others name
        self._units[id(table.header)], self._names_of[id(table.header)] = units, arguments_of
        if heads and "op" not in names and not self._family & names.keys():
            if _has_arguments(names) and self._are_layers(table, [*names].index("layer")):
                self._by_name.add(id(table.header))
                whole = clear  # else an unknown column may be that of layers
            else:
                self.report.add(say.no_op_column(_whole(table.header)))
        unlisted = any(variant and variant.text not in self._family for _, variant in heads or ())
        return [*names] if whole and not unlisted else []

    def _are_layers(self, table: s.Table, column: int) -> bool:
        """Whether rows are called after their layers."""
        return NamedLayers(self.layers).any([row[column] for row in table.whole or table.rows if column < len(row)])

    def _row(self, cells: dict[str, s.Cell], table: s.Table, place: int) -> None:
        spend(ROW, next(iter(cells.values())).span)
        op, named = cells.get("op"), cells.get("layer")
        name = named.text if named else ""
        self._given_names.add(name)
        if self.variant in cells:
            op = cells[self.variant]
            if op.text in BLANK:
                return  # this variant does not have the layer
        totals = None if self._block else totals_in(named, op, cells)
        if totals is not None:
            self._total(totals, name, table)
            return
        if not name and op is not None and self._strides is not None:
            name, steps, stride = self._unnamed_row(op, cells, place)
        else:
            steps, stride = self._steps(op, cells, name, place) if op else (None, None)
            name = name or self._numbered(steps)
        text = self._said(op, cells, stride) if op and op.text not in BLANK else ""
        if self._map is not None and INPUT.name not in cells:
            cells = cells | {INPUT.name: s.Cell(self._map, self._map.text)}
        if place in self._checked:
            cells = cells | {INPUT.name: cells[RESOLUTION]}
        whole = _whole(tuple(cells.values()))
        sources = self._sources(cells["from"]) if "from" in cells else ()
        if sources is None:  # what enters is not known, which was said
            sources, steps = (), None
        self.complete &= steps is not None
        at = named.span if named and named.text else whole
        self._above.add(name)
        self.rows.append(Row(layer=name, op=text, steps=steps, sources=sources, span=at))
        own, shapes = not table.inherited, () if table.resized else SHAPES
        units = self._units.get(id(table.header), {})
        self.cells.extend(self._printed({n: c for n, c in cells.items() if own or n in shapes}, units))

    def _total(self, figures: list[tuple[str, s.Cell, str]], name: str, table: s.Table) -> None:
        """Keep figures of the whole network, unless they are those of another network, which this one is like."""
        if table.inherited:
            return
        units = self._units.get(id(table.header), {})
        for quantity, cell, unit in figures:
            text, marked = marked_figure(cell.text)
            text = with_unit(text, unit or units.get(quantity, ""))
            if readable(quantity, text):
                source = f"row {name}"
                claim = Claim(quantity=quantity, printed=text, marked=marked, source=source, span=cell.span)
                self.totals.append(claim)
            else:
                self.report.add(say.wrong_figure(cell.span, text, quantity))

    def _unnamed_row(
        self, op: s.Cell, cells: dict[str, s.Cell], place: int
    ) -> tuple[str, tuple[Step, ...] | None, s.Stride | None]:
        """The name of a row that has none, and its layers with what statements give to it by that name."""
        report, said = self.report, Report()
        self.report = self.layers.report = said
        steps, stride = self._steps(op, cells, "", place)
        self.report = self.layers.report = report
        name = self._numbered(steps, op)
        if self._is_given(name):
            return (name, *self._steps(op, cells, name, place))
        for diagnostic in said:
            report.add(diagnostic)
        return name, steps, stride

    def _is_given(self, name: str) -> bool:
        """Whether statements give anything to a row."""
        return any(given is not None and name in given for given in (self._strides, self._additions))

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

    def _said(self, op: s.Cell, cells: dict[str, s.Cell], stride: s.Stride | None) -> str:
        """The layers of a row with what its other columns say of them: ``conv, kernel=3x3, channels=64 x 2``."""
        given = [cells[FORM].text] if FORM in cells and cells[FORM].text not in BLANK else []
        given += [f"{name}={cells[name].text}" for name in self._argument_columns(cells)]
        if stride is not None:
            given.append(f"stride={spelled(stride.value)}")
        text = ", ".join([op.text, *given]) if ";" not in op.text else " ".join([op.text, *(f"({g})" for g in given)])
        times = cells.get("repeat")
        if times is None or times.text in BLANK:
            return text
        return f"[{text}] x {times.text}" if ";" in text else f"{text} x {times.text}"

    def _argument_columns(self, cells: dict[str, s.Cell]) -> list[str]:
        return [name for name, c in cells.items() if name not in self._fixed and name[0] != "?" and c.text not in BLANK]

    def _steps(
        self, op: s.Cell, cells: dict[str, s.Cell], name: str, place: int
    ) -> tuple[tuple[Step, ...] | None, s.Stride | None]:
        """The layers of a row, and the stride that a statement gives to it."""
        blank = op.text in BLANK
        columns = {} if blank else dict(self._given(cells))
        chain, stride = () if blank else parse_cell(op, "chain", self.report), None
        self._map = None
        chain = plainly(chain, self.layers, columns.keys()) if chain else chain
        if chain is None:
            return None, None
        columns = dict(self._fitted(columns, chain)) if self._open_names else columns
        if FORM in cells and cells[FORM].text not in BLANK and not blank:
            chain = formed(chain, cells[FORM], self.layers)
            if chain is None:
                return None, None
        if self._additions is not None:
            chain = self._additions.given(chain, name)
        chain, self._map = size_of_map(chain, self.layers)
        if self._strides is not None:
            chain, stride = self._strides.given(chain, Line(name or op.text, op, columns), place)
        steps = self.layers.chain(chain, columns)
        times = cells.get("repeat")
        if not times or times.text in BLANK or not steps:
            return steps, stride
        expr = parse_cell(times, "expr", self.report)
        whole = self.layers.whole(expr) if expr else None
        return repeated(steps, whole, times.span, self.layers, self.layers.blocks) if whole else None, stride

    def _given(self, cells: dict[str, s.Cell]) -> Iterator[tuple[str, s.Named]]:
        for name in self._argument_columns(cells):
            cell = cells[name]
            value = parse_cell(cell, "value", self.report)
            if value is not None:
                yield name, s.Named(cell.span, name, cell.span, value)

    def _fitted(self, columns: Mapping[str, s.Named], chain: s.Chain) -> Iterator[tuple[str, s.Named]]:
        """The arguments from columns, by the names that the layers of the row have for them."""
        taken = {name for step in chain for name in parameters_of(self.layers.target(step.unit))}
        for column, arg in columns.items():
            free = (name for name in self._open_names.get(column, ()) if name in taken and name not in columns)
            name = column if column in taken else next(free, column)
            yield name, arg.replaced(name=name)

    def _printed(self, cells: dict[str, s.Cell], units: Mapping[str, str]) -> Iterator[Cell]:
        for name, cell in cells.items():
            if name in CHECKS and cell.text not in BLANK:
                text, marked = marked_figure(cell.text)
                text = with_unit(text, units.get(name, ""))
                if readable(name, text):
                    row = len(self.rows) - 1
                    yield Cell(row=row, quantity=name, printed=text, marked=marked, span=cell.span)
                else:
                    self.report.add(say.wrong_figure(cell.span, text, name))

    def _arguments(self, table: s.Table) -> set[str]:
        """The arguments of every layer and block that the table's cells name, by a look at their words alone."""
        blocks = self.layers.blocks
        rows = (*table.rows, *table.whole)
        words = _words(rows)
        heads = {folded(cell.text) for cell in table.header or ()}
        if heads.isdisjoint({"op", *COLUMNS["op"]}):  # rows may be called after their layers
            words |= {unnumbered(word) for word in words} - {""}
        spend(SORTED * (len(words) + len(blocks.arguments)), table.span)
        found: list[Target | None] = [blocks.find(word) or find_op(word) for word in words]
        own = self.layers.scope.args
        found += [op for cell in self._cells_of_layers(table, rows) for op in find_printed(cell, own)]
        # A row that names no block, by a slip, would make its columns unknown as well.
        return {name for target in found for name in parameters_of(target)} | blocks.arguments

    def _cells_of_layers(self, table: s.Table, rows: Sequence[tuple[s.Cell, ...]]) -> Iterator[str]:
        """The texts of the cells that hold layers, by what their headers say without regard to arguments."""
        assert table.header is not None
        kinds = [header_of(cell.text, self._family, self._fixed).name for cell in table.header]
        places = [i for i, kind in enumerate(kinds) if kind == "op" or kind in self._family]
        for row in rows:
            yield from (row[i].text for i in places if i < len(row))

    def _numbered(self, steps: tuple[Step, ...] | None, cell: s.Cell | None = None) -> str:
        """A name for a row that has none: its first layer or block with a number, ``conv2``."""
        op = next((self._named(step) for step in every_step(steps or ()) if isinstance(step, Apply | Instance)), "row")
        if steps is None and cell is not None:
            op = self._first_of(cell) or op
        self._unnamed[op] = self._unnamed.get(op, 0) + 1
        return f"{op}{self._unnamed[op]}"

    def _first_of(self, cell: s.Cell) -> str | None:
        """What the first step of a cell names, where its layers could not be read."""
        chain = plainly(parse_cell(cell, "chain", Report()) or (), self.layers, report=Report())
        target = self.layers.target(chain[0].unit) if chain else None
        return name_of(target) if target is not None else None

    def _named(self, step: Apply | Instance) -> str:
        return step.op if isinstance(step, Apply) else self.layers.blocks.built[step.block].name


def _has_arguments(columns: Collection[str]) -> bool:
    """Whether a table says anything of the layers that its rows may be called after."""
    others = [name for name in columns if name[0] != "?" and name not in ("layer", "from", *CHECKS)]
    return "layer" in columns and bool(others)


def _words(rows: tuple[tuple[s.Cell, ...], ...]) -> frozenset[str]:
    """The first words of the steps in cells, of which some are layers and blocks."""
    steps = (part for row in rows for cell in row for part in cell.text.strip("[]").split(";"))
    return frozenset(part.strip(" [").split(",")[0].split(" ")[0] for part in steps) - {""}


def aligned(
    row: tuple[s.Cell, ...], columns: list[str], variants: Collection[str], report: Report
) -> dict[str, s.Cell] | None:
    """The cells of a row by column; one cell may stand for all variants below one header."""
    spend(NAME * len(columns), row[0].span)
    spans = [span_of(name, variants) for name in columns]
    kinds = {span for span in spans if span is not None}
    if len(row) < len(columns) and len(row) == spans.count(None) + len(kinds):
        firsts = [i for i, span in enumerate(spans) if span is None or spans.index(span) == i]
        stands = {spans[i] or i: cell for i, cell in zip(firsts, row, strict=True)}
        row = tuple(stands[span or i] for i, span in enumerate(spans))
    if len(row) != len(columns):
        spend(MISTAKE, row[0].span)
        report.add(say.wrong_cells(_whole(row), len(row), len(columns)))
        return None
    return dict(zip(columns, row, strict=True))


def marked_figure(text: str) -> tuple[str, bool]:
    """A printed figure without its mark, and whether it had one."""
    return (text[:-1].rstrip(), True) if text.endswith("!") else (text, False)


def _whole(row: tuple[s.Cell, ...]) -> Span:
    return row[0].span.to(row[-1].span)
